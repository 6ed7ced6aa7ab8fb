import type { AgentId } from "../kernel/ids.ts";

/** A client's certificate that TLS has verified against the authorities which the server trusts. */
export interface ClientCertificate {
  /** SHA-256 of the certificate, in lower-case hexadecimal without colons. */
  readonly fingerprint: string;
  /** Its subject's alternative names, e.g. `DNS:agent.example` or `URI:spiffe://example/agent`. */
  readonly names: readonly string[];
}

/** What somebody shows when connecting. */
export interface Credentials {
  /** The HTTP header of that name. */
  readonly authorization: string | null;
  readonly certificate: ClientCertificate | null;
}

/** Finds out which agent connects. */
export interface Authenticator {
  /** What to ask a client for, as `WWW-Authenticate` has it; null where TLS does that. */
  readonly challenge: string | null;
  /** Null where nothing of the kind was shown. Rejects where it was, but isn't good. */
  authenticate(credentials: Credentials): Promise<AgentId | null>;
}
