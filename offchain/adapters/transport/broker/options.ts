import { MAX_FRAME_BYTES, type Settings, settingsOf, type TransportOptions } from "../common/options.ts";
import type { TlsOptions } from "../common/tls.ts";

export interface BrokerOptions extends TransportOptions {
  /** What the broker knows us by. They are no part of addresses, since those are journalled, shown and logged. */
  readonly username?: string;
  readonly password?: string;
  /** For addresses that ask for TLS. */
  readonly tls?: TlsOptions;
}

export interface BrokerSettings extends Settings {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: TlsOptions;
}

export function brokerSettingsOf({ username, password, tls, ...options }: BrokerOptions): BrokerSettings {
  return { ...settingsOf(options), username, password, tls: tls ?? {} };
}

/** Half of what other transports carry: brokers refuse what is over a mebibyte, with all that is around it. */
export const MAX_BROKER_FRAME_BYTES = MAX_FRAME_BYTES / 2;

/** The largest payload that is ours: a frame, and what seals it. */
export const MAX_PAYLOAD_BYTES = MAX_BROKER_FRAME_BYTES + 64;

/** Node's names for certificates and keys. */
export function nodeTls({ authorities, certificate, key }: TlsOptions): { ca?: string; cert?: string; key?: string } {
  return {
    ...(authorities === undefined ? {} : { ca: authorities }),
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key }),
  };
}
