import { type Json, type JsonObject, rfc8785 } from "../../terms/canonical-json.ts";
import { CARD, type Field, type Message } from "./fields.ts";

/** What a card's signature is over: A2A 1.0, section 8.4.1. Fields that it doesn't know stay as they are. */
export function canonicalCard(card: JsonObject): string {
  return rfc8785(withoutDefaults(unsigned(card), CARD));
}

/**
 * The same, with everything that is empty left out. The standard keeps what is required or was given on purpose; its
 * libraries leave that out too. A card that has nothing empty is the same either way.
 */
export function bareCard(card: JsonObject): string {
  return rfc8785(withoutEmpty(JSON.parse(canonicalCard(card)) as Json) ?? {});
}

function unsigned({ signatures: _, ...content }: JsonObject): JsonObject {
  return content;
}

function withoutDefaults(value: Json, message: Message): Json {
  if (!isObject(value)) return value;
  const entries = Object.entries(value).flatMap(([name, content]) => {
    const field = Object.hasOwn(message, name) ? message[name] : undefined;
    const cleaned = field === undefined ? content : clean(content, field);
    // Protocol buffers write what is not set as null, if at all.
    const isLeftOut = cleaned === null || (field?.kept === false && isDefault(cleaned));
    return isLeftOut ? [] : [[name, cleaned] as const];
  });
  return Object.fromEntries(entries);
}

function clean(content: Json, { of, mapOf }: Field): Json {
  if (mapOf !== undefined && isObject(content)) {
    return Object.fromEntries(Object.entries(content).map(([name, one]) => [name, withoutDefaults(one, mapOf)]));
  }
  if (of === undefined) return content;
  return isList(content) ? content.map((one) => withoutDefaults(one, of)) : withoutDefaults(content, of);
}

function isDefault(value: Json): boolean {
  return value === false || value === 0 || isEmpty(value);
}

function isEmpty(value: Json): boolean {
  if (isList(value)) return value.length === 0;
  return value === "" || value === null || (isObject(value) && Object.keys(value).length === 0);
}

/** Undefined for what is empty, or holds nothing but what is. */
function withoutEmpty(value: Json): Json | undefined {
  const left = isList(value)
    ? value.map(withoutEmpty).filter((one) => one !== undefined)
    : isObject(value)
      ? Object.fromEntries(
          Object.entries(value).flatMap(([name, one]) => {
            const inner = withoutEmpty(one);
            return inner === undefined ? [] : [[name, inner] as const];
          }),
        )
      : value;
  return isEmpty(left) ? undefined : left;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json): value is JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
