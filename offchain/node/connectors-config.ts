import { MOST_CONNECTIONS } from "../adapters/connector/http/places.ts";
import { isHex } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { Amount } from "../kernel/money.ts";
import type { Json } from "../terms/canonical-json.ts";
import { MOST_ANSWER_BYTES, USUAL_ANSWER_BYTES } from "../terms/delivery-terms.ts";
import { JsonReader } from "../terms/json-reader.ts";
import { readTls, type TlsConfig } from "./admission.ts";
import { isLoopback } from "./loopback.ts";

/** Where something is served to buyers. */
export interface ServingConfig {
  /** Where it listens; port 0 takes a free one. */
  readonly listen: string;
  /** By which address buyers know it, as their terms have it; null where that is the one it listens at. */
  readonly url: string | null;
  readonly tls: TlsConfig | null;
  /** Most connections of one host on which nothing is served; null for what is usual. */
  readonly perHost: number | null;
}

/** What a seller hands over. */
export type DeliverConfig =
  /** Something that reaches the buyer some other way; known by its digest. */
  | { readonly kind: "digest"; readonly digest: Bytes32 }
  | (ServingConfig & { readonly kind: "artifact"; readonly file: string })
  | (ServingConfig & {
      readonly kind: "meter";
      /** The API that is sold; only this agent should reach it. */
      readonly upstream: string;
      readonly leastUnitPrice: Amount;
      /** Most that a buyer may have used and not receipted: unit price times calls of an interval. */
      readonly mostCredit: Amount;
      readonly mostSeconds: number;
    })
  | (ServingConfig & {
      readonly kind: "access";
      /** The API to which access is sold; only this agent should reach it. */
      readonly upstream: string;
      /** Most calls, and the longest time, of one deal. */
      readonly mostCalls: number;
      readonly mostSeconds: number;
      /** How long the API's answers may become: terms that allow less are refused. */
      readonly answerBytes: number;
    });

/** What a buyer does with what it bought. */
export interface IntakeConfig {
  /** Artifacts and meter readings are put there. */
  readonly folder: string;
  /** Origins that are asked although they are plain http, or in a private network. */
  readonly allow: ReadonlySet<string>;
  /** Most bytes of an artifact whose size the terms don't tell. */
  readonly mostBytes: number;
  /**
   * Most bytes of a call and of its answer, both of which are held in memory. Access whose terms allow longer answers is not bought; what it
   * agreed to holds for each deal.
   */
  readonly mostCallBytes: number;
  /** Where its own applications make calls that were bought; null where none are. */
  readonly calls: string | null;
}

const USUAL_BYTES = 1024 ** 3;

export function readDeliver(value: Json, path: string): DeliverConfig {
  if (typeof value === "string") {
    if (isHex(value, 32)) return { kind: "digest", digest: value.toLowerCase() as Bytes32 };
    throw malformed(
      path,
      "a digest of 32 bytes in hexadecimal, or what is served: an `artifact`, a `meter` or `access`",
    );
  }
  const reader = new JsonReader(value, path);
  const config = readServed(reader);
  reader.end();
  return config;
}

function readServed(reader: JsonReader): DeliverConfig {
  if (reader.has("meter")) return { kind: "meter", ...readMeter(reader.object("meter")), ...readServing(reader) };
  if (reader.has("access")) return { kind: "access", ...readAccess(reader.object("access")), ...readServing(reader) };
  return { kind: "artifact", file: reader.text("artifact", 4_096), ...readServing(reader) };
}

export function readIntake(reader: JsonReader): IntakeConfig {
  const config: IntakeConfig = {
    folder: reader.text("folder", 4_096),
    allow: reader.has("allow") ? readOrigins(reader) : new Set(),
    mostBytes: reader.has("mostBytes") ? reader.integer("mostBytes", 1, Number.MAX_SAFE_INTEGER) : USUAL_BYTES,
    mostCallBytes: reader.has("mostCallBytes")
      ? reader.integer("mostCallBytes", 1, MOST_ANSWER_BYTES)
      : USUAL_ANSWER_BYTES,
    calls: reader.has("calls") ? readHttp(reader, "calls") : null,
  };
  reader.end();
  // Whoever reaches it spends the agent's money.
  if (config.calls !== null && !isLoopback(config.calls)) {
    throw malformed(reader.at("calls"), "an address of this machine only, such as http://127.0.0.1:7801");
  }
  return config;
}

function readMeter(reader: JsonReader) {
  const meter = {
    upstream: readHttp(reader, "upstream"),
    leastUnitPrice: reader.amount("leastUnitPrice"),
    mostCredit: reader.amount("mostCredit"),
    mostSeconds: reader.has("mostSeconds") ? reader.integer("mostSeconds", 1, 86_400) : 3_600,
  };
  reader.end();
  return meter;
}

function readAccess(reader: JsonReader) {
  const access = {
    upstream: readHttp(reader, "upstream"),
    mostCalls: reader.integer("mostCalls", 1, Number.MAX_SAFE_INTEGER),
    mostSeconds: reader.integer("mostSeconds", 1, Number.MAX_SAFE_INTEGER),
    answerBytes: reader.has("answerBytes") ? reader.integer("answerBytes", 1, MOST_ANSWER_BYTES) : USUAL_ANSWER_BYTES,
  };
  reader.end();
  return access;
}

/** Where something is served; the caller says that nothing else is there. */
export function readServing(reader: JsonReader): ServingConfig {
  const config = {
    listen: readHttp(reader, "listen"),
    url: reader.has("url") ? readHttp(reader, "url").replace(/\/+$/, "") : null,
    tls: reader.has("tls") ? readTls(reader.object("tls")) : null,
    perHost: reader.has("perHost") ? reader.integer("perHost", 1, MOST_CONNECTIONS) : null,
  };
  if (config.tls === null && config.listen.startsWith("https:")) {
    throw malformed(reader.at("tls"), "present where `listen` is an https: address");
  }
  return config;
}

export function readHttp(reader: JsonReader, name: string): string {
  const text = reader.text(name, 2_048);
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? "")) return text;
  throw malformed(reader.at(name), "an address that begins with http:// or https://");
}

function readOrigins(reader: JsonReader): ReadonlySet<string> {
  const list = reader.raw("allow");
  const origins = Array.isArray(list)
    ? list.map((one: Json) => (typeof one === "string" ? URL.parse(one)?.origin : null))
    : [];
  if (!Array.isArray(list) || origins.some((origin, index) => origin === null || origin !== list[index])) {
    throw malformed(reader.at("allow"), "a list of origins such as https://files.example:8443, without a path");
  }
  return new Set(origins as string[]);
}

function malformed(path: string, expected: string): ParleyError<"Malformed"> {
  return new ParleyError("Malformed", `'${path}' must be ${expected}`, { facts: { path } });
}
