import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { analyze } from "../../../../offchain/negotiation/analysis/analyze.ts";
import { scenarioFromJson } from "../../../../offchain/negotiation/formats/scenario-json.ts";
import { scenarioToJson } from "../../../../offchain/negotiation/formats/scenario-to-json.ts";
import { alternatingOffers } from "../../../../offchain/negotiation/protocols/alternating-offers.ts";
import { stackedOffers } from "../../../../offchain/negotiation/protocols/stacked-offers.ts";
import { negotiate } from "../../../../offchain/negotiation/session.ts";
import { strategyNamed } from "../../../../offchain/negotiation/strategies/registry.ts";

const FOLDER = join(import.meta.dirname, "..", "..", "..", "..", "examples", "scenarios");
const examples = readdirSync(FOLDER).map((file) => {
  const document: Record<string, unknown> = JSON.parse(readFileSync(join(FOLDER, file), "utf8"));
  return { file, document, scenario: scenarioFromJson(document) };
});

describe("the example scenarios", () => {
  for (const { file, scenario } of examples) {
    it(`${file} leaves room for a deal, and something to argue about`, () => {
      const analysis = analyze(scenario, { grid: 10 });
      const share = analysis.rational / analysis.outcomes;
      assert.ok(share > 0.05 && share < 0.6, `${share} of the outcomes are no worse than no deal`);
      assert.ok(analysis.opposition > 0.2 && analysis.opposition < 0.7, `opposition ${analysis.opposition}`);
      assert.ok(analysis.frontier.size >= 10);
      assert.ok((analysis.nash?.value ?? 0) > 0);
    });

    it(`${file} is written as it is read`, () => {
      assert.deepEqual(scenarioFromJson(scenarioToJson(scenario)), scenario);
    });

    it(`${file} ends in a deal between those who concede`, () => {
      const protocol = scenario.parties.length === 2 ? alternatingOffers : stackedOffers;
      const strategies = scenario.parties.map(() => strategyNamed("linear"));
      const result = negotiate({ scenario, protocol, strategies, rounds: 50, seed: 1 });
      assert.ok(result.agreement, result.reason);
    });
  }

  it("are a dozen, of two to eight issues and of 30 to 300,000 outcomes, with all that the form has", () => {
    assert.equal(examples.length, 12);
    const counts = examples.map(({ scenario }) => scenario.space.issues.length);
    assert.deepEqual([Math.min(...counts), Math.max(...counts)], [2, 8]);
    const sizes = examples.map(({ scenario }) => scenario.space.size).filter(Number.isFinite);
    assert.ok(Math.min(...sizes) === 30 && Math.max(...sizes) > 250_000 && Math.max(...sizes) < 300_000);
    const kinds = new Set(examples.flatMap(({ scenario }) => scenario.space.issues.map(({ kind }) => kind)));
    assert.deepEqual([...kinds].sort(), ["continuous", "discrete", "integer"]);
    assert.ok(examples.some(({ scenario }) => scenario.parties.length === 3));
    assert.ok(examples.some(({ document }) => document["references"] !== undefined));
    const parties = examples.flatMap(({ scenario }) => scenario.parties);
    assert.ok(parties.some(({ utility }) => utility.rules.length > 0));
    assert.ok(parties.some(({ discount }) => discount < 1));
    assert.ok(parties.every(({ reservation }) => reservation > 0));
    assert.equal(new Set(examples.map(({ scenario }) => scenario.name)).size, 12);
  });
});
