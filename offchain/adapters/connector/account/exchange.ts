import { utf8 } from "../../../kernel/bytes.ts";
import { ParleyError } from "../../../kernel/errors.ts";
import { canonicalJson, parseCanonicalJson } from "../../../terms/canonical-json.ts";
import { JsonReader } from "../../../terms/json-reader.ts";

/** Most messages of an account that go one way at a time: an answer to a question, and what was asked. */
export const MOST_MESSAGES = 80;

/** Most bytes of them together. */
export const MOST_EXCHANGE_BYTES = 1024 * 1024;

/** Messages between the two sides of an account, as they are encoded: the same form in a request and in its answer. */
export function encodeExchange(messages: readonly string[]): Uint8Array {
  return utf8.encode(canonicalJson({ version: 1, messages }));
}

/** Reads what came from outside; throws `Malformed`. What the messages say is judged elsewhere. */
export function decodeExchange(bytes: Uint8Array): readonly string[] {
  const reader = new JsonReader(parseCanonicalJson(utf8.decode(bytes)), "");
  reader.integer("version", 1, 1);
  const messages = reader.raw("messages");
  reader.end();
  const isList = Array.isArray(messages) && messages.length <= MOST_MESSAGES;
  if (isList && messages.every((one): one is string => typeof one === "string")) return messages;
  throw new ParleyError("Malformed", `'messages' must be a list of at most ${MOST_MESSAGES} texts`, {
    facts: { path: "messages" },
  });
}
