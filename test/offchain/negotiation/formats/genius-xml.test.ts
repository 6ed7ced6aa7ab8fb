import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { scenarioFromGenius } from "../../../../offchain/negotiation/formats/genius-xml.ts";

const DOMAIN = `<?xml version="1.0"?>
<negotiation_template>
  <utility_space number_of_issues="4">
    <objective index="0" etype="objective" type="objective" description="" name="Office">
      <issue index="1" etype="discrete" type="discrete" vtype="discrete" name="Floor">
        <item index="1" value="ground &amp; garden" description="quiet"/>
        <item index="2" value="first"></item>
        <item index="3" value="top"></item>
      </issue>
      <objective index="9" type="objective" name="Money">
        <issue index="2" type="integer" vtype="integer" name="Months" lowerbound="3" upperbound="12"></issue>
        <issue index="3" vtype="real" type="real" name="Rent">
          <range lowerbound="1000" upperbound="3000"></range>
        </issue>
      </objective>
      <issue index="4" name="Desks"><item index="1" value="old"/><item index="2" value="new"/></issue>
    </objective>
  </utility_space>
</negotiation_template>`;

interface ProfileParts {
  readonly floor?: string;
  readonly months?: string;
  readonly rent?: string;
  readonly weights?: string;
  readonly after?: string;
}

/** A profile that differs from a good one in some parts. */
function profile({ floor, months, rent, weights, after }: ProfileParts = {}): string {
  return `<utility_space>
    <objective index="0" type="objective" name="Office">
      ${weights ?? '<weight index="1" value="0.4"/><weight index="2" value="0.2"/><weight index="3" value="0.8"/><weight index="4" value="0.2"/>'}
      <issue index="1" name="Floor" type="discrete">
        ${floor ?? '<item value="ground &amp; garden" evaluation="10"/><item value="first" evaluation="40"/><item value="top" evaluation="20"/>'}
        <similarity_function><item value="top" evaluation="99"/></similarity_function>
      </issue>
      <objective index="9" name="Money">
        <issue index="2" name="Months" type="integer" lowerbound="3" upperbound="12">
          ${months ?? '<evaluator ftype="linear" offset="0.1" slope="0.2"/>'}
        </issue>
        <issue index="3" name="Rent" type="real">
          <range lowerbound="1000" upperbound="3000"/>
          ${rent ?? '<evaluator ftype="linear" parameter0="1.5" parameter1="-0.0005"/>'}
        </issue>
      </objective>
      <issue index="4" name="Desks"><item value="old" evaluation="0"/><item value="new" evaluation="0"/></issue>
    </objective>
    ${after ?? ""}
  </utility_space>`;
}

function read(one: ProfileParts = {}, domain = DOMAIN) {
  return scenarioFromGenius({ name: "office.xml", text: domain }, [
    { name: "tenant.xml", text: profile(one) },
    { name: "owner.xml", text: profile({ after: '<reservation value="0.3"/><discount_factor value="0.9"/>' }) },
  ]);
}

/** What the tenant's utility says of one issue's value, before its weight. */
function worth(parts: ProfileParts, issue: number, value: number): number {
  const { utility } = read(parts).parties[0] ?? {};
  return (utility?.part(issue, value) ?? Number.NaN) / (utility?.weights[issue] ?? Number.NaN);
}

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);
}

