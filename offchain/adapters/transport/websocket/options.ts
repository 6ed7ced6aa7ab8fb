import type { Authenticator } from "../../../ports/authenticator.ts";
import { CLOSE_MS, MAX_FRAME_BYTES, type Settings, settingsOf, type TransportOptions } from "../common/options.ts";

/** Keys and certificates in PEM. */
export interface WebSocketTlsOptions {
  readonly key?: string;
  readonly cert?: string;
  /** Authorities that certificates of the other end are verified against. A server with these asks clients for theirs. */
  readonly ca?: string;
}

export interface WebSocketOptions extends TransportOptions {
  /** Speaks TLS itself: listening addresses are `wss:` then, and connecting shows this certificate where it is asked for. */
  readonly tls?: WebSocketTlsOptions | null;
  /** Lets only those in who show which agent they are. Without one everybody may connect, and only what is signed counts. */
  readonly authenticator?: Authenticator | null;
  /** What to put into `Authorization` each time that we connect; asked anew each time, as tokens count once. */
  readonly authorize?: ((address: string) => Promise<string>) | null;
}

export interface WebSocketSettings extends Settings {
  readonly tls: WebSocketTlsOptions | null;
  readonly authenticator: Authenticator | null;
  readonly authorize: ((address: string) => Promise<string>) | null;
}

export function webSocketSettingsOf(options: WebSocketOptions): WebSocketSettings {
  const { tls = null, authenticator = null, authorize = null } = options;
  return { ...settingsOf(options), tls, authenticator, authorize };
}

/** What both ends ask of `ws`. Compression costs more time than it saves on signed hashes, and memory besides. */
export const SOCKET_OPTIONS = {
  perMessageDeflate: false,
  maxPayload: MAX_FRAME_BYTES,
  closeTimeout: CLOSE_MS,
} as const;
