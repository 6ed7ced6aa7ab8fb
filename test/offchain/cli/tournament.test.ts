import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { GENIUS, GENIUS_WEB } from "./competition.ts";
import { CLOUD, EXAMPLES, folderOf, opposed, parley, parleyBegun, parleyJson, refuses } from "./parley.ts";

const THREE = ["--strategies", "boulware,conceder,micro", "--rounds", "20"] as const;

/** Two scenarios for two, and one for three, which tournaments leave out. */
function scenarios(t: TestContext): string {
  const trench = readFileSync(join(EXAMPLES, "shared-trench.json"), "utf8");
  return folderOf(t, {
    "cloud.json": readFileSync(CLOUD, "utf8"),
    "opposed.json": JSON.stringify(opposed()),
    "trench.json": trench,
  });
}

describe("parley tournament", () => {
  it("prints the table as one JSON object, the same for any number of workers", async (t) => {
    const folder = scenarios(t);
    const run = (...args: string[]) => parleyJson("tournament", "--scenarios", folder, ...THREE, ...args);
    const one = await run("--workers", "1");
    assert.deepEqual(await run("--workers", "2"), one);
    const { table, byScenario, leftOut, ...rest } = one;
    assert.deepEqual(rest, { scenarios: 2, rounds: 20, matches: 12 });
    assert.deepEqual(leftOut, [{ path: join(folder, "trench.json"), why: "it is for 3, and tournaments are for two" }]);
    assert.deepEqual(
      byScenario.map(({ scenario }: { scenario: string }) => scenario),
      ["cloud.json", "opposed.json"],
    );
    const meansOf = (strategy: string): number[] =>
      byScenario.map(
        ({ table: own }: { table: { strategy: string; utility: number }[] }) =>
          own.find((row) => row.strategy === strategy)?.utility,
      );
    for (const { strategy, matches, utility, agreement, welfare, nashDistance, rounds, faults } of table) {
      assert.ok(["boulware", "conceder", "micro"].includes(strategy));
      assert.deepEqual([matches, faults], [8, 0]);
      for (const { mean, within } of [utility, agreement, welfare, nashDistance]) {
        assert.ok(mean >= 0 && mean <= 1.001 && within >= 0);
      }
      assert.ok(rounds.mean >= 1 && rounds.mean <= 20);
      const [cloud = 0, other = 0] = meansOf(strategy);
      assert.ok(Math.abs(utility.mean - (cloud + other) / 2) < 1e-9);
    }
    assert.equal((await run("--self", "--repeat", "2")).matches, 36);
  });

  it("says what it leaves out", async (t) => {
    const folder = scenarios(t);
    const { code, stderr, stdout } = await parley("tournament", "--scenarios", folder, ...THREE);
    assert.equal(code, 0);
    assert.equal(stderr, `left out ${join(folder, "trench.json")}: it is for 3, and tournaments are for two\n`);
    assert.match(stdout, /^strategy +utility[\s\S]+12 matches over 2 scenarios\n$/);
  });

  it("goes on from wherever it was broken off, with the same table in the end", async (t) => {
    const folder = scenarios(t);
    const diary = join(folder, "diary.lines");
    const run = () => parleyJson("tournament", "--scenarios", folder, ...THREE, "--resume", diary);
    const whole = await run();
    assert.deepEqual(await run(), whole);
    const text = readFileSync(diary, "utf8");
    const lines = text.split("\n").length;
    for (const share of [0, 0.05, 0.3, 0.5, 0.77]) {
      writeFileSync(diary, text.slice(0, Math.floor(share * text.length)));
      assert.deepEqual(await run(), whole);
      assert.ok(readFileSync(diary, "utf8").split("\n").length <= lines + 1);
    }
    // A line that was cut off stays behind in the middle.
    writeFileSync(diary, text.replace(/\n[^\n]+\n/, '\n{"scenario":0,"seats":[0\n'));
    assert.deepEqual(await run(), whole);
  });

  it("has what was played when it is interrupted in the middle of a scenario", async (t) => {
    const folder = folderOf(t, { "cloud.json": readFileSync(CLOUD, "utf8") });
    const diary = join(folder, "diary.lines");
    const args = ["tournament", "--scenarios", folder, "--resume", diary, ...THREE];
    const begun = parleyBegun(...args, "--repeat", "20000");
    t.after(() => begun.child.kill("SIGKILL"));
    const lines = () => (existsSync(diary) ? readFileSync(diary, "utf8").split("\n").length : 0);
    while (lines() < 100 && begun.child.exitCode === null) await setTimeout(50);
    begun.child.kill("SIGINT");
    await begun.ended;
    const played = lines() - 1;
    assert.ok(played >= 99 && played < 120_000, `${played} matches`);
    const { matches, table } = await parleyJson(...args, "--repeat", "3");
    assert.equal(matches, 18);
    assert.deepEqual(table, (await parleyJson("tournament", "--scenarios", folder, ...THREE, "--repeat", "3")).table);
  });

  it("doesn't go on from another tournament, nor from other scenarios of the same name", async (t) => {
    const folder = scenarios(t);
    const diary = join(folder, "diary.lines");
    const args = ["tournament", "--scenarios", folder, "--resume", diary];
    await parleyJson(...args, ...THREE);
    const other = await parley(...args, ...THREE, "--seed", "2");
    assert.equal(other.code, 1);
    assert.match(other.stderr, /--resume: .*of another tournament.*\n {2}Name another file/);
    writeFileSync(join(folder, "opposed.json"), JSON.stringify(opposed(3)));
    assert.match((await parley(...args, ...THREE)).stderr, /of another tournament/);
    writeFileSync(diary, "Dear diary");
    assert.match((await parley(...args, ...THREE)).stderr, /of another tournament/);
    assert.equal(readFileSync(diary, "utf8"), "Dear diary");
  });

  it("plays domains of Genius and GeniusWeb, a folder each", async (t) => {
    const folder = folderOf(t, {});
    for (const [name, files] of Object.entries({ genius: GENIUS, web: GENIUS_WEB, notes: { "read.me": "" } })) {
      mkdirSync(join(folder, name));
      for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, name, file), text);
    }
    const { scenarios: count, table } = await parleyJson("tournament", "--scenarios", folder, ...THREE);
    assert.equal(count, 2);
    assert.ok(table.every(({ agreement }: { agreement: { mean: number } }) => agreement.mean > 0));
    mkdirSync(join(folder, "broken"));
    writeFileSync(join(folder, "broken", "domain.xml"), GENIUS["Office.xml"]);
    for (const one of ["a", "b"])
      writeFileSync(join(folder, "broken", `${one}.xml`), "<utility_space></utility_space>");
    const { scenarios: still, leftOut } = await parleyJson("tournament", "--scenarios", folder, ...THREE);
    assert.equal(still, 2);
    assert.equal(leftOut[0].path, join(folder, "broken"));
    assert.match(leftOut[0].why, /broken.a\.xml, line 1: /);
    const { stderr } = await parley("tournament", "--scenarios", folder, ...THREE);
    assert.match(stderr, /^left out .*broken: .*broken.a\.xml, line 1: [^\n]+\n$/);
  });

  it("finds scenarios behind links, and by any case of their names' ends", async (t) => {
    const [elsewhere, folder] = [folderOf(t, GENIUS), folderOf(t, { "B.JSON": JSON.stringify(opposed()) })];
    symlinkSync(elsewhere, join(folder, "linked"));
    symlinkSync(CLOUD, join(folder, "cloud.json"));
    symlinkSync(join(elsewhere, "none"), join(folder, "nowhere"));
    const { byScenario, leftOut } = await parleyJson("tournament", "--scenarios", folder, ...THREE);
    const names = byScenario.map(({ scenario }: { scenario: string }) => scenario);
    assert.deepEqual(names, ["B.JSON", "cloud.json", "linked"]);
    assert.deepEqual(leftOut, [{ path: join(folder, "nowhere"), why: "it is a link that leads nowhere" }]);
  });

  it("says why where all is left out", async (t) => {
    const folder = folderOf(t, { "cut.json": "{" });
    const what = /has no scenario of two parties: left out .*cut\.json: .*cut\.json: this is no JSON/;
    await refuses(["tournament", "--scenarios", folder, ...THREE], what, 1);
  });

  it("plays scenarios that are too large to analyse, without figures of welfare", async (t) => {
    const folder = folderOf(t, { "huge.json": JSON.stringify(opposed(9)) });
    const { table } = await parleyJson(
      "tournament",
      "--scenarios",
      folder,
      "--strategies",
      "boulware,linear",
      "--rounds",
      "10",
    );
    assert.deepEqual(table[0].welfare, { mean: null, within: null });
    assert.equal(table[0].agreement.mean, 1);
    const { stdout } = await parley("tournament", "--scenarios", folder, "--strategies", "boulware,linear");
    assert.match(stdout, /unknown {8}unknown/);
    assert.match(stdout, /2 matches over one scenario, which says nothing of others/);
    assert.doesNotMatch(stdout, /±/);
  });

  it("refuses what makes no sense in two lines", async (t) => {
    const empty = folderOf(t, {});
    const good = ["tournament", "--scenarios", EXAMPLES, "--strategies"];
    await refuses(["tournament"], /--scenarios is missing/, 2);
    await refuses([...good, "linear"], /--strategies takes two or more/, 2);
    await refuses([...good, "linear,micro,linear"], /--strategies names linear twice[\s\S]+--self/, 2);
    await refuses([...good, "linear,nobody"], /--strategies: there is nothing named 'nobody'/, 2);
    await refuses([...good, "linear,rubinstein"], /rubinstein has to know[\s\S]+--protocol monotonic-concession or/, 2);
    await refuses([...good, "linear,micro", "--protocol", "shouting"], /nothing named 'shouting'/, 2);
    await refuses([...good, "linear,micro", "--rounds", "0"], /--rounds takes/, 2);
    await refuses([...good, "linear,micro", "--workers", "0"], /--workers takes/, 2);
    const many = [...good, "linear,micro,boulware,conceder,hybrid", "--repeat", "1000000"];
    await refuses(many, /these would be 220,000,000 matches, more than 1,000,000 /, 2);
    await refuses([...good, "linear,micro", "--rounds", "5", "--rounds", "6"], /--rounds is given twice/, 2);
    await refuses(["tournament", "--scenarios", empty, ...THREE], /has no scenario of two parties/, 1);
    await refuses(["tournament", "--scenarios", join(empty, "no"), ...THREE], /can't be read: there is no such/, 66);
    await refuses(["tournament", "--scenarios", CLOUD, ...THREE], /can't be read: it is not a folder/, 66);
  });
});
