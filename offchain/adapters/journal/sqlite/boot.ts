import { readFileSync } from "node:fs";

/** Names the machine's present boot, where the platform does; a later boot has another name. */
export function bootId(): string | null {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return null;
  }
}
