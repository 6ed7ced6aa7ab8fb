import type { ParleyError } from "../../kernel/errors.ts";
import { MOST_FIGURE } from "./most-figure.ts";
import { badXml, parseXml, type XmlElement } from "./xml.ts";

/** An element of a document that came from outside, and which document that is. */
export class XmlNode {
  readonly element: XmlElement;
  readonly #part: string;

  private constructor(element: XmlElement, part: string) {
    this.element = element;
    this.#part = part;
  }

  /** The root of a document. */
  static parse({ name, text }: { readonly name: string; readonly text: string }): XmlNode {
    return new XmlNode(parseXml(text, name), name);
  }

  /** The elements of a name directly in this one. */
  children(name: string): XmlNode[] {
    return this.element.children.filter((child) => child.name === name).map((child) => new XmlNode(child, this.#part));
  }

  /** The one element of a name directly in this one. */
  single(name: string): XmlNode {
    const [first] = this.children(name);
    if (first === undefined) throw this.refuse(`there is no <${name}> in <${this.element.name}>`);
    return first;
  }

  /** The elements of a name that stand in this one or in its objectives, however deep, in their order. */
  all(name: string): XmlNode[] {
    return this.element.children.flatMap((child) => {
      const node = new XmlNode(child, this.#part);
      if (child.name === name) return [node];
      return child.name === "objective" ? node.all(name) : [];
    });
  }

  /** Whether an element of one of these names stands anywhere in this one. */
  has(...names: readonly string[]): boolean {
    return this.element.children.some(
      (child) => names.includes(child.name) || new XmlNode(child, this.#part).has(...names),
    );
  }

  optional(attribute: string): string | undefined {
    return this.element.attributes.get(attribute)?.trim().replace(/\s+/g, " ");
  }

  text(attribute: string): string {
    const value = this.optional(attribute);
    if (value === undefined || value === "") throw this.refuse(`<${this.element.name}> has no ${attribute}`);
    return value;
  }

  number(attribute: string): number {
    const text = this.text(attribute);
    const value = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (!(Math.abs(value) <= MOST_FIGURE))
      throw this.refuse(`the ${attribute} ${text.slice(0, 40)} is no number up to ${MOST_FIGURE}`);
    return value;
  }

  whole(attribute: string): number {
    const value = this.number(attribute);
    if (!Number.isInteger(value)) throw this.refuse(`the ${attribute} ${value} is no whole number`);
    return value;
  }

  refuse(message: string): ParleyError<"BadScenario"> {
    return badXml(this.#part, this.element.line, message);
  }
}
