import { checkLasts } from "../identity/certificate.ts";
import { ParleyError } from "../kernel/errors.ts";
import { type AgentId, type Bytes32, ZERO_32 } from "../kernel/ids.ts";
import { checkStrategy, type PriceStrategy } from "../negotiation/price/strategy.ts";
import type { Channel } from "../ports/transport.ts";
import { type Body, hashBody, type OpenBody } from "../terms/body.ts";
import type { Certificate } from "../terms/certificate.ts";
import { type Envelope, envelopePreimage, hashEnvelope } from "../terms/envelope.ts";
import type { Message } from "../terms/message.ts";
import { negotiationId, openerHalf } from "../terms/negotiation-id.ts";
import { decodeProposal, otherRole, type Proposal, type Role, signedUntil } from "../terms/proposal.ts";
import { Refusal } from "../terms/refusal.ts";
import { checkPlace } from "../transcript/chain.ts";
import { findObjection } from "./arbitrator.ts";
import type { Wanted } from "./brief.ts";
import { takesPersonalData } from "./disclosure.ts";
import type { Office } from "./session.ts";
import { endBody } from "./speaking.ts";
import { requireStake } from "./stake.ts";
import type { Effect, Reason } from "./state.ts";

/** An OPEN, and where it came from. */
export interface Invitation {
  readonly message: Message;
  readonly frame: Uint8Array;
  readonly body: OpenBody;
  readonly channel: Channel;
}

/** How to bargain, and for what, where that is negotiated with others too. */
export interface Engagement {
  readonly strategy: PriceStrategy;
  readonly wanted: Wanted;
}

/** Decides how to bargain over a proposal, in the role that is left; throws a `Refusal` to decline. */
export type Respond = (proposal: Proposal, role: Role, peer: AgentId) => PriceStrategy | Engagement;

/** How to answer an OPEN: by bargaining, with a refusal, or (null) not at all, since it is not for us. */
export type Verdict =
  | {
      readonly role: Role;
      readonly strategy: PriceStrategy;
      readonly certificate: Certificate;
      readonly wanted: Wanted | null;
    }
  | { readonly reason: Reason }
  | null;

export async function judgeInvitation(
  office: Office,
  self: AgentId,
  { message, body, channel }: Invitation,
  respond: Respond | undefined,
): Promise<Verdict> {
  if (body.responder !== self || respond === undefined) return null;
  // Nothing about it is looked at, or answered, before it is known to come from who holds the key that it names.
  if (!(await isSigned(office, message, body))) return null;
  const peer = message.envelope.agent;
  try {
    if (peer === self) throw new Refusal("WrongAgent", "an agent can't negotiate with itself");
    const now = Math.floor(office.clock.now() / 1000);
    await office.certificates.verify(body.certificate, peer, now, now);
    office.patience.vouch(channel, peer);
    checkOpening(office, message, body);
    const proposal = decodeProposal(body.proposal);
    const { commitBy } = proposal.deal;
    if (commitBy < now) throw new Refusal("Expired", `\`commitBy\` ${commitBy} is over, it is ${now}`);
    checkLasts(body.certificate, commitBy);
    if (takesPersonalData(proposal) && !office.personal) {
      throw new Refusal("ProposalRefused", "no deals are made here that take personal data");
    }
    const role = otherRole(proposal.role);
    const answer = respond(proposal, role, peer);
    const { strategy, wanted } = "strategy" in answer ? answer : { strategy: answer, wanted: null };
    const choice = checked(strategy, role);
    await requireStake(office.stakes, peer, proposal.role, proposal.deal);
    const unfit = await findObjection(office.arbitrators, proposal.deal);
    if (unfit !== null) throw new Refusal("ProposalRefused", unfit.because, { hint: unfit.hint });
    return {
      role,
      strategy: choice,
      certificate: office.keys.certificate(signedUntil(proposal)),
      wanted,
    };
  } catch (thrown) {
    if (thrown instanceof Refusal) return { reason: { code: thrown.code, note: thrown.message } };
    if (thrown instanceof ParleyError && thrown.code === "Malformed") {
      return { reason: { code: "Malformed", note: thrown.message } };
    }
    throw thrown;
  }
}

/** A strategy that makes no sense in the role that is left is a proposal that we don't negotiate. */
function checked(strategy: PriceStrategy, role: Role): PriceStrategy {
  try {
    checkStrategy(strategy, role);
    return strategy;
  } catch (cause) {
    throw new Refusal("ProposalRefused", `nothing is negotiated here as the ${role}`, { cause });
  }
}

function isSigned(office: Office, { envelope, signature }: Message, { certificate }: OpenBody) {
  return office.crypto.verify(certificate.key, envelopePreimage(office.separator, envelope), signature);
}

function checkOpening({ separator }: Office, { envelope }: Message, { responder, salt }: OpenBody): void {
  const { agent } = envelope;
  const negotiation = openerHalf(separator, agent, responder, salt);
  checkPlace(envelope, { negotiation, agent, speaker: null, listener: null, seen: -1 });
}

/** What to say to an OPEN that we decline: JOIN, whose certificate lets the opener verify the END that follows it. */
export function refuseInvitation(
  separator: Bytes32,
  { envelope: open }: Message,
  { agent, certificate, salt }: { agent: AgentId; certificate: Certificate; salt: Bytes32 },
  reason: Reason,
  at: number,
): Effect[] {
  const openHash = hashEnvelope(separator, open);
  const negotiation = negotiationId(open.negotiation, salt);
  const say = (seq: number, prev: Bytes32, body: Body): Extract<Effect, { do: "send" }> => {
    const { kind } = body;
    const envelope: Envelope = {
      negotiation,
      agent,
      seq,
      kind,
      sentAt: at,
      prev,
      seen: openHash,
      body: hashBody(body),
    };
    return { do: "send", envelope, hash: hashEnvelope(separator, envelope), body };
  };
  const join = say(0, ZERO_32, { kind: "JOIN", open: openHash, salt, certificate });
  return [join, say(1, join.hash, endBody(reason, openHash))];
}
