import { replay } from "../dealing/replay.ts";
import type { State } from "../dealing/state.ts";
import { toHex } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import { type AgentId, type Bytes32, ZERO_32 } from "../kernel/ids.ts";
import type { Amount } from "../kernel/money.ts";
import type { Archive, Chain, Deployment } from "../ports/chain.ts";
import type { Crypto } from "../ports/crypto.ts";
import type { Journal } from "../ports/journal.ts";
import { hashProposal } from "../terms/body.ts";
import { hashDeal } from "../terms/deal.ts";
import { domainSeparator, settlementDomain } from "../terms/eip712.ts";
import { type Bundle, type ChainAccount, withholdProposal } from "../transcript/evidence/bundle.ts";
import { agreementCommitted, verifyTranscript } from "../transcript/verify.ts";

export interface Disclosure {
  /** Whether to show what was proposed, which holds the terms. */
  readonly proposal: boolean;
  /** Whether to show the terms. */
  readonly terms: boolean;
}

/** A negotiation in a journal. */
export interface Kept {
  readonly half: Bytes32;
  readonly negotiation: Bytes32;
  readonly phase: State["phase"];
  readonly peer: AgentId;
  /** When the first word was signed, in milliseconds since 1970; null before. */
  readonly openedAt: number | null;
  /** What was agreed; null where nothing was. */
  readonly price: Amount | null;
}

/** The negotiations that a journal holds, by id and by the opener's half of it. Those that can't be read are no reason to leave out the others. */
export async function negotiationsIn(journal: Journal, { chainId, settlement }: Deployment): Promise<Kept[]> {
  const separator = domainSeparator(settlementDomain(chainId, settlement));
  const found: Kept[] = [];
  for (const stream of await journal.streams()) {
    try {
      const { state, ours, theirs } = replay(separator, await journal.read(stream));
      const { half, negotiation, phase, brief } = state;
      const openedAt = (brief.opener ? ours : theirs)[0]?.envelope.sentAt ?? null;
      const price = state.phase === "agreed" ? state.agreement.deal.price : null;
      found.push({ half, negotiation, phase, peer: brief.peer, openedAt, price });
    } catch (thrown) {
      if (!(thrown instanceof ParleyError)) throw thrown;
    }
  }
  return found;
}

/** Makes a bundle of what a journal holds about a negotiation. Without a chain its account is left out. */
export async function gatherEvidence(
  journal: Journal,
  deployment: Deployment,
  negotiation: Bytes32,
  disclosure: Disclosure,
  chain: (Chain & Archive) | null,
  crypto: Crypto,
): Promise<Bundle> {
  const half = await halfOf(journal, deployment, negotiation);
  const bundle = await bundleIn(journal, deployment, half, disclosure);
  return chain === null ? bundle : { ...bundle, chain: await readAccount(chain, crypto, bundle) };
}

/** The same of the negotiation whose opener's half is known, without what the chain says: it is the same whenever it is asked for. */
export async function bundleIn(
  journal: Pick<Journal, "read">,
  deployment: Deployment,
  half: Bytes32,
  disclosure: Disclosure,
): Promise<Bundle> {
  const separator = domainSeparator(settlementDomain(deployment.chainId, deployment.settlement));
  const { state, ours, theirs, beside } = replay(separator, await journal.read(half));
  const said = state.brief.opener ? { opener: ours, responder: theirs } : { opener: theirs, responder: ours };
  return {
    deployment,
    transcript: disclosure.proposal ? said : withholdProposal(said, hashProposal),
    beside: beside.map((frame) => toHex(frame)),
    terms: disclosure.terms ? state.proposal.terms : null,
    chain: null,
  };
}

async function halfOf(journal: Journal, deployment: Deployment, negotiation: Bytes32): Promise<Bytes32> {
  // Streams are named by the halves: where that was given, nothing has to be read to find it.
  if ((await journal.streams()).includes(negotiation)) return negotiation;
  const found = (await negotiationsIn(journal, deployment)).find((one) => one.negotiation === negotiation);
  if (found !== undefined) return found.half;
  throw new ParleyError("UnknownNegotiation", `the journal holds no negotiation ${negotiation}`, {
    hint: "see which it holds: parley evidence export without --negotiation",
  });
}

/** Asks the chain all that it knows of a negotiation. */
export async function readAccount(
  chain: Chain & Archive,
  crypto: Crypto,
  { deployment, transcript }: Bundle,
): Promise<ChainAccount> {
  const separator = domainSeparator(settlementDomain(deployment.chainId, deployment.settlement));
  const { certificates, agreements } = await verifyTranscript(crypto, separator, transcript);
  const [first = null] = agreements;
  // One negotiation makes one deal at most: this is asked of any that was offered, since the ACCEPT of it may be missing here.
  const said = [...transcript.opener, ...transcript.responder];
  const offers = said.flatMap(({ body }) => (body.kind === "OFFER" ? [body.deal] : []));
  const any = first?.deal ?? offers[0];
  const [opener, responder, asOf] = await Promise.all([
    chain.authority(certificates.opener.key.agent),
    chain.authority(certificates.responder.key.agent),
    chain.time(),
  ]);
  const committed = any === undefined ? null : await chain.committed(any);
  const offered = offers.find((one) => hashDeal(one) === committed?.dealHash) ?? any;
  const { deal, transcript: accepted } = agreementCommitted(agreements, committed) ?? {
    deal: offered,
    transcript: ZERO_32,
  };
  if (deal === undefined || (first === null && committed === null)) {
    return { asOf, opener, responder, position: null, committed: null, payout: null };
  }
  // In this order: a deal that is settled in between is settled without a payout here, and not the other way round.
  const payout = await chain.payout(deal);
  const { now, ...position } = await chain.position(deal, accepted);
  return { asOf: now, opener, responder, position, committed, payout };
}
