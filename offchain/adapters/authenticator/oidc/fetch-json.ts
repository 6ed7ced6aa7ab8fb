import { messageOf, ParleyError } from "../../../kernel/errors.ts";
import type { Json, JsonObject } from "../../../terms/canonical-json.ts";

/** How much of an answer is taken, and how long is waited for all of it. */
export interface FetchLimits {
  readonly timeoutMs: number;
  readonly mostBytes: number;
}

const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "[::1]", "localhost"]);

/** Checks an address to read keys from: whoever can change what comes from there can be anybody. */
export function checkAddress(text: string): URL {
  const url = URL.parse(text);
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.has(url.hostname));
  if (url !== null && isSafe && url.username === "" && url.password === "") return url;
  throw new ParleyError("BadIssuer", `'${text.slice(0, 200)}' is no address to trust keys from`, {
    hint: "use https, or http on this machine only, without a user in the address",
  });
}

/** Reads a JSON object from an address. It is not led elsewhere, neither in space nor in time. */
export async function fetchJson(url: URL, { timeoutMs, mostBytes }: FetchLimits): Promise<JsonObject> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, { redirect: "error", signal, headers: { accept: "application/json" } });
    if (!response.ok || response.body === null) throw new Error(`it answers with ${response.status}`);
    const value = JSON.parse(await readText(response.body, mostBytes)) as Json;
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return value as JsonObject;
    throw new Error("its answer is not a JSON object");
  } catch (cause) {
    throw new ParleyError("IssuerUnreachable", `${url.origin} gives no keys: ${messageOf(cause)}`, {
      hint: "see whether the issuer runs, and whether this machine reaches it",
      retryable: true,
      facts: { origin: url.origin },
      cause,
    });
  }
}

async function readText(body: AsyncIterable<Uint8Array>, mostBytes: number): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new Error(`its answer is longer than ${mostBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
