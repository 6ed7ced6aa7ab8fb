/** A word, a string literal (its text without quotes) or a single sign of TypeScript. Comments and the text of templates are left out. */
export interface Token {
  readonly kind: "word" | "string" | "sign";
  readonly text: string;
}

/** After these a slash begins a regular expression; after anything else it divides. */
const BEFORE_REGEX = new Set([
  "return",
  "typeof",
  "case",
  "in",
  "of",
  "void",
  "delete",
  "throw",
  "new",
  "await",
  "else",
  "do",
]);

const PATTERN = new RegExp(
  [
    /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)/,
    /(?<string>"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*')/,
    /(?<word>[\p{ID_Start}$_#][\p{ID_Continue}$]*)/u,
    /(?<number>\d[\w.]*)/,
    /(?<regex>\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/\w*)/,
    /(?<sign>\S)/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "uy",
);

/**
 * Cuts a source text into tokens. It knows enough of the language not to be misled by comments, strings, templates and regular
 * expressions; it doesn't parse. (The native TypeScript compiler has no stable interface for programs that would.)
 */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  scan(source, 0, tokens);
  return tokens;
}

/** Reads up to the end, or, within a template's `${`, up to the bracket that closes it. Returns where it stopped. */
function scan(source: string, from: number, tokens: Token[], inTemplate = false): number {
  let depth = 0;
  let at = from;
  while (at < source.length) {
    const char = source[at] ?? "";
    if (/\s/.test(char)) {
      at += 1;
      continue;
    }
    if (char === "`") {
      at = scanTemplate(source, at + 1, tokens);
      continue;
    }
    if (inTemplate && char === "}" && depth === 0) return at + 1;
    if (char === "{") depth += 1;
    if (char === "}") depth -= 1;
    at = scanOne(source, at, tokens);
  }
  return at;
}

function scanTemplate(source: string, from: number, tokens: Token[]): number {
  let at = from;
  while (at < source.length && source[at] !== "`") {
    if (source[at] === "\\") at += 2;
    else if (source.startsWith("${", at)) at = scan(source, at + 2, tokens, true);
    else at += 1;
  }
  tokens.push({ kind: "sign", text: "`" });
  return at + 1;
}

function scanOne(source: string, at: number, tokens: Token[]): number {
  PATTERN.lastIndex = at;
  const groups = PATTERN.exec(source)?.groups ?? {};
  if (groups["comment"] !== undefined) return at + groups["comment"].length;
  if (groups["regex"] !== undefined && mayStartRegex(tokens.at(-1))) {
    tokens.push({ kind: "sign", text: "/" });
    return at + groups["regex"].length;
  }
  const { string, word, number } = groups;
  if (string !== undefined) tokens.push({ kind: "string", text: string.slice(1, -1) });
  else if (word !== undefined) tokens.push({ kind: "word", text: word });
  else tokens.push({ kind: "sign", text: number ?? source[at] ?? "" });
  return at + (string ?? word ?? number ?? " ").length;
}

function mayStartRegex(last: Token | undefined): boolean {
  if (last === undefined) return true;
  if (last.kind === "word") return BEFORE_REGEX.has(last.text);
  return last.kind === "sign" && !/^(?:[)\]}`]|\d.*)$/.test(last.text);
}
