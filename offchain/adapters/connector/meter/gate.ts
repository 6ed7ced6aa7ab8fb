import type { IncomingMessage, ServerResponse } from "node:http";
import { messageOf, ParleyError } from "../../../kernel/errors.ts";
import type { Authenticator } from "../../../ports/authenticator.ts";
import type { Admission, CallMeter } from "../../../ports/metering.ts";
import { climbs, dealIn } from "../http/deal-path.ts";
import { serveKnown } from "../http/places.ts";
import { type HttpListening, type ListenOptions, listenHttp, refuse, whoAsks } from "../http/server.ts";
import { buyersPart } from "./buyers-time.ts";
import { CALL_HEADER, FIRST_FAILURE, MOST_NUMBER } from "./headers.ts";

/** Answers a call that was admitted: `path` is what follows the deal. It may throw, or answer with 500 and more; then nobody pays. */
export type Handler = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>;

export interface GateOptions extends ListenOptions {
  readonly authenticator: Authenticator;
  readonly meter: CallMeter;
  readonly handler: Handler;
  /** Told of what went wrong on our side. */
  readonly onTrouble: (error: ParleyError) => void;
}

type Because = Exclude<Admission, { admitted: true }>["because"];

const STATUSES = {
  ...{ ReceiptDue: 402, CallRepeated: 409, TooManyCalls: 429, UsedUp: 410, UnknownDeal: 404 },
} as const satisfies Record<Because, number>;

const HINTS: Readonly<Record<Because, string>> = {
  ReceiptDue: "say a receipt over `due` in all, then call again",
  CallRepeated: "go on with the number `next`",
  TooManyCalls: "wait for the answer to one that is under way, then call again under the same number",
  UsedUp: "the price is used up, or the deal's time over: negotiate another one",
  UnknownDeal: "no such deal of yours is served here, or not yet",
};

const LATE_HINT = "the rest of the call was waited for in vain; it costs nothing: send it whole, under another number";

/** Stands before an API: lets a call through once it is known whose it is, and counted. */
export async function openGate(address: string, options: GateOptions): Promise<HttpListening> {
  const { onTrouble } = options;
  return await listenHttp(
    address,
    (request, response) => {
      answer(request, response, options).catch((thrown: unknown) => {
        refuse(response, 503, "Unavailable", "try again in a while, under the same number");
        onTrouble(thrown instanceof ParleyError ? thrown : gateFailed(thrown));
      });
    },
    options,
  );
}

async function answer(request: IncomingMessage, response: ServerResponse, options: GateOptions): Promise<void> {
  const { authenticator, meter, handler, onTrouble } = options;
  const agent = await whoAsks(request, authenticator).catch((thrown: unknown) => {
    if (thrown instanceof ParleyError && !thrown.retryable) return null;
    throw thrown;
  });
  if (agent === null)
    return refuse(response, 401, "Unauthenticated", "send a token of the buyer's agent for this address");
  const name = dealIn(request.url ?? "");
  const number = numberIn(request);
  if (name === null || number === null) {
    return refuse(response, 400, "Malformed", `call DEAL/TRANSCRIPT/PATH, with your count of calls in ${CALL_HEADER}`);
  }
  const { rest, ...deal } = name;
  // Before it is counted: what isn't sold costs nothing.
  if (climbs(rest)) return refuse(response, 400, "BadPath", "call a path below the deal's own, without `..` in it");
  const admission = await meter.admit({ ...deal, agent, number });
  if (!admission.admitted) return decline(response, admission);
  serveKnown(request, response);
  const buyers = buyersPart(request, response);
  try {
    await handler(request, response, rest === "" ? "/" : rest);
  } catch (thrown) {
    // Who hangs up has had the work done all the same.
    if (response.closed || request.socket.destroyed) return await admission.end("hungUp");
    if (buyers.isLate()) refuse(response, 502, "RequestLate", LATE_HINT);
    else {
      refuse(response, 502, "Failed", "the call failed here, and costs nothing; try again under another number");
      onTrouble(thrown instanceof ParleyError ? thrown : gateFailed(thrown));
    }
  }
  const failing = buyers.isLate() ? "late" : "failed";
  await admission.end(response.statusCode >= FIRST_FAILURE ? failing : "answered", buyers.waited());
}

function decline(response: ServerResponse, admission: Exclude<Admission, { admitted: true }>): void {
  const { because } = admission;
  const hint = HINTS[because];
  const status = STATUSES[because];
  if (because === "ReceiptDue") refuse(response, status, because, hint, { due: admission.due.toString() });
  else if (because === "CallRepeated") refuse(response, status, because, hint, { next: admission.next });
  else refuse(response, status, because, hint);
}

function numberIn({ headers }: IncomingMessage): number | null {
  const text = headers[CALL_HEADER];
  if (typeof text !== "string" || !/^[1-9][0-9]{0,14}$/.test(text)) return null;
  return Number(text) <= MOST_NUMBER ? Number(text) : null;
}

function gateFailed(cause: unknown): ParleyError<"CallFailed"> {
  return new ParleyError("CallFailed", `a call that was sold could not be served: ${messageOf(cause)}`, {
    hint: "see whether the API behind the meter runs",
    cause,
  });
}
