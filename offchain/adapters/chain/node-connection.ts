import { BaseError, createPublicClient, HttpRequestError, RpcRequestError, TimeoutError, webSocket } from "viem";
import { chainError } from "./errors.ts";
import { jsonRpc } from "./json-rpc.ts";
import type { Rpc } from "./rpc.ts";

const TIMEOUT_MS = 20_000;
/** How long after its end a WebSocket is opened again, in milliseconds. */
const RECONNECT_MS = 2_000;
/** Questions that go out in one HTTP request. */
const BATCH = 50;

/** A node by its bare methods. What is retried, and when, is decided by who asks. */
export interface NodeConnection {
  request<Result>(method: string, params: readonly unknown[]): Promise<Result>;
  /** Calls back at each new head until the returned function is called; absent where the node has to be asked. */
  readonly onHead?: (listener: () => void) => () => void;
  close(): Promise<void>;
}

/** Connects by HTTP, where questions of one moment share a request and so mostly a node, or by WebSocket. */
export function connectNode(url: string): NodeConnection {
  return /^wss?:/i.test(url) ? overWebSocket(url) : overHttp(url);
}

/** The nodes that an adapter reads by already; new heads are told by the WebSocket at `live`, where there is one. */
export function throughRpc({ reads }: Rpc, live: string | null): NodeConnection {
  const heads = live === null ? null : overWebSocket(live);
  return {
    request: (method, params) => reads.request({ method, params } as never),
    ...(heads?.onHead === undefined ? {} : { onHead: heads.onHead }),
    close: async () => heads?.close(),
  };
}

function overHttp(url: string): NodeConnection {
  const client = createPublicClient({ transport: jsonRpc(url, { batch: BATCH, timeoutMs: TIMEOUT_MS }) });
  return {
    request: (method, params) => client.request({ method, params } as never),
    close: async () => undefined,
  };
}

function overWebSocket(url: string): NodeConnection {
  const reconnect = { attempts: Number.POSITIVE_INFINITY, delay: RECONNECT_MS };
  const client = createPublicClient({ transport: webSocket(url, { retryCount: 0, timeout: TIMEOUT_MS, reconnect }) });
  return {
    request: (method, params) => client.request({ method, params } as never),
    onHead: (listener) => {
      // Without it one still asks now and then; a connection that comes back is subscribed again.
      const subscription = client.transport
        .subscribe({ params: ["newHeads"], onData: listener, onError: listener })
        .catch(() => null);
      return () => {
        subscription.then((active) => active?.unsubscribe()).catch(() => undefined);
      };
    },
    close: async () => {
      const socket = await client.transport.getRpcClient().catch(() => null);
      socket?.close();
    },
  };
}

/** HTTP statuses by which nodes and their gateways say that an answer would be too large or take too long. */
const TOO_MUCH: ReadonlySet<number | undefined> = new Set([400, 413, 504]);

/**
 * Whether a node said no to a range of blocks rather than being out of reach. Each kind of node has its own code and words for "too
 * many", so whatever it answers is taken for that.
 */
export function isRefusal(thrown: unknown): boolean {
  if (!(thrown instanceof BaseError)) return false;
  const cause = thrown.walk((one) => one instanceof RpcRequestError || one instanceof HttpRequestError);
  if (cause instanceof HttpRequestError) return TOO_MUCH.has(cause.status);
  return cause !== null || thrown.walk((one) => one instanceof TimeoutError) !== null;
}

/** Asks, and gives what goes wrong its name. */
export async function ask<Result>(doing: string, question: () => Promise<Result>): Promise<Result> {
  try {
    return await question();
  } catch (thrown) {
    throw chainError(thrown, doing);
  }
}
