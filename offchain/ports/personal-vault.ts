import type { Bytes32 } from "../kernel/ids.ts";
import type { PersonalRecord } from "../terms/personal.ts";

/**
 * Personal data of deals, each under a key of its own. It stands in no journal and in no evidence: where the key is gone, the data is
 * gone, from backups too.
 */
export interface PersonalVault {
  /** What belongs to the deal whose terms have that salt; null where there is nothing, or not any more. */
  get(salt: Bytes32): Promise<PersonalRecord | null>;
  /** Resolves once it would survive the machine. Rejects with `Erased` where its key was destroyed. */
  put(salt: Bytes32, record: PersonalRecord): Promise<void>;
  /** Whether its key was destroyed. */
  isErased(salt: Bytes32): Promise<boolean>;
  /** Destroys the key, for good. */
  destroy(salt: Bytes32): Promise<void>;
}
