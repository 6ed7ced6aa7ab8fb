import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Bargain, Offered } from "../../../../offchain/cli/pictures/bargain.ts";
import { svgOf } from "../../../../offchain/cli/pictures/svg.ts";
import { parseXml, type XmlElement } from "../../../../offchain/negotiation/formats/xml.ts";
import { folderOf, opposed, parley } from "../parley.ts";

const OFFERS: readonly Offered[] = [
  { by: 0, round: 0, utilities: [1, 0] },
  { by: 1, round: 0, utilities: [0.1, 0.9] },
  { by: 0, round: 1, utilities: [0.6, 0.5] },
];

function bargain(parts: Partial<Bargain> = {}): Bargain {
  const names = ["buyer", "seller"] as const;
  return { names, offers: OFFERS, frontier: [[1, 0]], nash: [0.6, 0.5], reservations: [0, 0], agreed: null, ...parts };
}

/** All elements of a picture; throws if it is not well-formed. */
function elements(svg: string): XmlElement[] {
  const below = (element: XmlElement): XmlElement[] => [element, ...element.children.flatMap(below)];
  return below(parseXml(svg, "picture"));
}

describe("a picture", () => {
  it("is well-formed, with a dot for each offer", () => {
    const all = elements(svgOf(bargain(), "Bags"));
    assert.equal(all[0]?.name, "svg");
    assert.equal(all.filter(({ name, attributes }) => name === "circle" && attributes.get("r") === "2.5").length, 3);
  });

  it("escapes names", () => {
    const evil = `<script>alert("1 & 2")</script>`;
    const svg = svgOf(bargain({ names: [evil, `o'ther`] }), evil);
    assert.ok(elements(svg).every(({ name }) => name !== "script"));
    assert.ok(!svg.includes("<script>") && !svg.includes("o'ther"));
  });

  it("is well-formed with names of characters that XML has not", () => {
    const odd = "a\uffffb\ufffec\ud800d\u{1F600}";
    const title = elements(svgOf(bargain({ names: [odd, "other"] }), odd));
    assert.equal(title[0]?.name, "svg");
    assert.ok(svgOf(bargain(), odd).includes("<title>a\ufffdb\ufffdc\ufffdd\u{1F600}</title>"));
  });

  it("has only numbers for places, whatever there is to draw", () => {
    const level = { offers: [], frontier: [], nash: null, reservations: [0, 0] } as const;
    for (const parts of [{}, level, { ...level, agreed: [1e9, -1e9] as const }]) {
      const svg = svgOf(bargain(parts), "");
      assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
      elements(svg);
    }
  });

  it("is a line instead of dots where the frontier is long", () => {
    const frontier = Array.from({ length: 5_000 }, (_, place) => [1 - place / 5_000, place / 5_000] as const);
    assert.equal(
      elements(svgOf(bargain({ frontier, offers: [] }), "")).filter(({ name }) => name === "circle").length,
      2,
    );
  });

  it("is written by parley negotiate --svg", async (t) => {
    const folder = folderOf(t, { "x.json": JSON.stringify(opposed(2, ["<b>", "&amp;"])) });
    const [scenario, picture] = [join(folder, "x.json"), join(folder, "x.svg")];
    await parley("negotiate", "--scenario", scenario, "--a", "boulware", "--b", "linear", "--svg", picture);
    const svg = readFileSync(picture, "utf8");
    elements(svg);
    assert.ok(svg.includes("&#60;b&#62;") && svg.includes("&#38;amp;"));
  });
});
