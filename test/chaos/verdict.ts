import { type Replay, replay } from "../../offchain/dealing/replay.ts";
import { toHex } from "../../offchain/kernel/bytes.ts";
import type { Bytes32 } from "../../offchain/kernel/ids.ts";
import { openJournal } from "../../offchain/node/journal.ts";
import { verifier } from "../../offchain/node/verifier.ts";
import type { Archive, Chain } from "../../offchain/ports/chain.ts";
import { type Deal, hashDeal } from "../../offchain/terms/deal.ts";
import { domainSeparator, settlementDomain } from "../../offchain/terms/eip712.ts";
import { hashEnvelope } from "../../offchain/terms/envelope.ts";
import { decodeMessage, MESSAGE_VERSION, type Message } from "../../offchain/terms/message.ts";
import { examine } from "../../offchain/transcript/evidence/examine.ts";
import { SIDES, type Side } from "./plan.ts";

/** What was left of a negotiation: both journals, all that crossed the wire, and the chain after `commitBy`. */
export interface Remains {
  readonly chain: Chain & Archive;
  readonly journals: Readonly<Record<Side, string>>;
  readonly wire: readonly Uint8Array[];
}

export interface Verdict {
  /** The deal that the chain holds; null for none. */
  readonly deal: Bytes32 | null;
  /** What must not be, in words; empty where all is well. */
  readonly wrong: readonly string[];
}

/** Judges a run: both sides hold what the chain holds, no binding envelope is forgotten, and nothing proves a fault of either. */
export async function judge({ chain, journals, wire }: Remains): Promise<Verdict> {
  const { chainId, settlement } = chain.deployment;
  const separator = domainSeparator(settlementDomain(chainId, settlement));
  const sides = {
    buyer: await readBack(separator, journals.buyer),
    seller: await readBack(separator, journals.seller),
  };
  const template = templateOf(sides.buyer) ?? templateOf(sides.seller);
  const committed = template === null ? null : await chain.committed(template);
  const wrong: string[] = [];
  for (const side of SIDES) {
    const found = sides[side];
    const holds = held(found);
    if (committed !== null && !table(found).has(committed.dealHash))
      wrong.push(`the ${side} would not know the deal again`);
    if (committed !== null && holds !== null && holds !== committed.dealHash)
      wrong.push(`the ${side} holds another deal`);
    for (const hash of bindingOnWire(separator, found, wire)) {
      const kept = found?.ours.some(({ envelope }) => hashEnvelope(separator, envelope) === hash);
      if (!kept) wrong.push(`the ${side} has forgotten a binding envelope`);
    }
  }
  wrong.push(...equivocations(separator, [...wire.flatMap(read), ...spoken(sides.buyer), ...spoken(sides.seller)]));
  for (const side of SIDES) wrong.push(...(await provenFaults(chain, sides[side], side)));
  return { deal: committed?.dealHash ?? null, wrong };
}

/** Null where the side never got so far as to have a negotiation. */
async function readBack(separator: Bytes32, path: string): Promise<Replay | null> {
  const journal = openJournal({ journal: path, witness: null });
  try {
    const [stream, ...more] = await journal.streams();
    if (more.length > 0) throw new Error(`${path} holds ${more.length + 1} negotiations`);
    return stream === undefined ? null : replay(separator, await journal.read(stream));
  } finally {
    await journal.close();
  }
}

function templateOf(found: Replay | null): Deal | null {
  return found === null || found.state.phase === "opening" ? null : found.state.template;
}

function held(found: Replay | null): Bytes32 | null {
  return found?.state.phase === "agreed" ? found.state.agreement.dealHash : null;
}

/** The deals that a side would know again if it saw one committed. */
function table(found: Replay | null): Set<Bytes32> {
  const messages = [...(found?.ours ?? []), ...(found?.theirs ?? [])];
  return new Set(messages.flatMap(({ body }) => (body.kind === "OFFER" ? [hashDeal(body.deal)] : [])));
}

function read(frame: Uint8Array): Message[] {
  return frame[0] === MESSAGE_VERSION ? [decodeMessage(frame)] : [];
}

function spoken(found: Replay | null): readonly Message[] {
  return found?.ours ?? [];
}

function binds({ envelope: { kind } }: Message): boolean {
  return kind === "OFFER" || kind === "ACCEPT";
}

function bindingOnWire(separator: Bytes32, found: Replay | null, wire: readonly Uint8Array[]): Set<Bytes32> {
  const self = found?.state.brief.self;
  const said = wire.flatMap(read).filter((message) => message.envelope.agent === self && binds(message));
  return new Set(said.map(({ envelope }) => hashEnvelope(separator, envelope)));
}

function equivocations(separator: Bytes32, messages: readonly Message[]): string[] {
  const said = new Map<string, Bytes32>();
  const found = new Set<string>();
  for (const { envelope } of messages) {
    const name = `agent ${envelope.agent} signed two envelopes as number ${envelope.seq}`;
    const key = `${envelope.negotiation} ${name}`;
    const hash = hashEnvelope(separator, envelope);
    if ((said.get(key) ?? hash) !== hash) found.add(name);
    said.set(key, hash);
  }
  return [...found];
}

/** Both sides are honest here: whatever the evidence of either blames on anybody is blamed wrongly. */
async function provenFaults(chain: Chain & Archive, found: Replay | null, side: Side): Promise<string[]> {
  if (found === null || found.ours.length === 0 || found.theirs.length === 0) return [];
  const { ours, theirs, beside, state } = found;
  const transcript = state.brief.opener ? { opener: ours, responder: theirs } : { opener: theirs, responder: ours };
  if (transcript.opener[0]?.body.kind !== "OPEN" || transcript.responder[0]?.body.kind !== "JOIN") return [];
  const evidence = beside.map((frame) => toHex(frame));
  const bundle = { deployment: chain.deployment, transcript, beside: evidence, terms: null, chain: null };
  const { faults } = await examine(verifier, bundle);
  return faults.map(({ says }) => `the ${side}'s evidence says: ${says}`);
}
