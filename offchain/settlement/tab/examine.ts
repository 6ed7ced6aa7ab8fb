import { certifiedBy } from "../../identity/certificate.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { Address, AgentId, Bytes32 } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { Crypto } from "../../ports/crypto.ts";
import { type Certificate, certificateToHex } from "../../terms/certificate.ts";
import { domainSeparator, settlementDomain } from "../../terms/eip712.ts";
import type { TabBook } from "./book.ts";
import { entryPreimage, hashEntry, type SignedEntry } from "./entry.ts";
import { isEquivocation } from "./equivocation.ts";
import { type Held, isEnded, judge, type Line, type TabState, totalOf, type Verdict, withTheirs } from "./state.ts";
import { tabId } from "./terms.ts";

/** What one side of an account has signed. */
export interface TabSide {
  readonly agent: AgentId;
  readonly credit: Amount;
  /** What it has come to owe, before what it is owed is taken off. */
  readonly total: Amount;
  readonly entries: number;
  readonly isClosed: boolean;
  /** Whether it signed two things under one number. */
  readonly hasForked: boolean;
  /** Of the keys that it signed with. Whose wallet gave them is for the registry to say. */
  readonly certificates: readonly GivenCertificate[];
}

export interface GivenCertificate {
  readonly certificate: Certificate;
  /** Who signed it; null where nobody did: then the registry has to have it recorded. */
  readonly wallet: Address | null;
}

/** What a copy of an account proves. */
export interface TabFindings {
  readonly id: Bytes32;
  readonly sides: readonly [TabSide, TabSide];
}

/**
 * Verifies a copy of an account: every signature, that each side's entries follow one another within its credit, and what is said to be a
 * fork. Throws for what isn't so.
 */
export async function examineBook(crypto: Pick<Crypto, "verify">, book: TabBook): Promise<TabFindings> {
  const { deployment, terms, sides, beside } = book;
  const { chainId, settlement } = deployment;
  const separator = domainSeparator(settlementDomain(chainId, settlement));
  const id = tabId(separator, terms);
  const [one, other] = sides.map((side, at): Line => {
    const entries = side.map((signed): Held => ({ hash: hashEntry(separator, signed.entry), signed }));
    return { ...(terms.parties[at] as Line), entries };
  }) as [Line, Line];
  for (const [ours, theirs] of [
    [one, other],
    [other, one],
  ] as const) {
    checkLine({ id, ours, theirs: { ...theirs, entries: [] }, halt: null, fork: null }, theirs);
  }
  for (const signed of [...sides.flat(), ...beside]) await checkSignature(crypto, separator, settlement, signed);
  const forked = new Set<AgentId>();
  for (const second of beside) {
    const first = [one, other].find(({ agent }) => agent === second.entry.agent)?.entries[second.entry.seq]?.signed;
    if (first === undefined || !(await isEquivocation({ first, second }, separator, crypto))) {
      throw untrue(second, "it is no other one under a number that its agent has used");
    }
    forked.add(second.entry.agent);
  }
  const sideOf = (line: Line): TabSide => ({
    ...{ agent: line.agent, credit: line.credit, total: totalOf(line), entries: line.entries.length },
    ...{ isClosed: isEnded(line), hasForked: forked.has(line.agent) },
    certificates: certificatesOf(line).map((certificate) => ({
      ...{ certificate, wallet: certifiedBy(deployment, certificate) },
    })),
  });
  return { id, sides: [sideOf(one), sideOf(other)] };
}

/** As the other side would take the entries, had it said all of its own before. */
function checkLine(before: TabState, { entries }: Line): void {
  let state = before;
  for (const held of entries) {
    if (verdictOf(state, held) !== "next") throw untrue(held.signed, "it isn't in its place");
    state = withTheirs(state, held);
  }
}

function verdictOf(state: TabState, held: Held): Verdict {
  try {
    return judge(state, held);
  } catch (thrown) {
    if (!(thrown instanceof ParleyError)) throw thrown;
    throw untrue(held.signed, thrown.message);
  }
}

async function checkSignature(
  crypto: Pick<Crypto, "verify">,
  separator: Bytes32,
  settlement: Address,
  signed: SignedEntry,
): Promise<void> {
  const { entry, signature, certificate } = signed;
  const { key } = certificate;
  if (key.agent !== entry.agent || key.settlement !== settlement) {
    throw untrue(signed, "it is signed by a key of another agent, or for another Settlement");
  }
  if (await crypto.verify(key, entryPreimage(separator, entry), signature)) return;
  throw untrue(signed, "it isn't signed by the key that it names");
}

function certificatesOf({ entries }: Line): readonly Certificate[] {
  const found = entries.map(({ signed }) => [certificateToHex(signed.certificate), signed.certificate] as const);
  return [...new Map(found).values()];
}

function untrue({ entry: { agent, seq } }: SignedEntry, says: string): ParleyError<"BadEntry"> {
  return new ParleyError("BadEntry", `agent ${agent}, entry ${seq}: ${says}`);
}
