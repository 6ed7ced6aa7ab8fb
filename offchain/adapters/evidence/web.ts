import { request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import { messageOf, ParleyError } from "../../kernel/errors.ts";
import type { FetchLimits } from "../../ports/evidence-source.ts";
import { isPrivateAddress, lookupPublic, PrivateAddress } from "../outward/public-addresses.ts";

/** Reads a file over HTTPS: so many bytes, within so much time, and from there only. It follows no redirection. */
export async function fetchWeb(url: URL, limits: FetchLimits, allowPrivate: boolean): Promise<Uint8Array> {
  if (url.protocol !== "https:" && !(allowPrivate && url.protocol === "http:")) {
    throw refused(url, "is not read without TLS");
  }
  if (url.username !== "" || url.password !== "") throw refused(url, "names a user");
  // Of an address in numbers nothing is looked up.
  if (!allowPrivate && isPrivateAddress(url.hostname)) throw leadsInside(url);
  try {
    return await get(url, limits, allowPrivate);
  } catch (thrown) {
    if (thrown instanceof ParleyError) throw thrown;
    if (thrown instanceof PrivateAddress) throw leadsInside(url);
    throw new ParleyError("EvidenceUnreachable", `${url.origin} gives no evidence: ${messageOf(thrown)}`, {
      hint: "try again later, or get the file from who filed it and give it by hand",
      retryable: true,
      cause: thrown,
    });
  }
}

function get(url: URL, { mostBytes, timeoutMs }: FetchLimits, allowPrivate: boolean): Promise<Uint8Array> {
  const request = url.protocol === "https:" ? requestSecure : requestPlain;
  const options = {
    // One connection for each file: a kept one could belong to a name that was looked up otherwise.
    agent: false,
    signal: AbortSignal.timeout(timeoutMs),
    headers: { accept: "application/json, application/octet-stream;q=0.9, */*;q=0.1", "accept-encoding": "identity" },
    ...(allowPrivate ? {} : { lookup: lookupPublic }),
  } as const;
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      reject(error);
      asked.destroy();
    };
    const asked = request(url, options, (response) => {
      const status = response.statusCode ?? 0;
      if (status >= 300 && status < 400)
        return fail(refused(url, "leads elsewhere; name the address that it leads to"));
      if (status !== 200) return fail(new Error(`it answers with ${status}`));
      const pieces: Uint8Array[] = [];
      let bytes = 0;
      response.on("data", (piece: Uint8Array) => {
        bytes += piece.length;
        if (bytes > mostBytes) fail(refused(url, `is longer than the ${mostBytes} bytes that are read`));
        else pieces.push(piece);
      });
      response.once("error", reject);
      // Of a connection that breaks off there is an end of neither kind.
      response.once("close", () => reject(new Error("it broke off in the middle")));
      response.once("end", () => resolve(new Uint8Array(Buffer.concat(pieces))));
    });
    // More than one may come, and one that nobody hears ends the process.
    asked.on("error", reject);
    asked.once("upgrade", (_response, socket) => {
      socket.destroy();
      reject(new Error("it changes to another protocol"));
    });
    // Whatever else there is that is neither an answer nor an error: it ends with this.
    asked.once("close", () => reject(new Error("it ended without an answer")));
    asked.end();
  });
}

function leadsInside({ host }: URL): ParleyError<"EvidenceRefused"> {
  return new ParleyError("EvidenceRefused", `${host} is an address inside a network, which evidence must not lead to`, {
    hint: "have it filed under an address that everybody reaches, or get the file and give it by hand",
  });
}

function refused(url: URL, what: string): ParleyError<"EvidenceRefused"> {
  return new ParleyError("EvidenceRefused", `${url.origin}${url.pathname.slice(0, 100)} ${what}`, {
    hint: "have it filed again under an address that can be followed, or get the file and give it by hand",
  });
}
