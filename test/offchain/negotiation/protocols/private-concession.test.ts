// Who can sit at a table where to stand still together is the end: what docs/strategies.md says of it.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { scenarioFromJson } from "../../../../offchain/negotiation/formats/scenario-json.ts";
import { monotonicConcessionPrivate } from "../../../../offchain/negotiation/protocols/monotonic-concession.ts";
import { negotiate } from "../../../../offchain/negotiation/session.ts";
import { strategyNamed } from "../../../../offchain/negotiation/strategies/registry.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const EXAMPLES = join(ROOT, "examples", "scenarios");

const SCENARIOS = readdirSync(EXAMPLES)
  .filter((file) => file.endsWith(".json"))
  .map((file) => scenarioFromJson(JSON.parse(readFileSync(join(EXAMPLES, file), "utf8"))))
  .filter(({ parties }) => parties.length === 2);

/** The strategies that the page names after some words, up to the end of the sentence. */
function namedAfter(words: string): string[] {
  const page = readFileSync(join(ROOT, "docs", "strategies.md"), "utf8").replaceAll("\n", " ");
  const [, rest = ""] = page.split(words);
  return [...(rest.split(". ")[0] ?? "").matchAll(/`([a-z-]+)`/g)].map(([, name = ""]) => name);
}

/** In how many of the scenarios two agree. */
function agreements(one: string, other: string): number {
  const strategies = [strategyNamed(one), strategyNamed(other)];
  const results = SCENARIOS.map((scenario) =>
    negotiate({ scenario, protocol: monotonicConcessionPrivate, strategies, rounds: 50, seed: 1 }),
  );
  return results.filter(({ agreement }) => agreement).length;
}

describe("monotonic concession without knowing what the other wants", () => {
  const count = SCENARIOS.length;

  it("is for those that keep moving, as the page says", () => {
    const names = namedAfter("mostly agree with their like: ");
    assert.ok(names.includes("zeuthen-estimate"));
    for (const name of names) assert.ok(agreements(name, name) >= 0.7 * count, name);
  });

  it("ends at once between two that hold out, as it says, who agree with one that moves", () => {
    const names = namedAfter("hold out or wait for the other from the start: ");
    assert.ok(names.includes("boulware") && names.includes("learned"));
    for (const name of names) {
      assert.ok(agreements(name, name) <= 0.2 * count, name);
      assert.ok(agreements(name, "zeuthen-estimate") >= 0.8 * count, name);
      assert.ok(agreements("zeuthen-estimate", name) >= 0.8 * count, name);
    }
  });
});
