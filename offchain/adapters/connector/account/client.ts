import type { IncomingMessage } from "node:http";
import { messageOf, ParleyError } from "../../../kernel/errors.ts";
import type { Bytes32 } from "../../../kernel/ids.ts";
import { askOutward, type Introduce } from "../http/outward.ts";
import { REFUSED_HEADER } from "../http/server.ts";
import { decodeExchange, encodeExchange, MOST_EXCHANGE_BYTES } from "./exchange.ts";

export interface AccountClientOptions {
  /** Where the other side's accounts are reached. It is from our own configuration, so it may be any address. */
  readonly url: string;
  readonly introduce: Introduce;
  /** Milliseconds of silence, and for one exchange in all. */
  readonly idleMs?: number;
  readonly wholeMs?: number;
}

const [IDLE_MS, WHOLE_MS] = [10_000, 30_000];

/** Reaches the other side of running accounts. Whoever uses it tries again: what is lost is asked for once more. */
export class AccountClient {
  readonly #options: AccountClientOptions;

  constructor(options: AccountClientOptions) {
    this.#options = options;
  }

  /** Says something about an account, and resolves with what the other side answers. */
  async exchange(account: Bytes32, messages: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    const { url: base, introduce, idleMs = IDLE_MS, wholeMs = WHOLE_MS } = this.#options;
    const url = new URL(`${base.replace(/\/+$/, "")}/${account}`);
    const body = encodeExchange(messages);
    const asked = askOutward(url, {
      ...{ allow: new Set([url.origin]), method: "POST", idleMs, body },
      signal: AbortSignal.any([signal, AbortSignal.timeout(wholeMs)]),
      headers: {
        authorization: await introduce(url.origin),
        "content-type": "application/json",
        "content-length": body.length,
      },
    });
    const response = await asked.catch((thrown: unknown) => {
      throw unreachable(url, thrown);
    });
    const answer = await read(response, url);
    if (response.statusCode === 200) return decode(answer, url);
    const refusal = response.headers[REFUSED_HEADER];
    throw refused(account, url, response.statusCode ?? 0, typeof refusal === "string" ? refusal : null);
  }
}

/** Not the seller's name: either side of an account calls the other. */
function unreachable({ origin }: URL, thrown: unknown): unknown {
  if (!(thrown instanceof ParleyError) || thrown.code !== "SellerUnreachable") return thrown;
  return new ParleyError("AccountUnreachable", thrown.message, {
    hint: "it is tried again; see whether the other agent runs, and whether `accounts.with` has the `url` where its accounts are reached",
    retryable: true,
    facts: { origin },
    cause: thrown.cause,
  });
}

function decode(answer: Uint8Array, { origin }: URL): readonly string[] {
  try {
    return decodeExchange(answer);
  } catch (cause) {
    throw new ParleyError(
      "AccountRefused",
      `${origin} answers with something else than an account: ${messageOf(cause)}`,
      {
        hint: "it is tried again; see whether `accounts.with` has the `url` where the other agent's accounts are reached",
        retryable: true,
        facts: { origin },
        cause,
      },
    );
  }
}

async function read(response: IncomingMessage, { origin }: URL): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of response as AsyncIterable<Buffer>) {
      length += piece.length;
      if (length > MOST_EXCHANGE_BYTES) throw new Error(`it is longer than ${MOST_EXCHANGE_BYTES} bytes`);
      pieces.push(piece);
    }
  } catch (cause) {
    throw new ParleyError("Interrupted", `the answer of ${origin} broke off: ${messageOf(cause)}`, {
      hint: "it is asked again",
      retryable: true,
      cause,
    });
  }
  return Buffer.concat(pieces);
}

function refused(account: Bytes32, { origin }: URL, status: number, refusal: string | null): ParleyError {
  const facts = { origin, account, status };
  if (refusal === "UnknownAccount") {
    return new ParleyError("UnknownAccount", `${origin} keeps no account ${account} with us`, {
      hint: "both sides have to configure the same token, salt and credit of either, and their agents' ids; it is tried again",
      retryable: true,
      facts,
    });
  }
  return new ParleyError("AccountRefused", `${origin} answers with ${status}${refusal === null ? "" : ` ${refusal}`}`, {
    hint: "it is tried again; the other side's events say what it doesn't take",
    retryable: true,
    facts,
  });
}
