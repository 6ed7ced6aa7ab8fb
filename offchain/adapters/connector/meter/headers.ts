import { REFUSED_HEADER } from "../http/server.ts";

/** Carries the buyer's own count of its calls. */
export const CALL_HEADER = "parley-call";

/** From here on a status says that the server failed, and the call costs nothing. */
export const FIRST_FAILURE = 500;

/** The largest number of a call: what a log has room for. */
export const MOST_NUMBER = 2 ** 47;

/** Headers that are about one connection, or about us: they go no further. */
const OWN: ReadonlySet<string> = new Set([
  ...["connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer"],
  ...["transfer-encoding", "upgrade", "expect", "host", "content-length", "authorization", CALL_HEADER, REFUSED_HEADER],
]);

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** What is passed on of a message's headers. */
export function passedOn(headers: Headers): Record<string, string | string[]> {
  const named = String(headers["connection"] ?? "")
    .toLowerCase()
    .split(/\s*,\s*/);
  const passed = Object.entries(headers).filter(([name, value]) => {
    return value !== undefined && !OWN.has(name) && !named.includes(name);
  });
  return Object.fromEntries(passed) as Record<string, string | string[]>;
}
