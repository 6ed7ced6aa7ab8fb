import type { IncomingMessage } from "node:http";
import { type Clock, pause } from "../../../kernel/clock.ts";
import { messageOf, ParleyError } from "../../../kernel/errors.ts";
import { addressFor, type DealName } from "../http/deal-path.ts";
import { askOutward, type Introduce } from "../http/outward.ts";
import { REFUSED_HEADER } from "../http/server.ts";
import { CALL_HEADER, FIRST_FAILURE, passedOn } from "./headers.ts";

/** A call as an application makes it. */
export interface CallRequest {
  readonly method: string;
  /** With its query; it begins with a slash. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

export interface CallAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Uint8Array;
}

/** What came of a call: `BuyerMeter` counts it. */
export type CallResult =
  | { readonly what: "answered" | "cancelled"; readonly answer: CallAnswer; readonly error?: ParleyError }
  | { readonly what: "lost"; readonly error: ParleyError; readonly next?: number };

export interface MeterClientOptions {
  readonly url: string;
  readonly name: DealName;
  readonly allow: ReadonlySet<string>;
  readonly introduce: Introduce;
  readonly clock: Clock;
  /** Most bytes of an answer, which is held in memory. */
  readonly mostBytes: number;
  /** Milliseconds of silence, and for one try in all: a seller that only drips must not hold a call for ever. */
  readonly idleMs: number;
  readonly wholeMs?: number;
}

const WHOLE_MS = 15 * 60_000;

/** A call is tried so often under its number, each time after twice the pause: together some seconds. */
const [MOST_TRIES, FIRST_PAUSE_MS] = [8, 25];

/** So many tries that took longer than some seconds: who lets a call hang must not hold its place longer than who refuses it. */
const [MOST_SLOW_TRIES, SLOW_MS] = [2, 10_000];

/** A seller that counts on from further on only wants to end it. */
const MOST_NEXT = 2 ** 40;

interface Asked {
  readonly answer: CallAnswer;
  /** Why the gate did not serve it; null where the API answers. */
  readonly refusal: string | null;
}

interface Try {
  /** Null where it is worth another try under the same number; `error` is why, at last. */
  readonly result: CallResult | null;
  readonly error: ParleyError | null;
  readonly mayBeServed: boolean;
}

/** Makes calls on account of one deal. What its number did not come through with is tried again: the seller counts it once. */
export class MeterClient {
  readonly #options: MeterClientOptions;
  readonly #url: URL;

  constructor(options: MeterClientOptions) {
    this.#options = options;
    this.#url = addressFor(options.url, options.name);
  }

  async send(number: number, call: CallRequest): Promise<CallResult> {
    const { clock, idleMs } = this.#options;
    let [isDoubtful, slow] = [false, 0];
    for (let tries = 1; ; tries++) {
      const began = clock.now();
      const { result, error, mayBeServed } = await this.#try(number, call, isDoubtful);
      isDoubtful ||= mayBeServed;
      if (result !== null) return result;
      if (clock.now() - began >= Math.min(idleMs, SLOW_MS)) slow++;
      if (tries === MOST_TRIES || slow === MOST_SLOW_TRIES || error?.retryable === false) {
        const why = error ?? noReceipt(this.#url);
        return isDoubtful ? { what: "lost", error: why } : { what: "cancelled", answer: notSent(why), error: why };
      }
      await pause(clock, FIRST_PAUSE_MS * 2 ** (tries - 1));
    }
  }

  async #try(number: number, call: CallRequest, isDoubtful: boolean): Promise<Try> {
    let isSent = false;
    try {
      const { answer, refusal } = await this.#ask(number, call, () => {
        isSent = true;
      });
      const error = refusal === "TooManyCalls" ? gateFull(this.#url) : null;
      return { result: this.#judge(answer, refusal, isDoubtful), error, mayBeServed: false };
    } catch (thrown) {
      if (!(thrown instanceof ParleyError)) throw thrown;
      // Where nobody listens, nobody has counted it.
      return { result: null, error: thrown, mayBeServed: isSent && thrown.facts["refused"] !== true };
    }
  }

