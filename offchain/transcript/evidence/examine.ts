import { certifiedBy } from "../../identity/certificate.ts";
import { fromHex, type Hex, toHex } from "../../kernel/bytes.ts";
import type { Address, AgentId, Bytes32 } from "../../kernel/ids.ts";
import type { AgentAuthority, Deployment } from "../../ports/chain.ts";
import type { Crypto } from "../../ports/crypto.ts";
import { hashJson, type JsonObject } from "../../terms/canonical-json.ts";
import type { Certificate } from "../../terms/certificate.ts";
import { domainSeparator, settlementDomain } from "../../terms/eip712.ts";
import { envelopePreimage, hashEnvelope } from "../../terms/envelope.ts";
import { decodeMessage, encodeMessage, type Message } from "../../terms/message.ts";
import { decodeProposal, type Proposal } from "../../terms/proposal.ts";
import { Refusal, type RefusalCode } from "../../terms/refusal.ts";
import {
  agreementCommitted,
  isWithheld,
  type VerifiedAgreement,
  verifyTranscript,
  type WithheldOpen,
} from "../verify.ts";
import type { Bundle, ChainAccount } from "./bundle.ts";
import { breachesOf } from "./conduct.ts";
import { courseOf } from "./course.ts";
import { againstChain, againstMessages, type Discrepancy, type Proven } from "./discrepancies.ts";

/** Who said one side's part, and on whose word. */
export interface Speaker {
  readonly agent: AgentId;
  readonly certificate: Certificate;
  /** The wallet that signed the certificate; null where it isn't signed, but recorded by the wallet's contract, or not at all. */
  readonly wallet: Address | null;
  /**
   * Whether that wallet speaks for the agent. "confirmed" takes a chain that was asked by whoever examines; "claimed" is the word of who
   * made the file; "unknown" where neither says.
   */
  readonly standing: "confirmed" | "claimed" | "refuted" | "unknown";
}

/** Something that a side has done and answers for. */
export interface Fault {
  readonly agent: AgentId;
  readonly code: RefusalCode | "Equivocation" | "LateDelivery" | "NotDelivered" | "Defaulted";
  readonly says: string;
  /** Whether Settlement judges it by the proof alone. */
  readonly onChain: boolean;
  /** The signed frames that prove it; empty where the chain does. */
  readonly proof: readonly Hex[];
}

/** What a bundle proves. */
export interface Findings {
  readonly negotiation: Bytes32;
  readonly opener: Speaker;
  readonly responder: Speaker;
  /** How many signatures were verified: every one of the transcript's. */
  readonly signatures: number;
  /** Null where it is withheld. */
  readonly proposal: Proposal | null;
  /** Null where they are withheld. */
  readonly terms: JsonObject | null;
  readonly agreement: VerifiedAgreement | null;
  /** Everything that was said, in an order in which it can have been said. */
  readonly course: readonly (Message | WithheldOpen)[];
  readonly faults: readonly Fault[];
  /** Frames beside the transcript that prove nothing: not signed by either side. */
  readonly unproven: number;
  /** What the chain says, or else what the file says that it said. */
  readonly chain: ChainAccount | null;
  /** Whose word that is: a chain that was asked, or the file's; null where there is neither. */
  readonly source: "chain" | "file" | null;
  /** Where the file's account of the chain doesn't fit the messages, or the chain. */
  readonly discrepancies: readonly Discrepancy[];
}

/** Whether nothing in the file was found to be untrue. What the chain was not asked for may be, all the same. */
export function holds({ opener, responder, discrepancies }: Findings): boolean {
  const isSpokenFor = [opener, responder].every(({ standing }) => standing !== "refuted");
  return isSpokenFor && discrepancies.every(({ kind }) => kind !== "contradicted");
}

/**
 * Verifies a bundle by itself: every signature, both chains, the agreement, the terms. Throws a `Refusal` where it doesn't hold together.
 * What it says about the chain is its maker's claim; only `asked`, read from the chain by whoever examines, confirms anything.
 */
export async function examine(crypto: Crypto, bundle: Bundle, asked: ChainAccount | null = null): Promise<Findings> {
  const { deployment, transcript } = bundle;
  const chain = asked ?? bundle.chain;
  const separator = domainSeparator(settlementDomain(deployment.chainId, deployment.settlement));
  const verified = await verifyTranscript(crypto, separator, transcript);
  const { negotiation, signatures, certificates, agreements } = verified;
  const agreement = agreementCommitted(agreements, chain?.committed ?? null);
  const course = courseOf(separator, transcript);
  const proposal = proposalOf(transcript.opener[0]);
  checkTerms(course, proposal, bundle.terms);
  const isAsked = asked !== null;
  const opener = speaker(deployment, certificates.opener, chain?.opener ?? null, isAsked);
  const responder = speaker(deployment, certificates.responder, chain?.responder ?? null, isAsked);
  const parties = { opener: opener.agent, responder: responder.agent };
  const { rivals, unproven } = await findRivals(crypto, separator, bundle, certificates);
  const breaches = breachesOf(course, parties, proposal, agreements).map(({ message, code, says }) => ({
    agent: message.envelope.agent,
    code,
    says,
    onChain: false,
    proof: [toHex(encodeMessage(message))],
  }));
  return {
    negotiation,
    opener,
    responder,
    signatures,
    proposal,
    terms: bundle.terms,
    agreement,
    course,
    faults: [...rivals, ...breaches, ...lateness(agreement, chain, isAsked)],
    unproven,
    chain,
    source: isAsked ? "chain" : chain === null ? null : "file",
    discrepancies: discrepanciesOf(bundle.chain, asked, { agreements, course }),
  };
}

