import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Diary } from "../../../offchain/cli/tournament-diary.ts";
import type { TournamentSetup } from "../../../offchain/cli/tournament-worker.ts";
import type { MatchRecord } from "../../../offchain/negotiation/tournament.ts";
import { folderOf } from "./parley.ts";

const SETUP: TournamentSetup = {
  scenarios: [{ name: "x.json", scenario: "x.json", profiles: [] }],
  ...{ digest: "", strategies: ["linear", "micro"], protocol: "alternating-offers", rounds: 20, seed: 1 },
};

const match = (repeat: number): MatchRecord => ({
  ...{ scenario: 0, seats: [0, 1], repeat, utilities: [0.5, 0.25], agreement: true },
  ...{ welfare: 0.9, nashDistance: null, rounds: 20, fault: null },
});

describe("the diary of a tournament", () => {
  it("has what was written into it, a cut off line aside", (t) => {
    const path = join(folderOf(t, {}), "diary");
    const diary = new Diary(path, SETUP);
    diary.add([match(0)]);
    diary.add([match(1), match(2)]);
    const { records } = new Diary(path, SETUP);
    assert.deepEqual([...records.values()], [match(0), match(1), match(2)]);
    writeFileSync(path, readFileSync(path, "utf8").slice(0, -3));
    assert.deepEqual([...new Diary(path, SETUP).records.values()], [match(0), match(1)]);
  });

  it("may be longer than any other document", (t) => {
    const path = join(folderOf(t, {}), "diary");
    new Diary(path, SETUP);
    const line = `\n${JSON.stringify(match(0))}${" ".repeat(1_000)}`;
    writeFileSync(path, line.repeat(70_000), { flag: "a" });
    new Diary(path, SETUP).add([match(1)]);
    assert.equal(new Diary(path, SETUP).records.size, 2);
  });

  it("is refused where it is of another tournament, and left as it is", (t) => {
    const path = join(folderOf(t, {}), "diary");
    new Diary(path, SETUP).add([match(0)]);
    const text = readFileSync(path, "utf8");
    assert.throws(() => new Diary(path, { ...SETUP, seed: 2 }), { code: "OtherTournament" });
    assert.equal(readFileSync(path, "utf8"), text);
    for (const other of ["Dear diary", "Dear diary\nof mine", `${text.slice(0, 9)}\n${text}`]) {
      writeFileSync(path, other);
      assert.throws(() => new Diary(path, SETUP), { code: "OtherTournament" });
      assert.equal(readFileSync(path, "utf8"), other);
    }
    writeFileSync(path, text.slice(0, 9));
    assert.equal(new Diary(path, SETUP).records.size, 0);
  });

  const changed: Record<string, object> = {
    "another scenario": { scenario: 1 },
    "a strategy that isn't there": { seats: [0, 2] },
    "seats for three": { seats: [0, 1, 1] },
    "a repeat below 0": { repeat: -1 },
    "utilities that are no numbers": { utilities: ["x", null] },
    "one utility": { utilities: [1] },
    "an agreement that is a word": { agreement: "yes" },
    "a welfare that is an object": { welfare: {} },
    "no distance": { nashDistance: undefined },
    "more rounds than there were": { rounds: 21 },
    "half a round": { rounds: 2.5 },
    "the fault of a third": { fault: 2 },
  };
  for (const [what, change] of Object.entries(changed)) {
    it(`leaves to be played again what can't have been: ${what}`, (t) => {
      const path = join(folderOf(t, {}), "diary");
      new Diary(path, SETUP).add([match(0), { ...match(1), ...change }, match(2)]);
      assert.deepEqual([...new Diary(path, SETUP).records.values()], [match(0), match(2)]);
    });
  }
});
