import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { GENIUS } from "./competition.ts";
import { CLOUD, EXAMPLES, folderOf, opposed, parley, parleyJson, parleyUnder, refuses } from "./parley.ts";

/** A scenario that differs from a good one in one place, as text. */
function spoiled(change: (scenario: ReturnType<typeof opposed>) => void): string {
  const scenario = opposed();
  change(scenario);
  return JSON.stringify(scenario);
}

const BAD: Readonly<Record<string, readonly [text: string, what: RegExp]>> = {
  "cut.json": ['{"issues": [', /this is no JSON/],
  "list.json": ["[]", /the document is \[\], and has to be an object/],
  "nan.json": [JSON.stringify(opposed()).replace('"reservation":0.1', '"reservation":NaN'), /this is no JSON/],
  "null.json": [
    JSON.stringify(opposed()).replace('"reservation":0.1', '"reservation":null'),
    /parties\[0\]\.reservation is null/,
  ],
  "weights.json": [
    spoiled(({ parties }) => parties[0]?.weights.splice(0, 1, 0.6)),
    /parties\[0\]\.weights .*not to 1\.1 /,
  ],
  "values.json": [
    spoiled(({ parties }) => parties[1]?.values.pop()),
    /parties\[1\]\.values .*is a list of 1, and has to be a list of 2/,
  ],
  "issues.json": [JSON.stringify({ ...opposed(), issues: [] }), /issues: there are no issues/],
  "twice.json": [JSON.stringify(opposed(2, ["one", "one"])), /parties\[1\]\.name is "one"/],
  "value.json": [
    spoiled(({ issues }) => issues[1]?.values.splice(0, 1, "1")),
    /issues\[1\]\.values: the value 1 is there twice/,
  ],
};

