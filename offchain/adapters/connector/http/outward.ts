import { type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders, request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import { messageOf, ParleyError } from "../../../kernel/errors.ts";
import { isPrivateAddress, lookupPublic } from "../../outward/public-addresses.ts";

/** Shows a server who we are: the `Authorization` header for that audience. */
export type Introduce = (audience: string) => Promise<string>;

export interface OutwardOptions {
  /**
   * Origins that may be reached whatever they are. Any other is reached by https only, and never where it leads into a private
   * network: the addresses in terms were written by the other side.
   */
  readonly allow: ReadonlySet<string>;
  readonly method?: string;
  readonly headers: OutgoingHttpHeaders;
  /** Milliseconds of silence after which the connection is given up. */
  readonly idleMs: number;
  readonly signal?: AbortSignal;
  readonly body?: Uint8Array;
}

/** Sends a request to an address from signed terms. Redirects are answers like any other: nothing follows them. */
export function askOutward(url: URL, options: OutwardOptions): Promise<IncomingMessage> {
  const { allow, method = "GET", headers, idleMs, signal, body } = options;
  requireAllowed(url, allow);
  const isTrusted = allow.has(url.origin);
  return new Promise((resolve, reject) => {
    const begin = url.protocol === "https:" ? requestTls : requestPlain;
    const request: ClientRequest = begin(url, {
      ...{ method, headers, timeout: idleMs, ...(signal === undefined ? {} : { signal }) },
      ...(isTrusted ? {} : { lookup: lookupPublic }),
    });
    request.once("response", resolve);
    request.once("timeout", () => request.destroy(new Error(`nothing came for ${idleMs} ms`)));
    // More than one may come, and one that nobody hears ends the process.
    request.on("error", (cause) => reject(unreachable(url, cause)));
    // Nothing here was asked to speak another protocol; whoever changes to one answers with nothing else.
    request.once("upgrade", ({ statusCode }, socket) => {
      socket.destroy();
      reject(notServed(url, statusCode));
    });
    // Whatever else there is that is neither an answer nor an error: it ends with this.
    request.once("close", () => reject(unreachable(url, new Error("the connection ended without an answer"))));
    request.end(body);
  });
}

/** Throws unless the address may be asked at all. */
function requireAllowed(url: URL, allow: ReadonlySet<string>): void {
  const hasUser = url.username !== "" || url.password !== "";
  if (!hasUser && allow.has(url.origin)) return;
  if (!hasUser && url.protocol === "https:" && !isPrivateAddress(url.hostname)) return;
  throw new ParleyError("AddressRefused", `${url.origin} is not an address that is asked from here`, {
    hint: "name its origin in `intake.allow` if it is meant; others are asked by https only, and outside private networks",
    facts: { origin: url.origin },
  });
}

/** The seller is there, and answers with something else than what was asked for. */
export function notServed({ origin }: URL, status = 0): ParleyError<"NotServed"> {
  return new ParleyError("NotServed", `${origin} answers with ${status} where what was bought should be`, {
    hint: "the seller may not be ready yet: it is tried again",
    retryable: true,
    facts: { origin, status },
  });
}

function unreachable(url: URL, cause: unknown): ParleyError<"SellerUnreachable"> {
  const { code } = cause as { code?: unknown };
  return new ParleyError("SellerUnreachable", `${url.origin} gives no answer: ${messageOf(cause)}`, {
    hint: "it is tried again; see whether this machine reaches it",
    retryable: true,
    facts: { origin: url.origin, refused: code === "ECONNREFUSED" },
    cause,
  });
}
