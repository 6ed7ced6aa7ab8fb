import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { scenarioFromGeniusWeb } from "../../../../offchain/negotiation/formats/geniusweb-json.ts";

const domain = {
  name: "printing",
  issuesValues: {
    paper: { values: ["plain", "coated"] },
    copies: { range: { low: 100, high: 103, step: 1 } },
    price: { range: [0.1, 0.75, 0.3] },
  },
};

const utilities = {
  paper: { DiscreteValueSetUtilities: { valueUtilities: { plain: 0.25, coated: 1 } } },
  copies: { NumberValueSetUtilities: { lowValue: 100, lowUtility: 0, highValue: 103, highUtility: 0.9 } },
  price: { numberutils: { lowValue: 0.1, lowUtility: 1, highValue: 0.75, highUtility: 0 } },
};

const customer: Record<string, unknown> = {
  name: "customer",
  domain,
  issueUtilities: utilities,
  issueWeights: { paper: 0.2, copies: 0.3, price: 0.5 },
  reservationBid: { issuevalues: { paper: "coated", copies: 101, price: 0.7 } },
};
const printer: Record<string, unknown> = { ...customer, name: "printer", reservationBid: null };

/** The two, the first changed. */
function read(change: object = {}, other: object = printer) {
  return scenarioFromGeniusWeb([
    { LinearAdditiveUtilitySpace: { ...customer, ...change } },
    { LinearAdditiveUtilitySpace: other },
  ]);
}

function near(actual: number | undefined, expected: number): void {
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) < 1e-12, `${actual} is not ${expected}`);
}

