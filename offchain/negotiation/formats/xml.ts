import { ParleyError } from "../../kernel/errors.ts";

const MOST_CHARACTERS = 16_000_000;
const MOST_ELEMENTS = 1_000_000;
const MOST_DEPTH = 64;

const NAME = /[A-Za-z_][\w:.-]*/y;
const SPACE = /[ \t\r\n]*/y;
/**
 * What is no character of XML, and what a terminal would obey; tabs and ends of lines are no harm, as they become spaces.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const REFUSED = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\p{Cs}\ufffe\uffff]/u;
const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** An element of an XML document. Its text isn't kept: what we read has everything in attributes. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  readonly line: number;
}

/**
 * Reads an XML document: elements, attributes, comments, CDATA, a declaration, the five entities and characters by number. A DTD is
 * refused, and with it every entity that a document could define. Throws `BadScenario` naming the part and the line.
 */
export function parseXml(text: string, part: string): XmlElement {
  return new XmlParser(text, part).document();
}

class XmlParser {
  readonly #text: string;
  readonly #part: string;
  #at = 0;
  #elements = 0;
  /** The line of the place up to which lines were counted last. */
  #line = 1;
  #counted = 0;

  constructor(text: string, part: string) {
    this.#text = text.startsWith("\uFEFF") ? text.slice(1) : text;
    this.#part = part;
    if (text.length > MOST_CHARACTERS) throw this.#bad(`more than ${MOST_CHARACTERS} characters`);
    const refused = this.#text.search(REFUSED);
    if (refused < 0) return;
    this.#at = refused;
    throw this.#bad("a character that no document may have");
  }

  document(): XmlElement {
    this.#match(SPACE);
    if (this.#text.startsWith("<?xml", this.#at)) this.#after("?>");
    this.#misc();
    if (this.#text[this.#at] !== "<") throw this.#bad("text where an element has to begin");
    const root = this.#element(1);
    this.#misc();
    if (this.#at < this.#text.length) throw this.#bad("something after the end of the document");
    return root;
  }

  /** Skips what may stand between elements: space, comments, instructions. */
  #misc(): void {
    for (;;) {
      this.#match(SPACE);
      if (this.#text.startsWith("<!--", this.#at)) this.#after("-->", 4);
      else if (this.#text.startsWith("<?", this.#at)) this.#after("?>");
      else if (this.#text.startsWith("<!DOCTYPE", this.#at)) throw this.#bad("a document type, which is not read");
      else return;
    }
  }

  #element(depth: number): XmlElement {
    if (depth > MOST_DEPTH) throw this.#bad(`elements more than ${MOST_DEPTH} deep`);
    this.#elements += 1;
    if (this.#elements > MOST_ELEMENTS) throw this.#bad(`more than ${MOST_ELEMENTS} elements`);
    const line = this.#lineHere();
    this.#take("<");
    const name = this.#name();
    const attributes = this.#attributes();
    if (this.#text[this.#at] === "/") {
      this.#take("/>");
      return { name, attributes, children: [], line };
    }
    this.#take(">");
    const children = this.#content(depth, name, line);
    return { name, attributes, children, line };
  }

  #attributes(): Map<string, string> {
    const attributes = new Map<string, string>();
    for (;;) {
      const before = this.#at;
      this.#match(SPACE);
      const sign = this.#text[this.#at];
      if (sign === ">" || sign === "/") return attributes;
      if (this.#at === before) throw this.#bad("no space before an attribute");
      const name = this.#name();
      this.#match(SPACE);
      this.#take("=");
      this.#match(SPACE);
      if (attributes.has(name)) throw this.#bad(`the attribute ${name} twice`);
      attributes.set(name, this.#quoted());
    }
  }

  #quoted(): string {
    const quote = this.#text[this.#at];
    if (quote !== '"' && quote !== "'") throw this.#bad("an attribute's value without quotes");
    const end = this.#text.indexOf(quote, this.#at + 1);
    if (end < 0) throw this.#bad("an attribute's value without an end");
    const raw = this.#text.slice(this.#at + 1, end);
    if (raw.includes("<")) throw this.#bad("a < inside an attribute's value");
    const value = this.#decode(raw.replace(/\r\n|[\t\r\n]/g, " "));
    this.#at = end + 1;
    return value;
  }

  /** What stands between an element's tags, up to and with the closing one. */
  #content(depth: number, name: string, line: number): XmlElement[] {
    const children: XmlElement[] = [];
    for (;;) {
      const next = this.#text.indexOf("<", this.#at);
      if (next < 0) throw this.#bad(`no end of <${name}> of line ${line}`);
      this.#decode(this.#text.slice(this.#at, next));
      this.#at = next;
      if (this.#text.startsWith("</", next)) break;
      if (this.#text.startsWith("<!--", next)) this.#after("-->", 4);
      else if (this.#text.startsWith("<![CDATA[", next)) this.#after("]]>");
      else if (this.#text.startsWith("<?", next)) this.#after("?>");
      else children.push(this.#element(depth + 1));
    }
    this.#take("</");
    const closing = this.#name();
    if (closing !== name) throw this.#bad(`</${closing}> where <${name}> of line ${line} has to end`);
    this.#match(SPACE);
    this.#take(">");
    return children;
  }

  #decode(raw: string): string {
    if (!raw.includes("&")) return raw;
    return raw.replace(/&([^;&]{0,12});?/g, (whole, name: string) => {
      const known = Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : characterOf(name);
      if (known === undefined || !whole.endsWith(";"))
        throw this.#bad(`${whole.slice(0, 14)}, which is no known entity`);
      return known;
    });
  }

  #name(): string {
    const name = this.#match(NAME);
    if (name === "") throw this.#bad("no name where one has to be");
    return name;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  #take(sign: string): void {
    if (!this.#text.startsWith(sign, this.#at)) throw this.#bad(`no ${sign} where it has to be`);
    this.#at += sign.length;
  }

  /** Goes behind the next sign that ends something. */
  #after(sign: string, skip = 2): void {
    const end = this.#text.indexOf(sign, this.#at + skip);
    if (end < 0) throw this.#bad(`no ${sign}`);
    this.#at = end + sign.length;
  }

  #lineHere(): number {
    for (; this.#counted < this.#at; this.#counted++) if (this.#text.charCodeAt(this.#counted) === 10) this.#line += 1;
    return this.#line;
  }

  #bad(found: string): ParleyError<"BadScenario"> {
    return badXml(this.#part, this.#lineHere(), `there is ${found}`);
  }
}

/** A character by its number, as `#65` or `#x41`. */
function characterOf(reference: string): string | undefined {
  const digits = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(reference);
  if (digits === null) return undefined;
  const code = digits[1] === undefined ? Number(digits[2]) : Number.parseInt(digits[1], 16);
  if (code === 9 || code === 10 || code === 13) return String.fromCharCode(code);
  if (code > 0x10ffff || REFUSED.test(String.fromCodePoint(code))) return undefined;
  return String.fromCodePoint(code);
}

/** What is wrong in which document, and where there. */
export function badXml(part: string, line: number, message: string): ParleyError<"BadScenario"> {
  return new ParleyError("BadScenario", `${part}, line ${line}: ${message}`, { facts: { field: part, line } });
}
