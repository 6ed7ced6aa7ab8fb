import type { Token } from "./tokens.ts";

/** One import of a file, of whatever kind: of values or types, static, dynamic, or on the way through (`export ... from`). */
export interface Import {
  /** What stands in the quotes; undefined if it is computed. */
  readonly specifier: string | undefined;
  /** `export ... from`. */
  readonly exported: boolean;
}

/** All imports in a text, in order. */
export function importsIn(tokens: readonly Token[]): Import[] {
  const found: Import[] = [];
  let exported = false;
  tokens.forEach((token, index) => {
    const [before, next, afterNext] = [tokens[index - 1], tokens[index + 1], tokens[index + 2]];
    if (token.kind !== "word" || isSign(before, ".")) return;
    if (token.text === "import" || token.text === "export") exported = token.text === "export";
    if (token.text === "from" && next?.kind === "string") found.push({ specifier: next.text, exported });
    else if (token.text === "import" && next?.kind === "string") found.push({ specifier: next.text, exported: false });
    else if ((token.text === "import" || token.text === "require") && isSign(next, "(")) {
      found.push({ specifier: afterNext?.kind === "string" ? afterNext.text : undefined, exported: false });
    }
  });
  return found;
}

/**
 * Uses of a global by its name, e.g. `fetch(...)`; not a property of something else, a key, or the declaration of a method.
 * `globalThis.fetch` counts.
 */
export function usesGlobal(tokens: readonly Token[], name: string): boolean {
  return tokens.some((token, index) => {
    if (token.kind !== "word" || token.text !== name) return false;
    const before = tokens[index - 1];
    if (isSign(before, ".")) return tokens[index - 2]?.text === "globalThis";
    return !isSign(tokens[index + 1], ":") && !isMethod(tokens, index);
  });
}

/** `name(...) {` or `name(...): T`, where a member of a class or an interface may begin. */
function isMethod(tokens: readonly Token[], index: number): boolean {
  const before = tokens[index - 1]?.text ?? "";
  if (!isSign(tokens[index + 1], "(") || !["{", "}", ";", ",", "async", "static", "*"].includes(before)) return false;
  let depth = 0;
  for (let at = index + 1; at < tokens.length; at += 1) {
    if (isSign(tokens[at], "(")) depth += 1;
    if (isSign(tokens[at], ")")) depth -= 1;
    if (depth === 0) return isSign(tokens[at + 1], ":") || isSign(tokens[at + 1], "{");
  }
  return false;
}

/** Uses of a member of a global, e.g. `Date.now`. */
export function usesMember(tokens: readonly Token[], object: string, member: string): boolean {
  return tokens.some(
    (token, index) =>
      token.text === object &&
      token.kind === "word" &&
      isSign(tokens[index + 1], ".") &&
      tokens[index + 2]?.text === member,
  );
}

/** Whether this is a sign with that text. */
export function isSign(token: Token | undefined, text: string): boolean {
  return token?.kind === "sign" && token.text === text;
}
