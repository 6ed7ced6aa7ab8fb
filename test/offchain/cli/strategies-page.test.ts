// What docs/strategies.md shows can be done as it says.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { parseXml } from "../../../offchain/negotiation/formats/xml.ts";
import { PROTOCOLS } from "../../../offchain/negotiation/protocols/registry.ts";
import { STRATEGIES, strategyNamed } from "../../../offchain/negotiation/strategies/registry.ts";
import { folderOf, parley, ROOT } from "./parley.ts";

const PAGE = readFileSync(join(ROOT, "docs", "strategies.md"), "utf8");
const PICTURES = [...PAGE.matchAll(/^`parley (negotiate .*) --svg (docs\/pictures\/[^`]+)`$/gm)];

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
    for (const [, command = "", picture = ""] of PICTURES) {
      const drawn = join(folder, "drawn.svg");
      const { code, stderr } = await parley(...command.split(" "), "--svg", drawn);
      assert.equal(code, 0, stderr);
      const [shown, now] = [join(ROOT, picture), drawn].map((path) => parseXml(readFileSync(path, "utf8"), picture));
      assert.deepEqual(shown?.attributes, now?.attributes);
      assert.ok(PAGE.includes(`(${picture.replace("docs/", "")})`), picture);
      assert.ok(statSync(join(ROOT, picture)).size < 60_000, picture);
    }
  });

  it("has the figures of what can be set", async () => {
    const rows = [...PAGE.matchAll(/^\| `(boulware\S*)` \| (\.\d+) \| (\.\d+) \| (\d+) \|$/gm)];
    assert.equal(rows.length, 7);
    for (const [, strategy = "", ...figures] of rows) {
      const scenario = join("examples", "scenarios", "cloud-capacity.json");
      const flags = ["--a", strategy, "--b", "linear", "--rounds", "50", "--json"];
      const { utilities, rounds } = JSON.parse((await parley("negotiate", "--scenario", scenario, ...flags)).stdout);
      const found = [...utilities.map((one: number) => one.toFixed(3).slice(1)), String(rounds)];
      assert.deepEqual(found, figures, strategy);
    }
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
