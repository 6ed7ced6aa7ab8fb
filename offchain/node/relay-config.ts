import type { BatchOptions } from "../adapters/chain/batch-relay.ts";
import { messageOf, ParleyError } from "../kernel/errors.ts";
import type { Deployment } from "../ports/chain.ts";
import type { Json } from "../terms/canonical-json.ts";
import { JsonReader } from "../terms/json-reader.ts";
import { readDeployment } from "../transcript/evidence/deployment.ts";
import { readTls, type TlsConfig } from "./admission.ts";
import { readBatch } from "./batch-config.ts";
import { MOST_CONFIG_BYTES, readBounded } from "./bounded-file.ts";
import { isLoopback } from "./loopback.ts";

/** All that a relay is told. */
export interface RelayConfig {
  readonly rpc: string;
  readonly deployment: Deployment;
  /** File with the key whose coin pays for the gas. */
  readonly keys: string;
  /** SQLite file with what was signed, so that nothing is sent twice. */
  readonly journal: string;
  readonly listen: string;
  readonly tls: TlsConfig | null;
  readonly batch: BatchOptions;
  /** Most agreements under way; who comes then is asked to come again. */
  readonly mostWaiting: number;
  /** Most requests of one address in a minute. */
  readonly perMinute: number;
}

const [USUAL_WAITING, USUAL_PER_MINUTE] = [1_000, 120];

export function readRelayConfig(file: string): RelayConfig {
  try {
    return parseRelayConfig(JSON.parse(readBounded(file, MOST_CONFIG_BYTES)) as Json);
  } catch (cause) {
    throw new ParleyError("BadConfig", `the configuration ${file} can't be used: ${messageOf(cause)}`, {
      hint: hintOf(cause) ?? "`parley relay --help` shows a complete example",
      cause,
    });
  }
}

function hintOf(cause: unknown): string | undefined {
  return cause instanceof ParleyError ? cause.hint : undefined;
}

export function parseRelayConfig(content: Json): RelayConfig {
  const reader = new JsonReader(content, "");
  const count = (name: string, otherwise: number) =>
    reader.has(name) ? reader.integer(name, 1, 1_000_000) : otherwise;
  const config: RelayConfig = {
    rpc: reader.text("rpc", 2_048),
    deployment: readDeployment(reader.object("deployment")),
    keys: reader.text("keys", 4_096),
    journal: reader.text("journal", 4_096),
    listen: reader.text("listen", 2_048),
    tls: reader.has("tls") ? readTls(reader.object("tls")) : null,
    batch: readBatch(reader.object("batch")),
    mostWaiting: count("mostWaiting", USUAL_WAITING),
    perMinute: count("perMinute", USUAL_PER_MINUTE),
  };
  reader.end();
  requireUrl(config.rpc, "rpc", ["http:", "https:"]);
  requireUrl(config.listen, "listen", [config.tls === null ? "http:" : "https:"]);
  // What a transaction was signed for must outlive the process.
  if (config.journal === ":memory:") throw new ParleyError("Malformed", "'journal' must be a file");
  if (config.tls === null && !isLoopback(config.listen)) {
    throw new ParleyError("Malformed", "'tls' must be present where others than this machine are served", {
      hint: "listen on http://127.0.0.1:PORT, behind a proxy that has TLS, or give `tls` and an https: address",
      facts: { path: "tls" },
    });
  }
  return config;
}

function requireUrl(text: string, path: string, protocols: readonly string[]): void {
  if (protocols.includes(URL.parse(text)?.protocol ?? "")) return;
  throw new ParleyError("Malformed", `'${path}' must be an address that begins with ${protocols.join(" or ")}//`, {
    facts: { path },
  });
}
