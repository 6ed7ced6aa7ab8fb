/** Which tests can notice a mutant, and in which order to ask them: whatever does away with most mutants soonest goes first. */
import type { Reached } from "../contracts/coverage.ts";
import { type Mutant, narrowest } from "./mutants.ts";

/** Tests that take longer than this wait until all others have had their turn. */
const QUICK_SECONDS = 1;

/** How many of those that noticed a neighbour are asked first, and how many tests then run at a time. */
const FAVOURITES = 6;
const GROUP = 40;

/** The numbers of the tests that run the code that is spoiled, the quickest first. */
export function testsFor(
  { edit, file, operator }: Pick<Mutant, "edit" | "file" | "operator">,
  { probes, tests }: Reached,
): { readonly quick: readonly number[]; readonly slow: readonly number[] } {
  const here = probes.flatMap((probe, id) =>
    probe.file === file && (probe.kind === "statement" || probe.kind === "function") ? [{ ...probe, id }] : [],
  );
  const probe = narrowest(here, edit.start);
  // What stands outside of all functions, such as a constant, may matter wherever the file is used; and what a modifier keeps from
  // running, no test runs.
  const ids = probe === undefined ? here.map(({ id }) => id) : [probe.id];
  const reaching = tests
    .flatMap(({ hits, seconds }, number) =>
      operator === "drop-modifier" || ids.some((id) => hits.has(id)) ? [{ number, seconds }] : [],
    )
    .sort((a, b) => a.seconds - b.seconds);
  const [quick = [], slow = []] = [true, false].map((wanted) =>
    reaching.filter(({ seconds }) => seconds <= QUICK_SECONDS === wanted).map(({ number }) => number),
  );
  return { quick, slow };
}

/** Tests in groups, to be run one after the other until one fails. `killers` noticed mutants lately, the latest last. */
export function groups(tests: readonly number[], killers: readonly number[]): number[][] {
  const favourites = killers
    .toReversed()
    .filter((test) => tests.includes(test))
    .slice(0, FAVOURITES);
  const rest = tests.filter((test) => !favourites.includes(test));
  const slices = Array.from({ length: Math.ceil(rest.length / GROUP) }, (_, index) =>
    rest.slice(index * GROUP, (index + 1) * GROUP),
  );
  return [favourites, ...slices].filter((group) => group.length > 0);
}
