// Helpers of the type tests.

/** True only where both types are the same, `any` and unions included. */
export type Equal<Left, Right> =
  (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? true : false;

/** Doesn't compile unless its type argument is `true`. */
export function expectType<_Verdict extends true>(): void {
  // Nothing happens at run time.
}
