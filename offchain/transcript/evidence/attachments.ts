import { ParleyError } from "../../kernel/errors.ts";
import { hashJson, type Json, type JsonObject } from "../../terms/canonical-json.ts";

const MOST_ATTACHMENTS = 100;

/** Documents by the hash that a DELIVER, a dispute or a statement may name them by. */
export function attachmentsToJson(attachments: readonly JsonObject[]): JsonObject {
  return Object.fromEntries(attachments.map((document) => [hashJson(document), document]));
}

/** Reads documents from outside; each has to be what it is named by. */
export function attachmentsFromJson(value: Json): readonly JsonObject[] {
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw malformed("attachments", "documents by their hash");
  const named = Object.entries(value as JsonObject);
  if (named.length > MOST_ATTACHMENTS) throw malformed("attachments", `at most ${MOST_ATTACHMENTS} documents`);
  return named.map(([hash, document]) => {
    const path = `attachments.${hash.slice(0, 66)}`;
    if (document === null || typeof document !== "object" || Array.isArray(document))
      throw malformed(path, "an object");
    if (hashJson(document) !== hash) throw malformed(path, `the document of that hash, not of ${hashJson(document)}`);
    return document as JsonObject;
  });
}

function malformed(path: string, expected: string): ParleyError<"Malformed"> {
  return new ParleyError("Malformed", `'${path}' must be ${expected}`, { facts: { path } });
}
