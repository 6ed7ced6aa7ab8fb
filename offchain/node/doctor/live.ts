import { ParleyError } from "../../kernel/errors.ts";
import type { AgentConfig } from "../agent-config.ts";
import { bad, type Finding, look, ok } from "./finding.ts";

const PATIENCE_MS = 10_000;

/** The node that is to tell of new blocks. */
export function lookAtLive({ live, deployment }: Pick<AgentConfig, "live" | "deployment">): Promise<Finding> {
  return look("live", async () => {
    if (live === null) return ok("no node tells of new blocks: the nodes are asked for them");
    const { host } = new URL(live);
    const chainId = await chainIdOver(live, host);
    if (chainId === deployment.chainId) return ok(`${host} answers, and is on the same chain`);
    return bad(
      `${host} is not on chain ${deployment.chainId} [WrongChain]`,
      "name a node of the chain of the contracts",
    );
  });
}

/**
 * Asks one question over a WebSocket. An agent's own connection comes back by itself for ever, and this one must not: whoever looks wants to
 * know how it is now.
 */
function chainIdOver(url: string, host: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const silent = () =>
    reject(
      new ParleyError("ChainUnreachable", `${host} does not answer`, {
        hint: "check `live`; without it the nodes of `rpc` are asked for new blocks, more often",
      }),
    );
  const socket = new WebSocket(url);
  const timer = setTimeout(silent, PATIENCE_MS);
  socket.addEventListener("open", () =>
    socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] })),
  );
  socket.addEventListener("message", ({ data }) => resolve(chainIdIn(data)));
  socket.addEventListener("error", silent);
  socket.addEventListener("close", silent);
  return promise.finally(() => {
    clearTimeout(timer);
    socket.close();
  });
}

/** NaN where it is no answer to that question. */
function chainIdIn(data: unknown): number {
  try {
    const { result } = JSON.parse(String(data)) as { readonly result?: unknown };
    return typeof result === "string" ? Number(result) : Number.NaN;
  } catch {
    return Number.NaN;
  }
}
