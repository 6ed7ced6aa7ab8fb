import { request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import { pipeline } from "node:stream/promises";
import type { Handler } from "./gate.ts";
import { passedOn } from "./headers.ts";

export interface UpstreamOptions {
  /** The API that is sold. It is our own, so it may well be in a private network. */
  readonly url: URL;
  /** Milliseconds of silence after which a call has failed. */
  readonly idleMs: number;
}

/** Passes calls on to an API that knows nothing of Parley. */
export function upstreamOf({ url, idleMs }: UpstreamOptions): Handler {
  const begin = url.protocol === "https:" ? requestTls : requestPlain;
  const base = url.pathname.replace(/\/+$/, "");
  return (request, response, path) =>
    new Promise((resolve, reject) => {
      const onward = begin({
        ...{ protocol: url.protocol, hostname: url.hostname.replace(/^\[(.*)\]$/, "$1"), port: url.port },
        ...{ path: `${base}${path.startsWith("/") ? path : `/${path}`}`, method: request.method, timeout: idleMs },
        headers: { ...passedOn(request.headers), host: url.host, ...bodyOf(request.headers) },
      });
      onward.once("timeout", () => onward.destroy(new Error(`nothing came for ${idleMs} ms`)));
      // More than one may come, and one that nobody hears ends the process.
      onward.on("error", reject);
      onward.once("response", (answer) => {
        const { "content-length": length } = answer.headers;
        response.writeHead(answer.statusCode ?? 502, {
          ...passedOn(answer.headers),
          ...(length === undefined ? {} : { "content-length": length }),
        });
        pipeline(answer, response).then(resolve, reject);
      });
      response.once("close", () => {
        if (!response.writableFinished) onward.destroy(new Error("the buyer hung up"));
      });
      request.pipe(onward);
    });
}

/** How long the body is, where there is one: it has to be known to whoever reads it. */
function bodyOf(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const { "content-length": length, "transfer-encoding": encoding } = headers;
  if (typeof length === "string") return { "content-length": length };
  return typeof encoding === "string" ? { "transfer-encoding": "chunked" } : {};
}
