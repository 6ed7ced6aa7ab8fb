import type { IncomingMessage, ServerResponse } from "node:http";
import { isHex } from "../../../kernel/bytes.ts";
import { messageOf, ParleyError } from "../../../kernel/errors.ts";
import type { AgentId, Bytes32 } from "../../../kernel/ids.ts";
import type { Authenticator } from "../../../ports/authenticator.ts";
import { serveKnown } from "../http/places.ts";
import { type HttpListening, type ListenOptions, listenHttp, refuse, whoAsks } from "../http/server.ts";
import { decodeExchange, encodeExchange, MOST_EXCHANGE_BYTES } from "./exchange.ts";

/** Requests of one agent that are looked at together; an honest one has one under way. */
const MOST_AT_ONCE = 4;

/** Milliseconds for a request to come in whole. */
const REQUEST_MS = 20_000;

export interface AccountServerOptions extends ListenOptions {
  readonly authenticator: Authenticator;
  /** Whether an agent has an account with us: where it has none, nothing that it sends is read. */
  readonly knows: (account: Bytes32, agent: AgentId) => boolean;
  /** Takes what an agent says about an account, and gives what is to be answered; null where it has no such account with us. */
  readonly hear: (account: Bytes32, agent: AgentId, messages: readonly string[]) => Promise<readonly string[] | null>;
  /** Told of what went wrong on our side. */
  readonly onTrouble: (error: ParleyError) => void;
}

/** Serves our side of running accounts: each to the other agent that it is with, and to nobody else. */
export async function serveAccounts(address: string, options: AccountServerOptions): Promise<HttpListening> {
  const busy = new Map<AgentId, number>();
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response, options, busy).catch((thrown: unknown) => fail(response, thrown, options));
  };
  return await listenHttp(address, onRequest, { requestMs: REQUEST_MS, ...options });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: AccountServerOptions,
  busy: Map<AgentId, number>,
): Promise<void> {
  if (request.method !== "POST") return refuse(response, 405, "MethodNotAllowed", "accounts are kept with POST");
  // Nothing that a stranger sends is read.
  const agent = await identify(request, options.authenticator);
  if (agent === null) return refuse(response, 401, "Unauthenticated", "send a token of your agent for this address");
  const account = accountIn(request.url ?? "");
  // Whether there is such an account is its two sides' business.
  if (account === null || !options.knows(account, agent)) return refuseUnknown(response);
  const under = busy.get(agent) ?? 0;
  if (under >= MOST_AT_ONCE) return refuse(response, 429, "TooManyRequests", "wait for the answers before you go on");
  busy.set(agent, under + 1);
  serveKnown(request, response);
  try {
    await exchange(request, response, { account, agent, hear: options.hear });
  } finally {
    const left = (busy.get(agent) ?? 1) - 1;
    if (left === 0) busy.delete(agent);
    else busy.set(agent, left);
  }
}

async function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  { account, agent, hear }: Pick<AccountServerOptions, "hear"> & { account: Bytes32; agent: AgentId },
): Promise<void> {
  const body = await bodyOf(request);
  if (body === null) return refuse(response, 413, "Oversized", `send at most ${MOST_EXCHANGE_BYTES} bytes`);
  try {
    const answers = await hear(account, agent, decodeExchange(body));
    if (answers === null) return refuseUnknown(response);
    const bytes = encodeExchange(answers);
    response.writeHead(200, {
      "content-type": "application/json",
      "content-length": bytes.length,
      "cache-control": "no-store",
    });
    response.end(bytes);
  } catch (thrown) {
    if (!(thrown instanceof ParleyError) || thrown.retryable) throw thrown;
    const status = thrown.code === "Malformed" ? 400 : 422;
    refuse(response, status, thrown.code, thrown.message.slice(0, 500));
  }
}

function refuseUnknown(response: ServerResponse): void {
  refuse(response, 404, "UnknownAccount", "no such account is kept with you here: name one of yours in the path");
}

async function identify(request: IncomingMessage, authenticator: Authenticator): Promise<AgentId | null> {
  try {
    return await whoAsks(request, authenticator);
  } catch (thrown) {
    if (thrown instanceof ParleyError && !thrown.retryable) return null;
    throw thrown;
  }
}

/** Null where it is too long. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array | null> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    // The rest is let go by unread, so that the refusal is heard.
    if (length <= MOST_EXCHANGE_BYTES) pieces.push(piece);
    else if (length > 4 * MOST_EXCHANGE_BYTES) break;
  }
  return length > MOST_EXCHANGE_BYTES ? null : Buffer.concat(pieces);
}

/** The account that a path ends with; null where it names none. */
function accountIn(path: string): Bytes32 | null {
  const [, name] = /\/(0x[0-9a-f]{64})$/.exec(path.split("?", 1)[0] ?? "") ?? [];
  return isHex(name, 32) ? (name as Bytes32) : null;
}

function fail(response: ServerResponse, thrown: unknown, { onTrouble }: AccountServerOptions): void {
  const isGone = (thrown as { code?: unknown } | null)?.code === "ECONNRESET";
  refuse(response, 503, "Unavailable", "try again in a while");
  if (isGone) return;
  onTrouble(thrown instanceof ParleyError ? thrown : notHeard(thrown));
}

function notHeard(cause: unknown): ParleyError<"AccountUnavailable"> {
  return new ParleyError("AccountUnavailable", `what came for an account can't be taken: ${messageOf(cause)}`, {
    hint: "mend what the message says; the other side tries again",
    retryable: true,
    cause,
  });
}
