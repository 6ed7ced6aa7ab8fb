import type { AgentId } from "../../kernel/ids.ts";
import { type Deal, hashDeal } from "../../terms/deal.ts";
import type { Message } from "../../terms/message.ts";
import { dealAt, otherRole, type Proposal } from "../../terms/proposal.ts";
import type { RefusalCode } from "../../terms/refusal.ts";
import type { VerifiedAgreement, WithheldOpen } from "../verify.ts";

/** Something that was signed, and should not have been said. */
export interface Breach {
  readonly message: Message;
  readonly code: RefusalCode;
  readonly says: string;
}

export interface Parties {
  readonly opener: AgentId;
  readonly responder: AgentId;
}

/** What either side signed against the protocol that both had agreed on. Without the proposal only half of it can be told. */
export function breachesOf(
  course: readonly (Message | WithheldOpen)[],
  parties: Parties,
  proposal: Proposal | null,
  agreements: readonly VerifiedAgreement[],
): Breach[] {
  const breaches: Breach[] = [];
  const bargaining = new Bargaining(parties, proposal);
  // Who accepts twice can't make the other's word about the first deal a fault.
  const fulfilling = agreements.map(({ deal }) => new Fulfilling(deal));
  const accepted = new Set<AgentId>();
  for (const message of course) {
    const { body } = message;
    let fault: Omit<Breach, "message"> | null = null;
    if (body.kind === "OFFER") fault = bargaining.judge(message.envelope.agent, body.deal);
    if (body.kind === "DELIVER" || body.kind === "RECEIPT") {
      const about = fulfilling.find(({ hash }) => hash === body.deal) ?? fulfilling[0];
      fault = about === undefined ? tooEarly(body.kind) : about.judge(message as Message);
    }
    if (body.kind === "ACCEPT") {
      const { agent } = message.envelope;
      if (accepted.has(agent)) fault = { code: "OutOfTurn", says: `agent ${agent} accepted a second time` };
      accepted.add(agent);
    }
    if (fault !== null) breaches.push({ ...fault, message: message as Message });
  }
  return breaches;
}

class Bargaining {
  readonly #parties: Parties;
  readonly #proposal: Proposal | null;
  #template: Deal | null = null;
  #offers = 0;

  constructor(parties: Parties, proposal: Proposal | null) {
    this.#parties = parties;
    this.#proposal = proposal;
  }

  judge(speaker: AgentId, deal: Deal): Omit<Breach, "message"> | null {
    const { opener, responder } = this.#parties;
    const turn = this.#offers;
    // One out of turn takes nobody else's.
    if (speaker !== (turn % 2 === 0 ? opener : responder)) {
      return { code: "OutOfTurn", says: `agent ${speaker} offered where it was not its turn` };
    }
    this.#offers++;
    const rounds = this.#proposal?.protocol.rounds;
    if (rounds !== undefined && turn >= 2 * rounds - 1) {
      return { code: "TooManyRounds", says: `agent ${speaker} offered after the last of ${rounds} rounds` };
    }
    // Where the proposal is withheld, the first offer stands for it: all but the price has to stay.
    this.#template ??= this.#proposed(deal) ?? { ...deal, price: 0n };
    const template = this.#template;
    const field = (Object.keys(template) as (keyof Deal)[]).find(
      (one) => one !== "price" && deal[one] !== template[one],
    );
    if (field === undefined) return null;
    return { code: "DealMismatch", says: `agent ${speaker} offered another ${field} than was proposed` };
  }

  #proposed({ negotiation }: Deal): Deal | null {
    if (this.#proposal === null) return null;
    const { opener, responder } = this.#parties;
    const { role } = this.#proposal;
    const parties = { [role]: opener, [otherRole(role)]: responder } as { buyer: AgentId; seller: AgentId };
    return dealAt(this.#proposal, parties, negotiation, 0n);
  }
}

class Fulfilling {
  readonly #deal: Deal;
  readonly hash: string;
  #receipted = 0n;

  constructor(deal: Deal) {
    this.#deal = deal;
    this.hash = hashDeal(deal);
  }

  judge({ envelope: { agent }, body }: Message): Omit<Breach, "message"> | null {
    if (body.kind !== "DELIVER" && body.kind !== "RECEIPT") return null;
    if (body.deal !== this.hash) return { code: "DealMismatch", says: `agent ${agent} speaks of another deal` };
    if (agent !== (body.kind === "RECEIPT" ? this.#deal.buyer : this.#deal.seller)) {
      return { code: "OutOfTurn", says: `${body.kind} is not for agent ${agent} to say` };
    }
    if (body.kind === "DELIVER") return null;
    if (body.total < this.#receipted || body.total > this.#deal.price) {
      return {
        code: "DealMismatch",
        says: `agent ${agent} signed a receipt below the one before it, or above the price`,
      };
    }
    this.#receipted = body.total;
    return null;
  }
}

function tooEarly(kind: string): Omit<Breach, "message"> {
  return { code: "OutOfTurn", says: `${kind} was said where no deal was agreed` };
}
