/** What every error of Parley carries besides its message. */
export interface ErrorDetails {
  /** What whoever reads the error should do next, as one sentence. */
  readonly hint?: string;
  /** True where the same call may succeed later without any change. */
  readonly retryable?: boolean;
  /** Facts for machines: the actual value, the limit, the id it is about. Never a secret. */
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
  readonly cause?: unknown;
}

/**
 * Base of all errors that Parley throws on purpose. `code` is stable and part of the public API;
 * messages may be reworded.
 */
export class ParleyError<Code extends string = string> extends Error {
  override readonly name: string = "ParleyError";
  readonly code: Code;
  readonly hint: string | undefined;
  readonly retryable: boolean;
  readonly facts: Readonly<Record<string, string | number | boolean>>;

  constructor(code: Code, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.retryable = details.retryable ?? false;
    this.facts = details.facts ?? {};
  }

  /** The error as data, for logs and `--json`. */
  toJSON(): Record<string, unknown> {
    const { code, message, hint, retryable, facts } = this;
    return { code, message, ...(hint === undefined ? {} : { hint }), retryable, facts };
  }
}

/** The message of anything that was thrown, on one line. What is thrown may itself throw when it is looked at. */
export function messageOf(thrown: unknown): string {
  try {
    const text = String(thrown instanceof Error ? thrown.message : thrown);
    return text.split("\n", 1)[0] ?? "";
  } catch {
    return "something that has no message";
  }
}
