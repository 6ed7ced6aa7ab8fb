import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ParleyError } from "../../../../offchain/kernel/errors.ts";
import { parseXml, type XmlElement } from "../../../../offchain/negotiation/formats/xml.ts";

const parse = (text: string) => parseXml(text, "file");

/** The document as text again. */
function write({ name, attributes, children }: XmlElement): string {
  const own = [...attributes].map(([key, value]) => ` ${key}="${value}"`).join("");
  return `<${name}${own}>${children.map(write).join("")}</${name}>`;
}

describe("parseXml", () => {
  it("reads elements, attributes, comments, CDATA and a declaration", () => {
    const text = `\uFEFF<?xml version="1.0" encoding="UTF-8"?>
      <!-- <not this="one"> -->
      <a one = "1" two='"2"'><?tool <b> ?>
        text <b/><![CDATA[ <c> & ]]><d  x="y"  ></d >
        <!-- -- > -->
      </a>
      <!-- after -->`;
    assert.equal(write(parse(text)), '<a one="1" two=""2""><b></b><d x="y"></d></a>');
  });

  it("reads the five entities and characters by number, once", () => {
    assert.equal(parse('<a v="\u{1F600}"/>').attributes.get("v"), "\u{1F600}");
    const { attributes } = parse(`<a v="&lt;&gt;&amp;&quot;&apos;&#65;&#x1F600;&amp;lt;">&amp;</a>`);
    assert.equal(attributes.get("v"), `<>&"'A\u{1F600}&lt;`);
  });

  it("makes spaces of tabs and line ends in attributes, and counts lines", () => {
    const root = parse('<a>\n\n  <b v="x\ty\r\nz"/>\n</a>');
    assert.equal(root.children[0]?.attributes.get("v"), "x y z");
    assert.deepEqual([root.line, root.children[0]?.line], [1, 3]);
  });

  const bad: Record<string, [text: string, line: number]> = {
    "a document type": ['<!DOCTYPE a [<!ENTITY b "c">]>\n<a/>', 1],
    "a document type inside": ["<a>\n<!DOCTYPE a></a>", 2],
    "an entity of its own": ['<a>\n<b c="&bomb;"/></a>', 2],
    "an entity in the text": ["<a>&nbsp;</a>", 1],
    "a bare ampersand": ['<a b="c & d"/>', 1],
    "a number that is no character": ['<a b="&#0;"/>', 1],
    "a surrogate by number": ['<a b="&#xD800;"/>', 1],
    "an escape by number": ['<a b="&#x9b;"/>', 1],
    "by number what is no character": ['<a b="&#xFFFF;"/>', 1],
    "what is no character": ['<a\nb="\uFFFE"/>', 2],
    "half a character": ['<a\nb="\uD800"/>', 2],
    "an escape to begin with": ["\u001b<a/>", 1],
    "an escape sequence": ['<a\nb="\u001b[2J"/>', 2],
    "another closing tag": ["<a>\n<b>\n</a></b>", 3],
    "no closing tag": ["<a>\n<b/>", 2],
    "two roots": ["<a/>\n<b/>", 2],
    "text after the root": ["<a/>\nb", 2],
    "text before the root": ["a<b/>", 1],
    nothing: ["", 1],
    "an attribute twice": ['<a b="1"\nb="2"/>', 2],
    "an attribute without quotes": ["<a b=1/>", 1],
    "an attribute without a value": ["<a b/>", 1],
    "an attribute without an end": ['<a b="1/>', 1],
    "attributes without a space": ['<a b="1"c="2"/>', 1],
    "a tag in an attribute": ['<a b="<c/>"/>', 1],
    "a name that is none": ["<1/>", 1],
    "a comment without an end": ["<a/><!-- b", 1],
    "a comment that is not quite one": ["<!--><a/>", 1],
  };
  for (const [what, [text, line]] of Object.entries(bad)) {
    it(`refuses ${what}, naming the line`, () => {
      assert.throws(() => parse(text), { code: "BadScenario", facts: { field: "file", line } });
    });
  }

  it("refuses what is too deep, too long or has too many elements", () => {
    parse(`${"<a>".repeat(64)}${"</a>".repeat(64)}`);
    assert.throws(() => parse(`${"<a>".repeat(65)}${"</a>".repeat(65)}`), /deep/);
    assert.throws(() => parse("<a>".repeat(1_000_000)), /deep/);
    assert.throws(() => parse(`<a>${"<b/>".repeat(1_000_000)}</a>`), /elements/);
    assert.throws(() => parse(" ".repeat(16_000_001)), /characters/);
  });

  it("takes anything, and throws nothing but its own errors", () => {
    const piece = fc.constantFrom(
      "<",
      ">",
      "/",
      "a",
      " ",
      '"',
      "=",
      "&",
      ";",
      "<!--",
      "-->",
      "<?",
      "?>",
      "]]>",
      "\n",
      "<a>",
      "</a>",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ unit: "binary" }))), (pieces) => {
        try {
          parse(pieces.join(""));
        } catch (thrown) {
          assert.ok(thrown instanceof ParleyError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