/** What the chain itself says can't be untrue: where no message is for it, one is missing. */
function discrepanciesOf(told: ChainAccount | null, asked: ChainAccount | null, proven: Proven): Discrepancy[] {
  if (asked === null) return told === null ? [] : againstMessages(told, proven);
  const missing = againstMessages(asked, proven).map((one) => ({ ...one, kind: "missing" as const }));
  return told === null ? missing : [...againstChain(told, asked), ...missing];
}

function proposalOf(open: Message | WithheldOpen | undefined): Proposal | null {
  return open?.body.kind === "OPEN" && typeof open.body.proposal === "string"
    ? decodeProposal(open.body.proposal)
    : null;
}

/** Terms that are shown have to be those that were offered. */
function checkTerms(
  course: readonly (Message | WithheldOpen)[],
  proposal: Proposal | null,
  terms: JsonObject | null,
): void {
  if (terms === null) return;
  const hash = hashJson(terms);
  const proposed = proposal === null ? [] : [hashJson(proposal.terms)];
  const offered = course.flatMap(({ body }) => (body.kind === "OFFER" ? [body.deal.terms] : []));
  if ([...proposed, ...offered].includes(hash)) return;
  throw new Refusal("DealMismatch", `the terms shown have the hash ${hash}, which nothing that was said names`);
}

function speaker(
  deployment: Deployment,
  certificate: Certificate,
  authority: AgentAuthority | null,
  isAsked: boolean,
): Speaker {
  const { key } = certificate;
  if (key.settlement !== deployment.settlement) {
    throw new Refusal("CertificateInvalid", `the certificate of agent ${key.agent} is for another Settlement`);
  }
  const wallet = certifiedBy(deployment, certificate);
  const found = { agent: key.agent, certificate, wallet };
  // An epoch that has ended since leaves open whose wallet it was then, and an unsigned certificate whether it was recorded.
  if (authority === null || wallet === null || key.epoch < authority.epoch) return { ...found, standing: "unknown" };
  const speaks = wallet === authority.wallet && key.epoch === authority.epoch;
  return { ...found, standing: !speaks ? "refuted" : isAsked ? "confirmed" : "claimed" };
}

/** Whatever a side signed besides what is in its chain. Two binding envelopes under one number are a fault that costs its bond. */
async function findRivals(
  crypto: Crypto,
  separator: Bytes32,
  { transcript, beside }: Bundle,
  certificates: Readonly<Record<"opener" | "responder", Certificate>>,
): Promise<{ rivals: Fault[]; unproven: number }> {
  const rivals: Fault[] = [];
  let unproven = 0;
  for (const frame of new Set(beside)) {
    const rival = readFrame(frame);
    const side = (["opener", "responder"] as const).find(
      (one) => certificates[one].key.agent === rival?.envelope.agent,
    );
    if (rival === null || side === undefined || !(await isSigned(crypto, separator, certificates[side], rival))) {
      unproven++;
      continue;
    }
    const { agent, seq } = rival.envelope;
    const said = transcript[side][seq];
    if (
      said === undefined ||
      isWithheld(said) ||
      hashEnvelope(separator, said.envelope) === hashEnvelope(separator, rival.envelope)
    )
      continue;
    // Only one negotiation's numbers are counted together, and END, said by whoever lost its journal, binds nobody.
    if (said.envelope.negotiation !== rival.envelope.negotiation || isEnd(rival) || isEnd(said)) continue;
    const onChain = binds(said) && binds(rival);
    const says = `agent ${agent} signed ${said.envelope.kind} and ${rival.envelope.kind}, which differ, as its number ${seq}`;
    const code = onChain ? "Equivocation" : "Conflict";
    rivals.push({ agent, code, says, onChain, proof: [toHex(encodeMessage(said)), frame] });
  }
  return { rivals, unproven };
}

function readFrame(frame: Hex): Message | null {
  try {
    return decodeMessage(fromHex(frame));
  } catch (thrown) {
    if (thrown instanceof Refusal) return null;
    throw thrown;
  }
}

async function isSigned(
  crypto: Crypto,
  separator: Bytes32,
  { key }: Certificate,
  { envelope, signature }: Message,
): Promise<boolean> {
  return await crypto.verify(key, envelopePreimage(separator, envelope), signature);
}

function isEnd({ envelope: { kind } }: Message | WithheldOpen): boolean {
  return kind === "END";
}

function binds({ envelope: { kind } }: Message | WithheldOpen): boolean {
  return kind === "OFFER" || kind === "ACCEPT";
}

/** What the chain's account says of who didn't do what was agreed. */
function lateness(agreement: VerifiedAgreement | null, chain: ChainAccount | null, isAsked: boolean): Fault[] {
  if (agreement === null || !chain?.position?.ours) return [];
  const { deal } = agreement;
  const { status, since } = chain.position;
  const by = isAsked ? "" : "; so the file says, and the chain was not asked";
  const bySeller = (code: Fault["code"], says: string): Fault[] => [
    { agent: deal.seller, code, says: `${says}${by}`, onChain: true, proof: [] },
  ];
  const due = since + deal.deliverWithin;
  if (status === "Committed" && deal.reviewPeriod > 0 && chain.asOf > due) {
    return bySeller(
      "LateDelivery",
      `agent ${deal.seller} was to deliver by ${iso(due)} and had not by ${iso(chain.asOf)}`,
    );
  }
  // A metered deal that was paid for in part ends that way too.
  if (status === "Settled" && deal.reviewPeriod > 0 && chain.payout?.outcome === "Refunded") {
    return bySeller("NotDelivered", `agent ${deal.seller} did not deliver in its time, and the buyer was refunded`);
  }
  return [];
}

export function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}
