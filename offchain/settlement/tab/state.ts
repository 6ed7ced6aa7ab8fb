import { ParleyError } from "../../kernel/errors.ts";
import { type Bytes32, ZERO_32 } from "../../kernel/ids.ts";
import { type Amount, MAX_AMOUNT } from "../../kernel/money.ts";
import type { Entry, SignedEntry } from "./entry.ts";
import type { TabParty } from "./terms.ts";

/** Most entries of a side: an account that has more is closed, and another one opened. */
export const MOST_ENTRIES = 10_000;

/** An entry and its hash. */
export interface Held {
  readonly hash: Bytes32;
  readonly signed: SignedEntry;
}

/** Two entries that one agent signed under one number: each shows the other a lie, to anybody. */
export interface Fork {
  readonly first: SignedEntry;
  readonly second: SignedEntry;
}

/** One side's entries, in order. */
export interface Line extends TabParty {
  readonly entries: readonly Held[];
}

/** An account as one side knows it. */
export interface TabState {
  readonly id: Bytes32;
  readonly ours: Line;
  readonly theirs: Line;
  /** Why nothing may be signed any more; null where that is not so. */
  readonly halt: { readonly code: "TabForked" | "TabDoubted"; readonly says: string } | null;
  readonly fork: Fork | null;
}

export function emptyTab(id: Bytes32, ours: TabParty, theirs: TabParty): TabState {
  return { id, ours: { ...ours, entries: [] }, theirs: { ...theirs, entries: [] }, halt: null, fork: null };
}

/** What a side has come to owe by its entries, before what it is owed is taken off. */
export function totalOf({ entries }: Line): Amount {
  return entries.at(-1)?.signed.entry.total ?? 0n;
}

export function isEnded({ entries }: Line): boolean {
  return entries.at(-1)?.signed.entry.last ?? false;
}

/** What we owe, what we are owed taken off; negative where we are owed more. */
export function balanceOf({ ours, theirs }: TabState): Amount {
  return totalOf(ours) - totalOf(theirs);
}

/** How much more we can come to owe before the limit is reached. */
export function roomOf(state: TabState): Amount {
  return state.ours.credit - balanceOf(state);
}

/** Our next entry, unsigned. Throws where none may be signed: then nothing has changed. */
export function draft(state: TabState, adds: Amount, memo: Bytes32, last: boolean): Entry {
  const { ours, theirs, id: tab, halt } = state;
  if (halt !== null)
    throw new ParleyError(halt.code, halt.says, { hint: "settle what was signed, and open another account" });
  if (isEnded(ours))
    throw new ParleyError("TabClosed", "this account is closed on our side", { hint: "open another one" });
  if (ours.entries.length >= MOST_ENTRIES - (last ? 0 : 1)) {
    throw new ParleyError("TabFull", `this account has ${MOST_ENTRIES} entries of ours`, {
      hint: "close it, and open another",
    });
  }
  const total = totalOf(ours) + adds;
  if (adds < 0n || total > MAX_AMOUNT) throw new ParleyError("BadAmount", `an entry can't add ${adds}`);
  if (adds > roomOf(state)) {
    throw new ParleyError(
      "CreditExceeded",
      `${adds} more would be beyond the credit of ${ours.credit}: ${roomOf(state)} is left`,
      {
        hint: "close the account and settle its balance, or pay this by a deal in escrow",
        facts: { actual: adds.toString(), limit: roomOf(state).toString() },
      },
    );
  }
  const prev = ours.entries.at(-1)?.hash ?? ZERO_32;
  const seen = theirs.entries.at(-1)?.hash ?? ZERO_32;
  return { tab, agent: ours.agent, seq: ours.entries.length, total, prev, seen, memo, last };
}

/** What an entry of the other side is to us, if its signature is good. */
export type Verdict = "next" | "known" | "early" | "forked";

/** Throws `BadEntry`, or `CreditExceeded`, for what an honest side never signs. */
export function judge(state: TabState, { hash, signed: { entry } }: Held): Verdict {
  const { theirs } = state;
  requireEntry(entry.tab === state.id, "is of another account");
  requireEntry(entry.agent === theirs.agent, `is agent ${entry.agent}'s`);
  const known = theirs.entries[entry.seq];
  if (known !== undefined) return known.hash === hash ? "known" : "forked";
  if (entry.seq > theirs.entries.length) return "early";
  checkNext(state, entry);
  return "next";
}

function checkNext({ ours, theirs }: TabState, entry: Entry): void {
  const newest = theirs.entries.at(-1);
  requireEntry(entry.prev === (newest?.hash ?? ZERO_32), "doesn't follow the one before it");
  requireEntry(!isEnded(theirs), "comes after the last one");
  requireEntry(entry.seq < MOST_ENTRIES, "is one too many");
  requireEntry(entry.total >= totalOf(theirs), "takes back what was owed");
  const seen = placeOf(ours, entry.seen);
  requireEntry(seen !== null, "names an entry of the other side that there isn't");
  requireEntry(
    (seen ?? -1) >= (placeOf(ours, newest?.signed.entry.seen ?? ZERO_32) ?? -1),
    "has forgotten an entry of the other side",
  );
  const owed = entry.total - (ours.entries[seen ?? -1]?.signed.entry.total ?? 0n);
  if (owed <= theirs.credit) return;
  throw new ParleyError(
    "CreditExceeded",
    `agent ${entry.agent} signed that it owes ${owed}, beyond its credit of ${theirs.credit}`,
    {
      hint: "serve nothing on account of it",
      facts: { actual: owed.toString(), limit: theirs.credit.toString() },
    },
  );
}

/** -1 for none at all; null for one that isn't there. */
function placeOf({ entries }: Line, hash: Bytes32): number | null {
  if (hash === ZERO_32) return -1;
  // What is named is mostly among the newest.
  const place = entries.findLastIndex((one) => one.hash === hash);
  return place < 0 ? null : place;
}

export function withOurs(state: TabState, held: Held): TabState {
  return { ...state, ours: { ...state.ours, entries: [...state.ours.entries, held] } };
}

export function withTheirs(state: TabState, held: Held): TabState {
  return { ...state, theirs: { ...state.theirs, entries: [...state.theirs.entries, held] } };
}

/** The other side has signed two things under one number: its word about this account is worth nothing any more. */
export function withFork(state: TabState, second: SignedEntry): TabState {
  const first = state.theirs.entries[second.entry.seq]?.signed;
  if (first === undefined || state.fork !== null) return state;
  const says = `agent ${second.entry.agent} signed two different entries under number ${second.entry.seq}`;
  return { ...state, fork: { first, second }, halt: state.halt ?? { code: "TabForked", says } };
}

/** What we know of it may not be all that we have signed: the next entry could be the second one under its number. */
export function withDoubt(state: TabState, says: string): TabState {
  return { ...state, halt: { code: "TabDoubted", says } };
}

function requireEntry(isSo: boolean, says: string): void {
  if (!isSo) throw new ParleyError("BadEntry", `an entry of the account ${says}`);
}
