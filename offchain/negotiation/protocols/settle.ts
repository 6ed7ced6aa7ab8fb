import { ParleyError } from "../../kernel/errors.ts";
import type { Bytes32 } from "../../kernel/ids.ts";
import { hashJson } from "../../terms/canonical-json.ts";
import type { IssueSpace, Outcome } from "../../terms/issue-space.ts";

/** Who of the parties buys from whom, by their places. */
export interface Pair {
  readonly buyer: number;
  readonly seller: number;
  /** The issues that are about this pair; what no pair names is about all. */
  readonly issues?: readonly string[];
}

/** What several parties have agreed on, and how it is to be parted. */
export interface Agreed {
  /** What names the negotiation, so that the same agreement made twice has two links. */
  readonly negotiation: string;
  readonly parties: readonly string[];
  readonly space: IssueSpace;
  readonly outcome: Outcome;
  readonly pairs: readonly Pair[];
}

/** One bilateral deal of several. */
export interface Part {
  /** The same in all parts: the hash of the whole agreement, so that no part can be said to belong to another one. */
  readonly link: Bytes32;
  /** From 0, and of how many. */
  readonly place: number;
  readonly parts: number;
  readonly buyer: string;
  readonly seller: string;
  /** What was agreed about this pair, by the issues' names. */
  readonly terms: Readonly<Record<string, string | number>>;
}

/** One party buys from each of the others. */
export function fromHub(hub: number, parties: number): Pair[] {
  const all = Array.from({ length: parties }, (_, place) => place);
  return all.filter((seller) => seller !== hub).map((seller) => ({ buyer: hub, seller }));
}

/**
 * An agreement among several as the deals between two in which it settles, since a deal has one buyer and one seller. Each part repeats
 * what is about all, and says what is about its pair. The link shows that the parts belong together; it doesn't make them stand or
 * fall together. Each part is committed, settled and disputed by itself, and whoever needs all or nothing has to say so in the terms.
 * Throws `BadParts` naming the field where the pairs make no sense, or leave a party out.
 */
export function linkedParts({ negotiation, parties, space, outcome, pairs }: Agreed): Part[] {
  checkPairs(parties, space, pairs);
  if (!space.contains(outcome)) throw bad("outcome", "this is no outcome of the space");
  const values = space.describe(outcome);
  const own = new Set(pairs.flatMap(({ issues = [] }) => issues));
  const link = hashJson({
    negotiation,
    parties,
    pairs: pairs.map(({ buyer, seller, issues = [] }) => ({ buyer, seller, issues })),
    // As texts: fractions have no canonical form as numbers.
    outcome: space.issues.map(({ name }) => [name, String(values[name])]),
  });
  return pairs.map(({ buyer, seller, issues = [] }, place) => ({
    link,
    place,
    parts: pairs.length,
    buyer: parties[buyer] ?? "",
    seller: parties[seller] ?? "",
    terms: Object.fromEntries(Object.entries(values).filter(([name]) => !own.has(name) || issues.includes(name))),
  }));
}

function checkPairs(parties: readonly string[], space: IssueSpace, pairs: readonly Pair[]): void {
  const seen = new Set<string>();
  for (const [index, { buyer, seller, issues = [] }] of pairs.entries()) {
    const field = `pairs[${index}]`;
    if (parties[buyer] === undefined) throw bad(`${field}.buyer`, `there is no party ${buyer}`);
    if (parties[seller] === undefined) throw bad(`${field}.seller`, `there is no party ${seller}`);
    if (buyer === seller) throw bad(field, `${parties[buyer]} can't buy from itself`);
    if (seen.has(`${buyer}-${seller}`)) throw bad(field, `${parties[buyer]} and ${parties[seller]} are there twice`);
    seen.add(`${buyer}-${seller}`);
    const unknown = issues.find((name) => !space.issues.some((issue) => issue.name === name));
    if (unknown !== undefined) throw bad(`${field}.issues`, `there is no issue ${unknown}`);
  }
  const lonely = parties.find((_, place) => !pairs.some(({ buyer, seller }) => buyer === place || seller === place));
  if (lonely !== undefined) throw bad("pairs", `${lonely} has agreed, and is in no pair`);
}

function bad(field: string, message: string): ParleyError<"BadParts"> {
  return new ParleyError("BadParts", `${field}: ${message}`, { facts: { field } });
}
