import { messageOf, ParleyError } from "../kernel/errors.ts";
import type { Json } from "../terms/canonical-json.ts";

/** A document from outside that is to be JSON, whatever it holds. */
export function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (thrown) {
    throw new ParleyError("Malformed", `it is not JSON: ${messageOf(thrown)}`, { cause: thrown });
  }
}
