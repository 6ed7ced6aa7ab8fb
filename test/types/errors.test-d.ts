// Type tests: checked by tsc, never run.
import { ParleyError } from "../../offchain/kernel/errors.ts";
import { Refusal, type RefusalCode, refusalNumber } from "../../offchain/terms/refusal.ts";
import { type Equal, expectType } from "./expect.ts";

// An error's code is as narrow as what it was made with.
const odd = new ParleyError("Odd", "it is odd");
expectType<Equal<typeof odd.code, "Odd">>();
odd satisfies ParleyError;
// @ts-expect-error other codes are other types
odd satisfies ParleyError<"Even">;

// Once known to be a refusal, the code is one that an END can carry.
export function reasonOf(thrown: unknown): number | null {
  if (!(thrown instanceof Refusal)) return null;
  expectType<Equal<typeof thrown.code, RefusalCode>>();
  if (thrown.code === "Conflict") expectType<Equal<typeof thrown.code, "Conflict">>();
  // @ts-expect-error there is no such code
  if (thrown.code === "Bored") return null;
  return refusalNumber(thrown.code);
}

// @ts-expect-error a refusal has a code of the protocol's
new Refusal("Odd", "it is odd");
// @ts-expect-error facts are for machines: no objects
new ParleyError("Odd", "it is odd", { facts: { deal: { price: 1n } } });
// @ts-expect-error a hint that is undefined is left out
new ParleyError("Odd", "it is odd", { hint: undefined });