describe("parley analyze", () => {
  it("prints the whole as one JSON object", async () => {
    const analysis = await parleyJson("analyze", "--scenario", CLOUD);
    const members = [
      "outcomes",
      "pareto",
      "nash",
      "kalai",
      "egalitarian",
      "welfare",
      "opposition",
      "rational",
      "parties",
    ];
    assert.deepEqual(Object.keys(analysis), members);
    assert.equal(analysis.outcomes, 2160);
    assert.deepEqual(Object.keys(analysis.nash).sort(), ["outcomes", "product", "utilities"]);
    assert.ok(analysis.pareto.every((pair: readonly number[]) => pair.length === 2));
    assert.ok(analysis.nash.outcomes.every((outcome: readonly number[]) => outcome.length === 5));
    assert.deepEqual(await parleyJson("analyze", "--scenario", CLOUD), analysis);
  });

  it("analyses each of the examples, and says where that is not exact", async () => {
    for (const name of readdirSync(EXAMPLES)) {
      const { outcomes, grid } = await parleyJson("analyze", "--scenario", join(EXAMPLES, name));
      assert.ok(outcomes > 1, name);
      assert.deepEqual(grid, name === "air-freight.json" ? { steps: 40, exact: false } : undefined);
    }
  });

  it("prints points and frontier for people", async () => {
    const { code, stdout } = await parley("analyze", "--scenario", CLOUD);
    assert.equal(code, 0);
    for (const label of [
      "2,160 outcomes",
      "no deal",
      "Nash",
      "Kalai-Smorodinsky",
      "egalitarian",
      "welfare",
      "frontier",
    ]) {
      assert.ok(stdout.includes(label), label);
    }
  });

  it("reads a domain of Genius", async (t) => {
    const folder = folderOf(t, GENIUS);
    const [domain = "", ...profiles] = Object.keys(GENIUS).map((name) => join(folder, name));
    const analysis = await parleyJson(
      "analyze",
      "--scenario",
      domain,
      ...profiles.flatMap((one) => ["--profile", one]),
    );
    assert.deepEqual(analysis.nash, { utilities: [0.75, 0.75], outcomes: [[1, 0]], product: 0.55 ** 2 });
    assert.equal(analysis.parties[0].name, "office_landlord");
    await refuses(["analyze", "--scenario", domain], /a domain of Genius needs a --profile for each party/, 1);
    const both = profiles.flatMap((one) => ["--profile", one]);
    await refuses(["analyze", "--scenario", CLOUD, ...both], /profiles go with a domain/, 1);
    await refuses(["analyze", ...both], /profiles of Genius, and --scenario has to name their domain/, 1);
    const [one = ""] = profiles;
    const { parties } = await parleyJson("analyze", "--scenario", domain, "--profile", one, "--profile", one);
    assert.deepEqual(
      parties.map(({ name }: { name: string }) => name),
      [one, `${one} (2)`],
    );
  });

  it("names file and field of what is wrong", async (t) => {
    const folder = folderOf(t, Object.fromEntries(Object.entries(BAD).map(([name, [text]]) => [name, text])));
    for (const [name, [, what]] of Object.entries(BAD)) {
      const file = join(folder, name);
      await refuses(["analyze", "--scenario", file], what, 1);
      assert.ok((await parley("analyze", "--scenario", file)).stderr.includes(file));
    }
    await refuses(
      ["analyze", "--scenario", join(folder, "none.json")],
      /none\.json can't be read: there is no such file/,
      66,
    );
    await refuses(["analyze", "--scenario", folder], /can't be read: it is a folder/, 66);
    await refuses(["analyze", "--scenario", CLOUD, "--grid", "0"], /--grid takes a whole number from 1/, 2);
  });

  it("writes out ties by the hundred thousand without having them there at once", async (t) => {
    const each = Array.from({ length: 17 }, (_, index) => index);
    const party = { weights: each.map(() => 1 / 17), values: each.map(() => [1, 1]) };
    const tied = {
      issues: each.map((index) => ({ name: `${index}`, values: ["no", "yes"] })),
      parties: ["one", "other"].map((name) => ({ name, ...party })),
    };
    const folder = folderOf(t, { "tied.json": JSON.stringify(tied) });
    const flags = ["--scenario", join(folder, "tied.json"), "--json"];
    const { code, stdout, stderr } = await parleyUnder(["--max-old-space-size=40"], "analyze", ...flags);
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).nash.outcomes.length, 2 ** 17);
  });

  it("reads files that begin with a mark of the order of bytes", async (t) => {
    const folder = folderOf(t, { "marked.json": `\uFEFF${JSON.stringify(opposed())}` });
    assert.equal((await parleyJson("analyze", "--scenario", join(folder, "marked.json"))).outcomes, 100);
  });

  it("shows nothing that a terminal would obey", async (t) => {
    const folder = folderOf(t, {
      "member.json": JSON.stringify({ "\u001b[31mred\u0007": 1 }),
      "excerpt.json": "\u001b[2J\u009b31m{",
      "\u001b[31mname.json": "{}",
    });
    for (const name of ["member.json", "excerpt.json", "\u001b[31mname.json"]) {
      const { stderr } = await parley("analyze", "--scenario", join(folder, name));
      assert.match(stderr, /\\u001b\[/);
      assert.doesNotMatch(stderr.replaceAll("\n", ""), /\p{Cc}/u);
    }
  });

  it("says of a document of any depth what is wrong with it", async (t) => {
    const depth = 30_000;
    const folder = folderOf(t, { "deep.json": `{"issues":${"[".repeat(depth)}${"]".repeat(depth)},"parties":[]}` });
    const flags = ["--scenario", join(folder, "deep.json"), "--reference", "spot=1"];
    await refuses(["analyze", ...flags], /deep\.json: issues\[0\] is a list of 1, and has to be an object/, 1);
  });

  it("refuses 10^9 outcomes", async (t) => {
    const folder = folderOf(t, { "huge.json": JSON.stringify(opposed(9)) });
    await refuses(
      ["analyze", "--scenario", join(folder, "huge.json")],
      /1,000,000,000 outcomes are more than 2,000,000/,
      1,
    );
  });
});
