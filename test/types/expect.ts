/**
 * For tests of types: files test/types/*.test-d.ts, which are compiled by `npm run check` and never run.
 *
 *     expectType<Equal<ReturnType<typeof f>, string>>();
 */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Doesn't compile unless the comparison holds. */
export declare function expectType<_Holds extends true>(): void;
