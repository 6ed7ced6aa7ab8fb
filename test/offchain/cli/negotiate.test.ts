import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { GENIUS, GENIUS_WEB } from "./competition.ts";
import { CLOUD, EXAMPLES, folderOf, opposed, parley, parleyJson, parleyUnder, refuses } from "./parley.ts";

const TWO = ["--a", "boulware", "--b", "conceder"] as const;

describe("parley negotiate", () => {
  it("prints what was agreed as one JSON object", async () => {
    const result = await parleyJson("negotiate", "--scenario", CLOUD, ...TWO, "--rounds", "20");
    assert.deepEqual(Object.keys(result), [
      "agreement",
      "outcome",
      "utilities",
      "rounds",
      "offers",
      "reason",
      "fault",
      "fallbacks",
      "named",
    ]);
    assert.equal(result.agreement, true);
    assert.equal(result.outcome.length, 5);
    const values = JSON.parse(readFileSync(CLOUD, "utf8")).issues.map(
      (issue: { values: string[] }, index: number) => issue.values[result.outcome[index]],
    );
    assert.deepEqual(Object.values(result.named), values);
    assert.ok(result.utilities.length === 2 && result.rounds <= 20 && result.offers <= 40);
  });

  it("says what no deal is worth, and what is to follow", async () => {
    const args = ["--a", "hardliner:fallback=post", "--b", "hardliner", "--rounds", "2"];
    const { agreement, outcome, reason, fallbacks } = await parleyJson("negotiate", "--scenario", CLOUD, ...args);
    assert.deepEqual([agreement, outcome, reason], [false, null, "deadline"]);
    assert.deepEqual(fallbacks, ["post", "abort"]);
    const { stdout } = await parley("negotiate", "--scenario", CLOUD, ...args);
    assert.match(
      stdout,
      /no agreement: deadline\n {2}customer has 0\.\d{4}, and is to post\n {2}provider has 0\.\d{4}\n$/,
    );
  });

  it("gives the same for the same seed", async () => {
    const run = (seed: string) =>
      parleyJson(
        "negotiate",
        "--scenario",
        CLOUD,
        "--a",
        "micro",
        "--b",
        "hardliner",
        "--rounds",
        "60",
        "--trace",
        "--seed",
        seed,
      );
    const [first, again, other] = await Promise.all([run("7"), run("7"), run("8")]);
    assert.deepEqual(first, again);
    assert.notDeepEqual(first.trace, other.trace);
  });

  it("traces each turn with its reason and distances", async () => {
    const { trace, offers } = await parleyJson("negotiate", "--scenario", CLOUD, ...TWO, "--rounds", "5", "--trace");
    assert.equal(trace.filter(({ say }: { say: string }) => say === "offer").length, offers);
    for (const { why, toNash, toFrontier } of trace) {
      assert.ok(why.length > 0 && toNash >= 0 && toFrontier >= 0);
    }
    const { stdout } = await parley("negotiate", "--scenario", CLOUD, ...TWO, "--rounds", "5", "--trace");
    assert.match(stdout, /^ {3}1 customer {5}\{"discount on list price":/);
  });

  it("keeps nothing of what was said that nobody asked for", async () => {
    const sides = ["--a", "hardliner", "--b", "tft-absolute:reservation=0.9", "--rounds", "250000"];
    const flags = ["--scenario", CLOUD, ...sides, "--json"];
    // What was said would take a hundred megabytes.
    const { code, stdout, stderr } = await parleyUnder(["--max-old-space-size=48"], "negotiate", ...flags);
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).rounds, 250_000);
  });

  it("draws both curves, the frontier and the points", async () => {
    const { stdout } = await parley("negotiate", "--scenario", CLOUD, ...TWO, "--rounds", "20");
    for (const mark of ["●", "○", "·", "N", "★", "+", "agreed in round"]) assert.ok(stdout.includes(mark), mark);
  });

  it("negotiates over each of the examples, in turn where there are more than two", async () => {
    const { agreement } = await parleyJson(
      "negotiate",
      "--scenario",
      join(EXAMPLES, "shared-trench.json"),
      ...TWO,
      "--c",
      "linear",
    );
    assert.equal(agreement, true);
    const continuous = await parleyJson("negotiate", "--scenario", join(EXAMPLES, "air-freight.json"), ...TWO);
    assert.equal(continuous.agreement, true);
  });

  it("still negotiates over 10^9 outcomes", async (t) => {
    const folder = folderOf(t, { "huge.json": JSON.stringify(opposed(9)) });
    const { agreement } = await parleyJson("negotiate", "--scenario", join(folder, "huge.json"), ...TWO);
    assert.equal(agreement, true);
    assert.equal((await parley("negotiate", "--scenario", join(folder, "huge.json"), ...TWO)).code, 0);
  });

  it("reads a domain of Genius with its profiles, and profiles of GeniusWeb", async (t) => {
    const folder = folderOf(t, { ...GENIUS, ...GENIUS_WEB });
    const [domain = "", landlord = "", tenant = ""] = Object.keys(GENIUS).map((name) => join(folder, name));
    const genius = ["--scenario", domain, "--profile", landlord, "--profile", tenant];
    const web = ["A", "B"].flatMap((one) => ["--profile", join(folder, `profile${one}.json`)]);
    for (const files of [genius, web]) {
      const { agreement, named } = await parleyJson("negotiate", ...files, ...TWO, "--rounds", "20");
      assert.equal(agreement, true);
      assert.deepEqual(named, { Floor: "high", Desks: "old" });
    }
    const { stdout } = await parley("negotiate", ...genius, ...TWO);
    assert.match(stdout, /office_tenant has 0\.7500\n$/);
  });

  it("refuses what makes no sense in two lines", async () => {
    const over = (...args: string[]) => ["negotiate", "--scenario", CLOUD, ...args];
    await refuses(["negotiate", ...TWO], /--scenario is missing/, 2);
    await refuses(over(...TWO, "--scenario", CLOUD), /--scenario is given twice, and takes one/, 2);
    await refuses(["negotiate", "--profile", CLOUD, ...TWO], /--profile is given once/, 2);
    await refuses(over("--a", "boulware"), /--b is missing: the strategy of provider/, 2);
    await refuses(over(...TWO, "--c", "linear"), /--c is too much: there are 2 parties/, 2);
    await refuses(
      over("--a", "nobody", "--b", "linear"),
      /--a: there is nothing named 'nobody'[\s\S]+boulware, linear/,
      2,
    );
    await refuses(over("--a", "linear", "--b", "linear:haste=1"), /--b: linear has no parameter haste/, 2);
    await refuses(over("--a", "linear:pace=NaN", "--b", "linear"), /--a: pace=NaN is not/, 2);
    await refuses(over("--a", "linear:pace=-1", "--b", "linear"), /--a: linear takes a pace from/, 2);
    await refuses(over(...TWO, "--protocol", "shouting"), /--protocol: there is nothing named 'shouting'/, 2);
    await refuses(over(...TWO, "--rounds", "0"), /--rounds takes a whole number from 1/, 2);
    await refuses(over(...TWO, "--seed", "1.5"), /--seed takes a whole number/, 2);
    await refuses(over(...TWO, "--reference", "spot=3"), /no figure depends on a reference named spot/, 1);
    await refuses(over(...TWO, "--reference", "spot"), /--reference takes a name and a number/, 2);
    await refuses(
      over(...TWO, "--svg", join(EXAMPLES, "none", "x.svg")),
      /x\.svg can't be written: there is no such/,
      1,
    );
  });

  it("says under which protocols a strategy can sit that has to know all", async () => {
    const args = ["negotiate", "--scenario", CLOUD, "--a", "zeuthen", "--b", "zeuthen"];
    const what = /--a: zeuthen has to know what the other wants[\s\S]+--protocol monotonic-concession or rubinstein/;
    await refuses(args, what, 2);
    const { agreement } = await parleyJson(...args, "--protocol", "monotonic-concession");
    assert.equal(agreement, true);
    const three = ["--scenario", join(EXAMPLES, "shared-trench.json"), ...TWO, "--c", "linear"];
    await refuses(
      ["negotiate", ...three, "--protocol", "rubinstein"],
      /rubinstein is not for 3 parties[\s\S]+stacked/,
      2,
    );
  });
});