  #judge(answer: CallAnswer, refusal: string | null, isDoubtful: boolean): CallResult | null {
    if (refusal === null) return { what: answer.status < FIRST_FAILURE ? "answered" : "cancelled", answer };
    // A place is free once the gate knows of those that we gave up: we never have more under way than it has to serve.
    if (refusal === "ReceiptDue" || refusal === "TooManyCalls") return null;
    if (refusal === "CallRepeated") return { what: "lost", error: answerLost(this.#url), ...nextIn(answer) };
    // What a gate says last of all, when it has counted the call by then or not.
    if (refusal === "Unavailable") return null;
    return isDoubtful ? { what: "lost", error: answerLost(this.#url) } : { what: "cancelled", answer };
  }

  async #ask(number: number, { method, path, headers, body }: CallRequest, onSent: () => void): Promise<Asked> {
    const { allow, introduce, idleMs, wholeMs = WHOLE_MS, mostBytes } = this.#options;
    const url = new URL(this.#url.href + path);
    // A path such as /../.. must not lead to another deal, or beside all of them.
    if (!url.pathname.startsWith(this.#url.pathname)) throw badPath(path);
    const authorization = await introduce(this.#url.origin);
    onSent();
    const response = await askOutward(url, {
      ...{ allow, method, idleMs, body, signal: AbortSignal.timeout(wholeMs) },
      headers: {
        ...passedOn(headers),
        ...(body.length === 0 ? {} : { "content-length": body.length }),
        authorization,
        [CALL_HEADER]: String(number),
      },
    });
    response.setTimeout(idleMs, () => response.destroy(new Error(`nothing came for ${idleMs} ms`)));
    const status = response.statusCode ?? 0;
    const refusal = response.headers[REFUSED_HEADER];
    const answer = { status, headers: passedOn(response.headers), body: await this.#read(response, mostBytes) };
    return { answer, refusal: typeof refusal === "string" ? refusal : null };
  }

  async #read(response: IncomingMessage, mostBytes: number): Promise<Uint8Array> {
    const pieces: Buffer[] = [];
    let length = 0;
    try {
      for await (const piece of response as AsyncIterable<Buffer>) {
        length += piece.length;
        if (length > mostBytes) throw tooLarge(mostBytes);
        pieces.push(piece);
      }
    } catch (cause) {
      if (cause instanceof ParleyError) throw cause;
      throw new ParleyError("Interrupted", `${this.#url.origin} broke off its answer: ${messageOf(cause)}`, {
        hint: "whether the call was served isn't known; it is asked again under its number",
        retryable: true,
        cause,
      });
    }
    return Buffer.concat(pieces);
  }
}

/** The number that the seller's gate goes on from, where it tells one that can be meant. */
function nextIn({ body }: CallAnswer): { readonly next?: number } {
  if (body.length > 4_096) return {};
  try {
    const { next } = JSON.parse(Buffer.from(body).toString()) as { next?: unknown };
    return typeof next === "number" && Number.isSafeInteger(next) && next > 0 && next < MOST_NEXT ? { next } : {};
  } catch {
    return {};
  }
}

/** What our own application is told where the seller was never reached. */
function notSent({ code, message, hint }: ParleyError): CallAnswer {
  const body = Buffer.from(JSON.stringify({ code, message, hint }));
  return { status: 502, headers: { "content-type": "application/json" }, body };
}

function noReceipt(url: URL): ParleyError<"ReceiptUnheard"> {
  return new ParleyError("ReceiptUnheard", `${url.origin} serves no more before it has a receipt, which is under way`, {
    hint: "see whether the seller is connected, and call again",
    retryable: true,
  });
}

function gateFull(url: URL): ParleyError<"GateFull"> {
  return new ParleyError(
    "GateFull",
    `${url.origin} says that too many calls are under way, and we have no more than it has to serve`,
    {
      hint: "call again in a while; if others share this agent's keys, stop them",
      retryable: true,
    },
  );
}

function answerLost(url: URL): ParleyError<"CallLost"> {
  return new ParleyError("CallLost", `the answer of ${url.origin} to a call was lost on the way`, {
    hint: "call again; what was lost is paid for only up to one interval in all",
    retryable: true,
  });
}

function tooLarge(mostBytes: number): ParleyError<"AnswerTooLarge"> {
  return new ParleyError("AnswerTooLarge", `the answer is longer than the ${mostBytes} bytes that are taken`, {
    hint: "the terms of access say how long its answers may be; for metered calls raise `intake.mostCallBytes`",
    facts: { mostBytes },
  });
}

function badPath(path: string): ParleyError<"BadPath"> {
  return new ParleyError("BadPath", `'${path.slice(0, 100)}' leads out of what the deal is about`, {
    hint: "call a path below the deal's own",
  });
}
