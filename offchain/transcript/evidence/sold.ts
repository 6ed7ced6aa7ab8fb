import { canonicalJson } from "../../terms/canonical-json.ts";
import { type StandardTerms, standardTermsToShow } from "../../terms/standard-terms.ts";
import type { Findings } from "./examine.ts";

const [MOST_LINES, MOST_CHARACTERS] = [20, 200];

/** What was negotiated about, as far as the terms are shown. The text is as it came, bounded. */
export function soldBy({ terms, proposal }: Pick<Findings, "terms" | "proposal">): string[] {
  const shown = terms ?? proposal?.terms ?? null;
  if (shown === null) return ["What is sold: withheld"];
  const standard = standardTermsToShow(shown);
  const lines = standard === null ? [canonicalJson(shown)] : linesOf(standard);
  const left = lines.length - MOST_LINES;
  const rest = left > 0 ? [`… and ${left} more`] : [];
  const heading =
    standard === null ? "What is sold, in terms of a form of their own:" : `What is sold (${standard.category}):`;
  return [heading, ...[...lines.slice(0, MOST_LINES), ...rest].map((line) => `  ${short(line)}`)];
}

function linesOf({ lines, levels, digest, note, personal }: StandardTerms): string[] {
  return [
    ...lines.map(({ amount, unit, what, details }) => {
      const more = Object.entries(details).map(([name, value]) => `${name} ${value}`);
      return `${quantity(amount, unit)} ${what}${more.length === 0 ? "" : ` (${more.join(", ")})`}`;
    }),
    ...levels.map(({ measure, bound, amount, unit }) => `at ${bound} ${amount} ${unit} of ${measure}`),
    ...(digest === null ? [] : [`what is handed over has the digest ${digest}`]),
    ...(note === "" ? [] : [`note: ${note}`]),
    ...personal.map(({ name, purpose }) => `personal data '${name}', for ${purpose}`),
  ];
}

/** `40000 x` of things that are counted, `40 gigabyte of` what is measured. */
export function quantity(amount: string, unit: string): string {
  return unit === "each" ? `${amount} x` : `${amount} ${unit} of`;
}

function short(line: string): string {
  return line.length <= MOST_CHARACTERS ? line : `${line.slice(0, MOST_CHARACTERS)}…`;
}
