import type { Sealing } from "../adapters/transport/common/link-seal.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { JsonReader } from "../terms/json-reader.ts";
import { MOST_CONFIG_BYTES, readBounded } from "./bounded-file.ts";
import type { AnyTransportOptions } from "./transports.ts";

const MAX_PATH = 4_096;

/** What an agent is told of its transports, besides addresses. Secrets are named by their files. */
export interface TransportConfig {
  /** What brokers know the agent by. */
  readonly username: string | null;
  readonly passwordFile: string | null;
  /** Of an AMQP broker. */
  readonly virtualHost: string | null;
  /** Files in PEM format. */
  readonly tls: TlsConfig | null;
  /** Whether frames are encrypted where there is no TLS. */
  readonly seal: Sealing | null;
}

export interface TlsConfig {
  /** Whose signature on the other side's certificate counts; null is whoever the system trusts. */
  readonly authorities: string | null;
  readonly certificate: string | null;
  readonly key: string | null;
  /** Whether to listen only to who shows a certificate of the authorities. */
  readonly mutual: boolean;
}

export function readTransport(reader: JsonReader): TransportConfig {
  const config: TransportConfig = {
    username: optionalText(reader, "username", 200),
    passwordFile: optionalText(reader, "passwordFile", MAX_PATH),
    virtualHost: optionalText(reader, "virtualHost", 255),
    tls: reader.has("tls") ? readTls(reader.object("tls")) : null,
    seal: reader.has("seal") ? reader.oneOf("seal", ["required", "offered", "off"]) : null,
  };
  reader.end();
  return config;
}

function readTls(reader: JsonReader): TlsConfig {
  const tls: TlsConfig = {
    authorities: optionalText(reader, "authorities", MAX_PATH),
    certificate: optionalText(reader, "certificate", MAX_PATH),
    key: optionalText(reader, "key", MAX_PATH),
    mutual: reader.has("mutual") && reader.oneOf("mutual", ["yes", "no"]) === "yes",
  };
  reader.end();
  return tls;
}

function optionalText(reader: JsonReader, name: string, longest: number): string | null {
  return reader.has(name) ? reader.text(name, longest) : null;
}

/** Fetches what the configuration names. */
export async function loadTransportOptions(config: TransportConfig | null): Promise<AnyTransportOptions> {
  if (config === null) return {};
  const { username, passwordFile, virtualHost, tls, seal } = config;
  // Editors end a file with a line break, which is no part of a password.
  const password = passwordFile === null ? null : (await load(passwordFile)).replace(/\r?\n$/, "");
  return {
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    ...(virtualHost === null ? {} : { virtualHost }),
    ...(tls === null ? {} : { tls: await loadTls(tls) }),
    ...(seal === null ? {} : { seal }),
  };
}

async function loadTls({ authorities, certificate, key, mutual }: TlsConfig) {
  return {
    ...(authorities === null ? {} : { authorities: await load(authorities) }),
    ...(certificate === null ? {} : { certificate: await load(certificate) }),
    ...(key === null ? {} : { key: await load(key) }),
    mutual,
  };
}

/** What is wrong with a file is said without quoting it. */
async function load(file: string): Promise<string> {
  try {
    return readBounded(file, MOST_CONFIG_BYTES);
  } catch {
    throw new ParleyError("BadConfig", `the file ${file}, which the configuration names, can't be read`, {
      hint: "mend its path under 'transport', or let this user read it",
      facts: { file },
    });
  }
}
