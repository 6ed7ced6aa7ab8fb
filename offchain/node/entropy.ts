import { randomBytes } from "node:crypto";
import type { Entropy } from "../kernel/random.ts";

/** The operating system's randomness. */
export const systemEntropy: Entropy = { bytes: (length) => randomBytes(length) };
