import type { Reached } from "../contracts/coverage.ts";
import type { Stages } from "./judge.ts";
import { type Mutant, narrowest } from "./mutants.ts";

/** Files that take longer than this wait until the others have had their turn. */
const QUICK_SECONDS = 3;

/** The test files that can notice a mutant, because they run the code that is spoiled. The quickest go first. */
export function stagesFor({ edit, file }: Mutant, { probes, tests }: Reached): Stages {
  const here = probes.flatMap((probe, id) =>
    probe.file === file && (probe.kind === "statement" || probe.kind === "function") ? [{ ...probe, id }] : [],
  );
  const probe = narrowest(here, edit.start);
  // What stands outside of all functions, such as a constant, may matter wherever the file is used.
  const ids = probe === undefined ? here.map(({ id }) => id) : [probe.id];
  const reaching = tests.filter(({ hits }) => ids.some((id) => hits.has(id))).sort((a, b) => a.seconds - b.seconds);
  const groups = [
    reaching.filter(({ seconds }) => seconds <= QUICK_SECONDS),
    reaching.filter(({ seconds }) => seconds > QUICK_SECONDS),
  ];
  return groups
    .filter((group) => group.length > 0)
    .map((group) => ({
      files: group.map((test) => test.file),
      seconds: group.reduce((sum, { seconds }) => sum + seconds, 0),
    }));
}
