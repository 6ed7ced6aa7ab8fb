import { ParleyError } from "../../../kernel/errors.ts";
import { MAX_FRAME_BYTES, type Settings, settingsOf, type TransportOptions } from "../common/options.ts";
import type { TlsOptions } from "../common/tls.ts";
import type { Place } from "./address.ts";

export interface GrpcTlsOptions extends TlsOptions {
  /** Whether to listen only to who shows a certificate of `authorities`: mutual TLS. */
  readonly mutual?: boolean;
}

export interface GrpcOptions extends TransportOptions {
  /** For addresses that begin with `grpcs:`. */
  readonly tls?: GrpcTlsOptions;
}

export interface GrpcSettings extends Settings {
  readonly tls: GrpcTlsOptions;
}

export function grpcSettingsOf(options: GrpcOptions): GrpcSettings {
  return { ...settingsOf(options), tls: options.tls ?? {} };
}

/** Room for a frame's tag and length. */
const FRAMING_BYTES = 8;

/** A peer may have many calls over one connection; ours has one. */
const CALLS_OF_CONNECTION = 100;

/** What both ends ask of gRPC. The names are its own. */
export function grpcOptions({ heartbeatMs }: Settings): Record<string, number> {
  return {
    "grpc.max_receive_message_length": MAX_FRAME_BYTES + FRAMING_BYTES,
    "grpc.max_concurrent_streams": CALLS_OF_CONNECTION,
    // A peer that answers no ping before the next one is due is taken for dead.
    "grpc.keepalive_time_ms": heartbeatMs,
    "grpc.keepalive_timeout_ms": heartbeatMs,
    "grpc.keepalive_permit_without_calls": 1,
    // Retries would keep copies of what was sent; proxies and service configurations are somebody else's to choose.
    "grpc.enable_retries": 0,
    "grpc.enable_http_proxy": 0,
    "grpc.service_config_disable_resolution": 1,
    "grpc.use_local_subchannel_pool": 1,
    "grpc.enable_channelz": 0,
  };
}

/** Refuses to listen with TLS that would let anybody in, or nobody. */
export function checkListening({ isSecure }: Place, { certificate, key, authorities, mutual }: GrpcTlsOptions): void {
  if (!isSecure) {
    if (mutual !== true) return;
    throw incomplete("client certificates can't be asked for without TLS", "listen on an address with `grpcs:`");
  }
  if (certificate === undefined || key === undefined) {
    throw incomplete("listening with TLS needs a certificate and its key", "give both, as PEM");
  }
  if (mutual === true && authorities === undefined) {
    throw incomplete("nobody is named whose client certificates would count", "give the authorities, as PEM");
  }
}

function incomplete(message: string, hint: string): ParleyError<"TlsIncomplete"> {
  return new ParleyError("TlsIncomplete", message, { hint });
}
