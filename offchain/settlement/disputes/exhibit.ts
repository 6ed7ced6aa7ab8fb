import type { Bytes32 } from "../../kernel/ids.ts";
import type { Role } from "../../terms/proposal.ts";
import type { Proven } from "./bundle-check.ts";

/** Why a piece of evidence is not used. */
export interface Trouble {
  readonly code: string;
  readonly says: string;
  /** Whether it will stay so. What can't be had at the moment may be there tomorrow, and nobody is judged by that. */
  readonly isFinal: boolean;
}

/** One piece of evidence that was named or filed for a deal. */
export interface Exhibit {
  /** Whose it is; null where it was filed by neither. */
  readonly side: Role | null;
  /** Where it is from, as people find it: an address, a file, or "named on the chain". */
  readonly origin: string;
  /** When it was filed on the chain, in Unix seconds; null where it came by another way. */
  readonly filedAt: number | null;
  /** SHA-256 of the file; null where that is not known. */
  readonly hash: Bytes32 | null;
  /** Whether it is the very file that this side's statement on the chain names. */
  readonly isNamed: boolean;
  /** A bundle that was verified, and is of this deal; null for any other file. */
  readonly proven: Proven | null;
  /** Null where the file is what it should be. */
  readonly trouble: Trouble | null;
}
