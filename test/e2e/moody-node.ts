import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** What becomes of a request to the node. */
export type Mood =
  | "answer"
  /** It is done, but whoever asked never hears of it. */
  | "doAndHangUp"
  /** It never gets there. */
  | "hangUp"
  /** The node says that it can't. */
  | "refuse"
  /** A gateway hands it over, asks again, and passes on what the second answer says. */
  | "doTwice"
  /** The node believes that the nonce is used: it is on another branch. */
  | "nonceUsed"
  /** It counts one transaction more than there is, as from a block that is about to be taken back. */
  | "countAhead"
  /** It knows nothing of what waits to be included. */
  | "poolUnknown";

/** Stands between a program and a chain's node, and lets happen what happens on networks. */
export interface MoodyNode {
  readonly url: string;
  /** Decides for each request, by the methods in it. */
  mood: (methods: readonly string[]) => Mood;
  close(): Promise<void>;
}

export async function startMoodyNode(behind: string): Promise<MoodyNode> {
  const node: { mood: MoodyNode["mood"] } = { mood: () => "answer" };
  const server = createServer(async (request, response) => {
    const body = await read(request);
    const calls = [JSON.parse(body) as { method: string; id: number }].flat();
    const mood = node.mood(calls.map(({ method }) => method));
    if (mood === "hangUp") return response.destroy();
    if (mood === "refuse" || mood === "nonceUsed") {
      const error = { code: -32_005, message: mood === "refuse" ? "limit exceeded" : "nonce too low" };
      response.setHeader("content-type", "application/json");
      return response.end(JSON.stringify(calls.map(({ id }) => ({ jsonrpc: "2.0", id, error }))));
    }
    const question = mood === "poolUnknown" ? body.replaceAll('"pending"', '"latest"') : body;
    const hand = async () => {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(behind, { method: "POST", headers, body: question });
      return await answer.text();
    };
    const said = await hand()
      .then((first) => (mood === "doTwice" ? hand() : first))
      // What is behind may be gone by then, as at the end of a test.
      .catch(() => null);
    if (mood === "doAndHangUp" || said === null) return response.destroy();
    response.setHeader("content-type", "application/json");
    return response.end(mood === "countAhead" ? oneMore(said, calls) : said);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(node, {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

function oneMore(said: string, calls: readonly { method: string; id: number }[]): string {
  const answer = JSON.parse(said) as { id: number; result: string } | { id: number; result: string }[];
  for (const one of [answer].flat()) {
    const { method } = calls.find(({ id }) => id === one.id) ?? {};
    if (method === "eth_getTransactionCount") one.result = `0x${(Number(one.result) + 1).toString(16)}`;
  }
  return JSON.stringify(answer);
}

async function read(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}
