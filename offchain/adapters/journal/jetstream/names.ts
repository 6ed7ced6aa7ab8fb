import { ParleyError } from "../../../kernel/errors.ts";

/** A stream's name may be any text; a subject's tokens may not. The letter in front keeps an empty name a token. */
const MARK = "s";

/** The subjects that one journal uses, all below its own name. */
export class Subjects {
  readonly #prefix: string;

  constructor(journal: string) {
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(journal)) {
      throw new ParleyError("BadName", `'${journal.slice(0, 80)}' can't be the name of a journal in JetStream`, {
        hint: "use 1 to 64 letters, digits, underscores and hyphens",
      });
    }
    this.#prefix = `parley.${journal}`;
  }

  /** Everything that the journal holds. */
  get all(): string {
    return `${this.#prefix}.>`;
  }

  /** All streams' subjects. */
  get streams(): string {
    return `${this.#prefix}.stream.*`;
  }

  /** Where it is written down that streams are in doubt. */
  get doubts(): string {
    return `${this.#prefix}.doubt`;
  }

  of(stream: string): string {
    return `${this.#prefix}.stream.${MARK}${Buffer.from(stream).toString("base64url")}`;
  }

  /** The name of the stream that a subject is of. */
  streamOf(subject: string): string {
    const token = subject.slice(`${this.#prefix}.stream.${MARK}`.length);
    return Buffer.from(token, "base64url").toString();
  }
}
