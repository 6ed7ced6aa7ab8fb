// What docs/strategies.md shows can be done as it says.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { parseXml, type XmlElement } from "../../../offchain/negotiation/formats/xml.ts";
import { PROTOCOLS } from "../../../offchain/negotiation/protocols/registry.ts";
import { STRATEGIES, strategyNamed } from "../../../offchain/negotiation/strategies/registry.ts";
import {
  cellsOf,
  figuresOf,
  negotiationOf,
  picturesOf,
  settingsOf,
  tournamentOf,
  withSettings,
  withTable,
} from "../../../scripts/lib/strategies-page.ts";
import { folderOf, parley, parleyJson, ROOT } from "./parley.ts";

const PAGE = readFileSync(join(ROOT, "docs", "strategies.md"), "utf8");
const PICTURES = picturesOf(PAGE);
const AGAIN = "is not what its command gives any more; npm run page mends it";

/** Each element of a picture with all that it says. */
function elementsOf(path: string): unknown[] {
  const below = ({ name, attributes, children }: XmlElement): unknown[] => [
    [name, ...attributes],
    ...children.flatMap(below),
  ];
  return below(parseXml(readFileSync(path, "utf8"), path));
}

describe("the page on strategies", () => {
  it("has every strategy and protocol", () => {
    for (const name of [...Object.keys(STRATEGIES), ...Object.keys(PROTOCOLS)]) {
      assert.ok(PAGE.includes(`\`${name}\``), name);
    }
  });

  it("names strategies with parameters that they take", () => {
    const named = [...PAGE.matchAll(/`([a-z-]+(?::[a-z]+=[\d.]+)+)`/g)].map(([, text = ""]) => text);
    assert.ok(named.length >= 6);
    for (const text of named) strategyNamed(text);
  });

  it("has pictures that its commands draw", async (t) => {
    assert.equal(PICTURES.length, PAGE.match(/^!\[/gm)?.length);
    const folder = folderOf(t, {});
    for (const { args, path } of PICTURES) {
      const [shown, drawn] = [join(ROOT, path), join(folder, "drawn.svg")];
      const { code, stderr } = await parley(...args, "--svg", drawn);
      assert.equal(code, 0, stderr);
      const [old, now] = [elementsOf(shown), elementsOf(drawn)];
      assert.ok(now.length > 100, path);
      assert.deepEqual(old, now, `${path} ${AGAIN}`);
      assert.ok(PAGE.includes(`(${path.replace("docs/", "")})`), path);
      assert.ok(statSync(shown).size < 60_000, path);
    }
  });

  it("has the figures of what can be set", async () => {
    const rows = settingsOf(PAGE);
    assert.equal(rows.length, 7);
    for (const { strategy, figures } of rows) {
      const { stdout } = await parley(...negotiationOf(strategy));
      assert.deepEqual(figures, figuresOf(stdout), `${strategy} ${AGAIN}`);
    }
  });

  it("has the figures of what strategies bring, those of the shortest deadline being looked at", async () => {
    const { table } = await parleyJson(...tournamentOf(PAGE, 20));
    assert.equal(table.length, 11);
    for (const { strategy } of table) {
      const now = cellsOf(strategy, new Map([[20, table]]));
      const [, cells = ""] = PAGE.match(new RegExp(`^\\| \`${strategy}\` \\| (0.*) \\|$`, "m")) ?? [];
      const shown = cells.split(" | ").map((cell, place) => (now[place] === undefined ? undefined : cell));
      assert.deepEqual(shown, now, `${strategy} ${AGAIN}`);
    }
  });

  it("is written anew by its script, figures alone", () => {
    const row = (strategy: string, mean: number) => ({
      ...{ strategy, utility: { mean }, agreement: { mean }, welfare: { mean } },
    });
    const tables = [20, 50, 200].map((rounds) => [rounds, [row("linear", 0.1), row("micro", 0.25)]] as const);
    const changed = withTable(PAGE, new Map(tables));
    assert.match(
      changed,
      /\|\n\| `micro` (\| 0\.250 ){9}\|\n\| `linear` (\| 0\.100 ){9}\|\n\n```sh\nparley tournament /,
    );
    const set = withSettings(PAGE, new Map([["boulware:pace=0.5", [".111", ".222", "33"]]]));
    assert.ok(set.includes("| `boulware:pace=0.5` | .111 | .222 | 33 |"));
    assert.equal(set.length, PAGE.length);
  });

  it("has a strategy made of parts, which is better for both as it says", async (t) => {
    const [program, output] = ["ts", "text"].map(
      (kind) => PAGE.match(new RegExp(`\`\`\`${kind}\n(.*?)\`\`\``, "s"))?.[1],
    );
    const absolute = program?.replaceAll('"../offchain/', `"${pathToFileURL(join(ROOT, "offchain")).href}/`) ?? "";
    const file = join(
      folderOf(t, { "considerate.ts": absolute, "package.json": '{"type":"module"}' }),
      "considerate.ts",
    );
    const args = ["--disable-warning=ExperimentalWarning", file];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, timeout: 60_000 });
    const shape = (text = "") => text.replaceAll(/\d\.\d{3}/g, "#");
    assert.equal(shape(stdout), shape(output));
    const [boulware = [], considerate = []] = stdout.split("\n").map((line) => line.split(" ").slice(1).map(Number));
    assert.equal(considerate.length, 2);
    assert.ok(
      considerate.every((one, side) => one >= (boulware[side] ?? 1)),
      stdout,
    );
  });
});
