import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Whether a module is the program that was started, not imported by one. (`import.meta.main` is missing before Node 24.2.) */
export function isProgram(url: string): boolean {
  const started = process.argv[1];
  return started !== undefined && realpathSync(started) === fileURLToPath(url);
}
