import type { ParleyError } from "../../kernel/errors.ts";
import { visible } from "../../kernel/visible.ts";
import { warn } from "../warn.ts";

/** Accounts that are configured no more can't be shown: only what is open on them. */
export function warnOfLeft(left: readonly ParleyError[]): void {
  for (const { code, message, hint } of left) {
    warn(visible(`${message} [${code}]`));
    if (hint !== undefined) warn(`  ${hint}`);
  }
}
