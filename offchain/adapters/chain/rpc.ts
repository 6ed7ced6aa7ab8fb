import {
  type Chain as ChainDefinition,
  createPublicClient,
  createTransport,
  defineChain,
  type EIP1193RequestFn,
  type PublicClient,
  RpcRequestError,
  type Transport,
} from "viem";
import type { Hex } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import { chainError } from "./errors.ts";
import { jsonRpc } from "./json-rpc.ts";

/** A node of a chain that was reached and said which chain it is. */
export interface Rpc {
  readonly url: string;
  readonly chainId: number;
  readonly reads: PublicClient<Transport, ChainDefinition>;
  /** Hands a signed transaction to one node, once: a second try would blur what its answer means. */
  submit(raw: Hex): Promise<void>;
}

/** How long a node may take to answer. */
const TIMEOUT_MS = 20_000;

/** Most questions that share a request. */
const BATCH = 1_000;

/** How often a question is asked again, besides once for each other node. */
const RETRIES = 2;

/**
 * Connects to a chain by one node or several, all of which have to be of the same chain. While one does not answer, the next is
 * asked; at least one has to answer now.
 */
export async function connectRpc(urls: string | readonly string[]): Promise<Rpc> {
  const list = typeof urls === "string" ? [urls] : urls;
  const [chainId, url] = await commonChain(list);
  const chain = chainOf(chainId, url);
  const transport = failover(
    list.map((one) => jsonRpc(one, { batch: BATCH, timeoutMs: TIMEOUT_MS })),
    chainId,
  );
  const reads = createPublicClient({ chain, transport, batch: { multicall: { deployless: true } } });
  const submitters = list.map((one) =>
    createPublicClient({ chain, transport: jsonRpc(one, { batch: 1, timeoutMs: TIMEOUT_MS }) }),
  );
  let turn = 0;
  return {
    ...{ url, chainId, reads },
    submit: async (raw) => {
      // Where one fails the next is handed it the next time.
      const submitter = submitters[turn % submitters.length];
      await submitter?.sendRawTransaction({ serializedTransaction: raw }).catch((thrown: unknown) => {
        turn++;
        throw thrown;
      });
    },
  };
}

/**
 * Asks the node that answered last; where it doesn't any more, or says that it can't, the next one. Each says first which chain it is of,
 * again after it was away.
 */
function failover(nodes: readonly Transport[], chainId: number): Transport {
  return (options) => {
    const transports = nodes.map((node) => node(options));
    const checked = new Map<number, Promise<void>>();
    let turn = 0;
    const check = async (place: number, request: EIP1193RequestFn): Promise<void> => {
      const answer = Number(await request({ method: "eth_chainId" }));
      if (answer === chainId) return;
      throw new ParleyError("WrongChain", `node ${place + 1} is on chain ${answer}, not on ${chainId}`, {
        hint: "name nodes of one chain only",
      });
    };
    return createTransport({
      ...{ key: "failover", name: "Failover", type: "failover", retryCount: RETRIES + nodes.length - 1 },
      // What it resolves with is up to what was asked: no signature of ours could say it.
      request: (async (asked: Parameters<EIP1193RequestFn>[0]) => {
        const current = turn;
        const place = current % transports.length;
        const transport = transports[place];
        if (transport === undefined) throw new ParleyError("NoNode", "no node of the chain is named");
        try {
          const request = transport.request as EIP1193RequestFn;
          const right = checked.get(place) ?? check(place, request);
          checked.set(place, right);
          await right;
          return await transport.request(asked);
        } catch (thrown) {
          if (!isAnswer(thrown)) checked.delete(place);
          // Whoever asked at the same time may have moved on already.
          if (turn === current && !isAnswer(thrown)) turn++;
          throw thrown;
        }
      }) as EIP1193RequestFn,
    });
  };
}

/** Whether it is what any node would say, as that a call reverts. */
function isAnswer(thrown: unknown): boolean {
  return thrown instanceof RpcRequestError && (thrown.code === 3 || thrown.code === -32_000);
}

async function commonChain(urls: readonly string[]): Promise<readonly [chainId: number, url: string]> {
  const asked = await Promise.allSettled(
    urls.map((url) =>
      createPublicClient({ transport: jsonRpc(url, { batch: 1, timeoutMs: TIMEOUT_MS, retries: 2 }) }).getChainId(),
    ),
  );
  const answers = asked.flatMap((one, place) =>
    one.status === "fulfilled" ? [[one.value, urls[place] ?? ""] as const] : [],
  );
  const [first] = answers;
  if (first === undefined) {
    const [failed] = asked;
    throw chainError(
      failed?.status === "rejected" ? failed.reason : null,
      `connecting to ${urls.map(hostOf).join(", ")}`,
    );
  }
  const other = answers.find(([chainId]) => chainId !== first[0]);
  if (other === undefined) return first;
  throw new ParleyError(
    "WrongChain",
    `${hostOf(first[1])} is on chain ${first[0]}, ${hostOf(other[1])} on ${other[0]}`,
    {
      hint: "name nodes of one chain only",
    },
  );
}

/** Addresses of nodes may hold a secret in their path. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "the chain's node";
}

function chainOf(id: number, url: string): ChainDefinition {
  const nativeCurrency = { name: "Ether", symbol: "ETH", decimals: 18 };
  return defineChain({ id, name: `chain ${id}`, nativeCurrency, rpcUrls: { default: { http: [url] } } });
}
