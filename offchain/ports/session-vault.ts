import type { Secret } from "../kernel/secret.ts";
import type { Certificate } from "../terms/certificate.ts";
import type { SessionSecret } from "./crypto.ts";

/** A session key as it is kept. */
export interface KeptSessionKey {
  readonly secret: Secret<SessionSecret>;
  readonly certificate: Certificate;
  /** True where nothing new may begin with it: somebody may have it too. */
  readonly retired: boolean;
}

/** Where an agent's session keys outlive its process. */
export interface SessionVault {
  /** Those that were saved last, oldest first. */
  load(): Promise<readonly KeptSessionKey[]>;
  /** Puts these in place of what was saved before; resolves once they would survive the machine. */
  save(keys: readonly KeptSessionKey[]): Promise<void>;
}
