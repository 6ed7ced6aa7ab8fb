import { OidcAuthenticator } from "../adapters/authenticator/oidc/authenticator.ts";
import { SqliteReplayStore } from "../adapters/replay/sqlite/store.ts";
import type { WebSocketTlsOptions } from "../adapters/transport/websocket/options.ts";
import { AgentTokens, ClientCertificates, Several } from "../identity/authentication/authenticators.ts";
import type { CertificateVerifier } from "../identity/certificate.ts";
import { ReplayGuard } from "../identity/token/replay-guard.ts";
import { TokenVerifier } from "../identity/token/token-verifier.ts";
import type { Clock } from "../kernel/clock.ts";
import { messageOf, ParleyError } from "../kernel/errors.ts";
import { type AgentId, toAgentId } from "../kernel/ids.ts";
import type { Authenticator } from "../ports/authenticator.ts";
import type { Deployment } from "../ports/chain.ts";
import type { Crypto } from "../ports/crypto.ts";
import type { Json, JsonObject } from "../terms/canonical-json.ts";
import { JsonReader } from "../terms/json-reader.ts";
import { MOST_CONFIG_BYTES, readBounded } from "./bounded-file.ts";

/** An OAuth 2 authorization server, and which agents its subjects speak for. */
export interface IssuerConfig {
  readonly issuer: string;
  readonly audience: string;
  readonly agents: ReadonlyMap<string, AgentId>;
  readonly claim: string;
}

/** How peers show who they are before they may connect. Whichever is there is a way in. */
export interface AdmissionConfig {
  /** The address by which peers know us, if their own tokens are taken. */
  readonly tokens: string | null;
  /** File that remembers used tokens over a restart; null where they are forgotten. */
  readonly used: string | null;
  /** Agents by fingerprints or alternative names of their TLS certificates. */
  readonly certificates: ReadonlyMap<string, AgentId>;
  readonly issuers: readonly IssuerConfig[];
}

/** Files in PEM. */
export interface TlsConfig {
  readonly key: string | null;
  readonly cert: string | null;
  readonly ca: string | null;
}

const MOST_ENTRIES = 10_000;

export function readAdmission(reader: JsonReader): AdmissionConfig {
  const issuers = reader.has("issuers") ? reader.raw("issuers") : [];
  if (!Array.isArray(issuers)) throw new ParleyError("Malformed", `'${reader.at("issuers")}' must be a list`);
  const config: AdmissionConfig = {
    tokens: reader.has("tokens") ? readAudience(reader.text("tokens", 2_048)) : null,
    used: reader.has("used") ? reader.text("used", 4_096) : null,
    certificates: reader.has("certificates") ? agentsIn(reader, "certificates") : new Map(),
    issuers: issuers.map((one: Json, index) => readIssuer(new JsonReader(one, `${reader.at("issuers")}.${index}`))),
  };
  reader.end();
  return config;
}

export function readTls(reader: JsonReader): TlsConfig {
  const file = (name: string) => (reader.has(name) ? reader.text(name, 4_096) : null);
  const config = { key: file("key"), cert: file("cert"), ca: file("ca") };
  reader.end();
  return config;
}

/** Reads what TLS needs from the files that are named. */
export async function loadTls(config: TlsConfig): Promise<WebSocketTlsOptions> {
  const loaded = await Promise.all(
    (["key", "cert", "ca"] as const).map(async (name) => {
      const file = config[name];
      return file === null ? [] : [[name, readPem(file)] as const];
    }),
  );
  return Object.fromEntries(loaded.flat());
}

export interface AdmissionContext {
  readonly deployment: Deployment;
  readonly certificates: CertificateVerifier;
  readonly crypto: Crypto;
  readonly clock: Clock;
}

/** What the configuration lets in, and how to let go of its files. */
export function makeAuthenticator(
  config: AdmissionConfig,
  context: AdmissionContext,
): { readonly authenticator: Authenticator; close(): void } {
  const { tokens, used, certificates, issuers } = config;
  const store = tokens === null || used === null ? null : new SqliteReplayStore(used);
  const ways: Authenticator[] = issuers.map((issuer) => new OidcAuthenticator({ ...issuer, clock: context.clock }));
  if (certificates.size > 0) ways.push(new ClientCertificates(certificates));
  if (tokens !== null) {
    const replays = new ReplayGuard(store === null ? {} : { store });
    ways.push(new AgentTokens(new TokenVerifier({ ...context, audience: tokens, replays })));
  }
  return { authenticator: new Several(ways), close: () => store?.close() };
}

/** Peers name us by the address that they dial, in the one form that it has as a URL. */
function readAudience(text: string): string {
  if (URL.canParse(text)) return new URL(text).href;
  throw new ParleyError("Malformed", "'admit.tokens' must be the address by which peers connect");
}

function readIssuer(reader: JsonReader): IssuerConfig {
  const config: IssuerConfig = {
    issuer: reader.text("issuer", 2_048),
    audience: reader.text("audience", 2_048),
    agents: agentsIn(reader, "agents"),
    claim: reader.has("claim") ? reader.text("claim") : "sub",
  };
  reader.end();
  return config;
}

function agentsIn(reader: JsonReader, name: string): ReadonlyMap<string, AgentId> {
  const value = reader.raw(name);
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new ParleyError("Malformed", `'${reader.at(name)}' must be agent ids by name`);
  }
  const entries = Object.entries(value as JsonObject);
  if (entries.length > MOST_ENTRIES) throw new ParleyError("Malformed", `'${reader.at(name)}' holds too many`);
  return new Map(entries.map(([key, agent]) => [key, toAgentId(agent)]));
}

function readPem(file: string): string {
  try {
    return readBounded(file, MOST_CONFIG_BYTES);
  } catch (cause) {
    throw new ParleyError("BadConfig", `${file} can't be read: ${messageOf(cause)}`, {
      hint: "name a file in PEM that this user can read",
    });
  }
}
