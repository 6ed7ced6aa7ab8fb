import { replay } from "../dealing/replay.ts";
import type { State } from "../dealing/state.ts";
import { toHex } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { Chain, Deployment } from "../ports/chain.ts";
import type { Crypto } from "../ports/crypto.ts";
import type { Journal } from "../ports/journal.ts";
import { hashProposal } from "../terms/body.ts";
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
}

/** The negotiations that a journal holds, by id and by the opener's half of it. Those that can't be read are no reason to leave out the others. */
export async function negotiationsIn(journal: Journal, { chainId, settlement }: Deployment): Promise<Kept[]> {
  const separator = domainSeparator(settlementDomain(chainId, settlement));
  const found: Kept[] = [];
  for (const stream of await journal.streams()) {
    try {
      const { half, negotiation, phase } = replay(separator, await journal.read(stream)).state;
      found.push({ half, negotiation, phase });
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
  chain: Chain | null,
  crypto: Crypto,
): Promise<Bundle> {
  const separator = domainSeparator(settlementDomain(deployment.chainId, deployment.settlement));
  const found = (await negotiationsIn(journal, deployment)).find(
    (one) => one.negotiation === negotiation || one.half === negotiation,
  );
  if (found === undefined) {
    throw new ParleyError("UnknownNegotiation", `the journal holds no negotiation ${negotiation}`, {
      hint: "see which it holds: parley evidence export without --negotiation",
    });
  }
  const { state, ours, theirs, beside } = replay(separator, await journal.read(found.half));
  const said = state.brief.opener ? { opener: ours, responder: theirs } : { opener: theirs, responder: ours };
  const bundle: Bundle = {
    deployment,
    transcript: disclosure.proposal ? said : withholdProposal(said, hashProposal),
    beside: beside.map((frame) => toHex(frame)),
    terms: disclosure.terms ? state.proposal.terms : null,
    chain: null,
  };
  return chain === null ? bundle : { ...bundle, chain: await readAccount(chain, crypto, bundle) };
}

/** Asks the chain all that it knows of a negotiation. */
export async function readAccount(
  chain: Chain,
  crypto: Crypto,
  { deployment, transcript }: Bundle,
): Promise<ChainAccount> {
  const separator = domainSeparator(settlementDomain(deployment.chainId, deployment.settlement));
  const { certificates, agreements } = await verifyTranscript(crypto, separator, transcript);
  const [first] = agreements;
  const [opener, responder, asOf] = await Promise.all([
    chain.authority(certificates.opener.key.agent),
    chain.authority(certificates.responder.key.agent),
    chain.time(),
  ]);
  if (first === undefined) return { asOf, opener, responder, position: null, committed: null, payout: null };
  // One negotiation makes one deal at most: this is asked of it, whichever agreement that is.
  const committed = await chain.committed(first.deal);
  const { deal, transcript: accepted } = agreementCommitted(agreements, committed) ?? first;
  const [{ now, ...position }, payout] = await Promise.all([chain.position(deal, accepted), chain.payout(deal)]);
  return { asOf: now, opener, responder, position, committed, payout };
}