describe("a GeniusWeb scenario", () => {
  it("has the domain's issues: texts, whole numbers, and numbers with a step", () => {
    const { name, space } = read();
    assert.equal(name, "printing");
    assert.deepEqual(space.issues, [
      { kind: "discrete", name: "paper", values: ["plain", "coated"] },
      { kind: "integer", name: "copies", from: 100, to: 103 },
      { kind: "discrete", name: "price", values: ["0.1", "0.4", "0.7"] },
    ]);
  });

  it("has parties with what each value is worth, and what their reservation bid is", () => {
    const [one, two] = read().parties;
    assert.deepEqual([one?.name, two?.name, two?.reservation, one?.discount], ["customer", "printer", 0, 1]);
    near(one?.utility.part(0, 0), 0.05);
    near(one?.utility.part(1, 102), 0.18);
    near(one?.utility.part(2, 1), 0.5 * (1 - 0.3 / 0.65));
    near(one?.reservation, 0.2 + 0.3 * 0.3 + 0.5 * (1 - 0.6 / 0.65));
  });

  it("counts once what an issue lists twice", () => {
    const paper = { values: ["plain", "coated", "plain"] };
    const twice = { ...domain, issuesValues: { ...domain.issuesValues, paper } };
    assert.deepEqual(read({ domain: twice }), read());
  });

  it("takes the short names of older files, and a bid that leaves an issue open", () => {
    const older = { ...utilities, paper: { discreteutils: { valueUtilities: { plain: 0.25, coated: 1 } } } };
    const [one] = read({ issueUtilities: older, reservationBid: { issuevalues: { paper: "coated" } } }).parties;
    near(one?.reservation, 0.2);
  });

  it("tells parties of the same name apart, and takes the domain's issues in any order", () => {
    const { issuesValues: all } = domain;
    const turned = { ...domain, issuesValues: { price: all.price, paper: all.paper, copies: all.copies } };
    const { parties } = read({}, { ...customer, domain: turned });
    assert.deepEqual(
      parties.map(({ name }) => name),
      ["customer", "customer (2)"],
    );
    assert.deepEqual(parties[0]?.utility, parties[1]?.utility);
  });

  const copies = { lowValue: 100, lowUtility: 0, highValue: 103, highUtility: 1 };
  const bad: Record<string, [change: object, field: string]> = {
    "no domain": [{ domain: undefined }, "domain"],
    "an issue without values": [
      { domain: { ...domain, issuesValues: { paper: {} } } },
      "domain.issuesValues.paper.range",
    ],
    "a step of 0": [
      { domain: { ...domain, issuesValues: { copies: { range: [1, 2, 0] } } } },
      "domain.issuesValues.copies.range",
    ],
    "too many steps": [
      { domain: { ...domain, issuesValues: { copies: { range: [0, 1e6, 0.01] } } } },
      "domain.issuesValues.copies.range",
    ],
    "weights that don't sum": [{ issueWeights: { paper: 0.2, copies: 0.3, price: 0.4 } }, "issueWeights"],
    "a missing weight": [{ issueWeights: { paper: 0.5, copies: 0.5 } }, "issueWeights.price"],
    "a weight of another issue": [
      { issueWeights: { paper: 0.2, copies: 0.3, price: 0.5, ink: 0 } },
      "issueWeights.ink",
    ],
    "a missing issue": [{ issueUtilities: { ...utilities, price: undefined } }, "issueUtilities.price"],
    "a missing value": [
      { issueUtilities: { ...utilities, paper: { discreteutils: { valueUtilities: { plain: 1 } } } } },
      "issueUtilities.paper.discreteutils.valueUtilities.coated",
    ],
    "a utility above 1": [
      { issueUtilities: { ...utilities, paper: { discreteutils: { valueUtilities: { plain: 1, coated: 2 } } } } },
      "issueUtilities.paper.discreteutils.valueUtilities.coated",
    ],
    "a utility that is no number": [
      { issueUtilities: { ...utilities, copies: { numberutils: { ...copies, lowUtility: Number.NaN } } } },
      "issueUtilities.copies.numberutils.lowUtility",
    ],
    "a line without length": [
      { issueUtilities: { ...utilities, copies: { numberutils: { ...copies, highValue: 100 } } } },
      "issueUtilities.copies.numberutils.highValue",
    ],
    "numbers for texts": [
      { issueUtilities: { ...utilities, paper: { numberutils: copies } } },
      "issueUtilities.paper.numberutils",
    ],
    "texts for numbers": [
      { issueUtilities: { ...utilities, copies: { discreteutils: { valueUtilities: {} } } } },
      "issueUtilities.copies",
    ],
    "an unknown kind": [{ issueUtilities: { ...utilities, paper: { magic: {} } } }, "issueUtilities.paper"],
    "a bid outside the domain": [
      { reservationBid: { issuevalues: { paper: "gold" } } },
      "reservationBid.issuevalues.paper",
    ],
    "a bid between two values": [
      { reservationBid: { issuevalues: { copies: 100.5 } } },
      "reservationBid.issuevalues.copies",
    ],
  };
  for (const [what, [change, field]] of Object.entries(bad)) {
    it(`is refused with ${what}, naming the field`, () => {
      assert.throws(() => read(change), {
        code: "BadScenario",
        facts: { field: `profiles[0].LinearAdditiveUtilitySpace.${field}` },
      });
    });
  }

  it("is refused with profiles of other kinds, of other domains, or fewer than two", () => {
    const other = {
      ...printer,
      domain: { ...domain, issuesValues: { ...domain.issuesValues, paper: { values: ["plain"] } } },
    };
    assert.throws(() => read({}, other), {
      code: "BadScenario",
      facts: { field: "profiles[1].LinearAdditiveUtilitySpace.domain.issuesValues" },
    });
    assert.throws(() => scenarioFromGeniusWeb([{ DefaultPartialOrdering: {} }, {}]), {
      facts: { field: "profiles[0].DefaultPartialOrdering" },
    });
    assert.throws(() => scenarioFromGeniusWeb([{ LinearAdditiveUtilitySpace: customer }]), {
      facts: { field: "profiles" },
    });
    assert.throws(() => scenarioFromGeniusWeb([]), { facts: { field: "profiles" } });
    assert.throws(() => scenarioFromGeniusWeb([null, null]), { facts: { field: "profiles[0]" } });
  });
});