describe("a Genius scenario", () => {
  it("has the domain's issues, however deep they stand", () => {
    const { space, name } = read();
    assert.equal(name, "office.xml");
    assert.deepEqual(space.issues, [
      { kind: "discrete", name: "Floor", values: ["ground & garden", "first", "top"] },
      { kind: "integer", name: "Months", from: 3, to: 12 },
      { kind: "continuous", name: "Rent", from: 1000, to: 3000 },
      { kind: "discrete", name: "Desks", values: ["old", "new"] },
    ]);
  });

  it("has parties with weights scaled to 1, reservation and discount", () => {
    const [tenant, owner] = read().parties;
    for (const [index, weight] of [0.25, 0.125, 0.5, 0.125].entries())
      near(tenant?.utility.weights[index] ?? 0, weight);
    assert.deepEqual([tenant?.name, tenant?.reservation, tenant?.discount], ["tenant.xml", 0, 1]);
    assert.deepEqual([owner?.name, owner?.reservation, owner?.discount], ["owner.xml", 0.3, 0.9]);
  });

  it("divides evaluations by the greatest, all of nothing being worth nothing", () => {
    near(worth({}, 0, 0), 0.25);
    near(worth({}, 0, 1), 1);
    near(worth({}, 0, 2), 0.5);
    near(worth({}, 3, 1), 0);
  });

  it("takes whole numbers from the lower bound on, within 0 and 1", () => {
    for (const [value, expected] of [
      [3, 0.1],
      [5, 0.5],
      [7, 0.9],
      [8, 1],
      [12, 1],
    ] as const)
      near(worth({}, 1, value), expected);
    const falling = '<evaluator ftype="linear" offset="0.9" slope="-0.2"/>';
    for (const [value, expected] of [
      [3, 0.9],
      [7, 0.1],
      [8, 0],
      [12, 0],
    ] as const)
      near(worth({ months: falling }, 1, value), expected);
    const level = '<evaluator ftype="linear" offset="0.7" slope="0"/>';
    near(worth({ months: level }, 1, 9), 0.7);
    const older = '<evaluator ftype="linear" parameter0="-0.2" parameter1="0.1"/>';
    near(worth({ months: older }, 1, 9), 0.7);
  });

  it("takes real numbers linear, constant and triangular", () => {
    for (const [value, expected] of [
      [1000, 1],
      [2000, 0.5],
      [2500, 0.25],
      [3000, 0],
    ] as const)
      near(worth({}, 2, value), expected);
    near(worth({ rent: '<evaluator ftype="constant" parameter0="0.6"/>' }, 2, 1234), 0.6);
    const rent = '<evaluator ftype="triangular" parameter0="1200" parameter1="2800" parameter2="1600"/>';
    for (const [value, expected] of [
      [1000, 0],
      [1200, 0],
      [1400, 0.5],
      [1600, 1],
      [2200, 0.5],
      [3000, 0],
    ] as const) {
      near(worth({ rent }, 2, value), expected);
    }
  });

  it("counts once what an issue lists twice", () => {
    const twice = DOMAIN.replace('<item index="2" value="first"></item>', '$&<item index="2" value="first"></item>');
    const { space, parties } = read({}, twice);
    assert.deepEqual(space, read().space);
    assert.deepEqual(parties, read().parties);
  });

  it("tells parties of one name apart", () => {
    const one = { name: "one.xml", text: profile() };
    const { parties } = scenarioFromGenius({ name: "office.xml", text: DOMAIN }, [one, one, one]);
    assert.deepEqual(
      parties.map(({ name }) => name),
      ["one.xml", "one.xml (2)", "one.xml (3)"],
    );
  });

  it("does without weights, and with a discount that makes no sense", () => {
    const [tenant] = read({ weights: "", after: '<discount_factor value="0.0"/>' }).parties;
    assert.deepEqual(tenant?.utility.weights, [0.25, 0.25, 0.25, 0.25]);
    assert.equal(tenant.discount, 1);
  });

  it("takes a domain that begins with its utility space", () => {
    const inner = DOMAIN.slice(DOMAIN.indexOf("<utility_space"), DOMAIN.indexOf("</negotiation_template>"));
    assert.equal(read({}, inner).space.issues.length, 4);
  });

  const bad: Record<string, [parts: ProfileParts, says: RegExp]> = {
    "a value without evaluation": [
      { floor: '<item value="first" evaluation="1"/>' },
      /line 4: .*Floor.*ground & garden/,
    ],
    "an evaluation that is no number": [
      { floor: '<item value="ground &amp; garden" evaluation="NaN"/>' },
      /evaluation NaN/,
    ],
    "a number that is none": [{ weights: '<weight index="1" value="0x10"/>' }, /value 0x10/],
    "a weight below 0": [{ weights: '<weight index="1" value="-0.1"/>' }, /below 0/],
    "a missing weight": [{ weights: '<weight index="1" value="1"/>' }, /weight of index 2.*Months/],
    "weights of 0": [
      { weights: [1, 2, 3, 4].map((index) => `<weight index="${index}" value="0"/>`).join("") },
      /weights are 0/,
    ],
    "no evaluator": [{ months: " " }, /Months has no <evaluator>/],
    "an unknown evaluator": [{ rent: '<evaluator ftype="faratin"/>' }, /faratin/],
    "a triangle without a side": [
      { rent: '<evaluator ftype="triangular" parameter0="1000" parameter1="3000" parameter2="1000"/>' },
      /between its feet/,
    ],
    "a non-linear profile": [{ after: "<ufun/>" }, /line 1: the profile is not linear-additive/],
    "what makes it non-linear inside an objective": [
      { weights: '<utility maxutility="9"><ufun type="PlainUfun"><hyperRectangle/></ufun></utility>' },
      /line 1: the profile is not linear-additive/,
    ],
    "a reservation that is no number": [{ after: '<reservation value="much"/>' }, /line 19: the value much/],
    "broken XML": [{ after: "</issue>" }, /line 19/],
  };
  for (const [what, [parts, says]] of Object.entries(bad)) {
    it(`is refused with ${what}, naming file and line`, () => {
      assert.throws(
        () => read(parts),
        (thrown: { code?: string; message: string; facts: { field?: string } }) => {
          assert.equal(thrown.code, "BadScenario");
          assert.equal(thrown.facts.field, "tenant.xml");
          assert.match(thrown.message, says);
          return true;
        },
      );
    });
  }

  it("is refused where the domain makes no sense", () => {
    const refused = (domain: string, says: RegExp) =>
      assert.throws(
        () => read({}, domain),
        (thrown: { code?: string; message: string }) => {
          assert.equal(thrown.code, "BadScenario");
          assert.match(thrown.message, says);
          return true;
        },
      );
    refused("<negotiation_template/>", /no <utility_space>/);
    refused("<utility_space><objective/></utility_space>", /^office\.xml, line 1: there are no issues/);
    refused(DOMAIN.replace('index="4"', 'index="1"'), /two issues of index 1/);
    refused(DOMAIN.replace('name="Desks"', 'name="Floor"'), /^office\.xml, line 16: there are two issues named Floor/);
    refused(DOMAIN.replace('type="integer" vtype="integer"', 'type="imaginary"'), /imaginary/);
    refused(DOMAIN.replace('lowerbound="3"', 'lowerbound="3.5"'), /3.5 is no whole number/);
    refused(DOMAIN.replace('lowerbound="3"', 'lowerbound="30"'), /^office\.xml, line 11: 12 is below 30/);
    refused(DOMAIN.replace(' index="4"', ' index="7"'), /no (issue|weight) of index 7/);
    const typed = (type: string) => profile().replace("<utility_space>", `<utility_space type="${type}">`);
    const from = (one: string) =>
      scenarioFromGenius({ name: "d", text: DOMAIN }, [
        { name: "a", text: one },
        { name: "b", text: profile() },
      ]);
    // What it has for each value would be read, and what makes it non-linear not be there at all.
    assert.throws(() => from(typed("nonlinear")), /^ParleyError: a, line 1: the profile is not linear-additive/);
    assert.equal(from(typed("any")).parties.length, 2);
    assert.throws(
      () => scenarioFromGenius({ name: "d", text: DOMAIN }, [{ name: "a", text: profile() }]),
      /it takes two/,
    );
  });
});
