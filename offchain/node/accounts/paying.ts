import type { Intent } from "../../dealing/dealer.ts";
import type { Engagement } from "../../dealing/invitation.ts";
import type { Session } from "../../dealing/session.ts";
import { toHex } from "../../kernel/bytes.ts";
import type { AgentId, Bytes32 } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { Entropy } from "../../kernel/random.ts";
import type { PriceStrategy } from "../../negotiation/price/strategy.ts";
import type { Supply } from "../../ports/connector.ts";
import type { Outcome } from "../../settlement/saga/outcome.ts";
import { isClosed } from "../../settlement/tab/carrying.ts";
import {
  type Netting,
  nettingObjection,
  nettingOf,
  nettingProposal,
  statementIn,
} from "../../settlement/tab/netting.ts";
import type { JsonObject } from "../../terms/canonical-json.ts";
import type { DealTemplate, Proposal, Role } from "../../terms/proposal.ts";
import { Refusal } from "../../terms/refusal.ts";
import { MOST_COMMIT_AHEAD_S } from "../respond.ts";
import type { Account } from "./account.ts";

/** What the deal that pays an account leaves time for: the creditor has nothing to make, and the debtor nothing to look at. */
const [COMMIT_S, DELIVER_S, REVIEW_S] = [3_600, 86_400, 86_400];

/** Between two tries to pay one account, in milliseconds: longer each time. */
const [FIRST_AGAIN_MS, LONGEST_AGAIN_MS] = [2_000, 600_000];

export interface PayingOffice {
  readonly self: AgentId;
  readonly entropy: Entropy;
  readonly now: () => number;
  /** Unix seconds of the newest block; null before that is known. */
  readonly chainTime: () => number | null;
  /** Every negotiation that is known, those of before a restart too. */
  readonly sessions: () => Iterable<Session>;
  readonly open: (intent: Intent) => Promise<Session>;
}

/** Pays closed accounts, and lets others pay theirs: each by one deal over its statement, and no other. */
export class Paying {
  readonly #office: PayingOffice;
  /** Statements whose deal was settled on the chain. */
  readonly #paid = new Set<Bytes32>();
  /** Negotiations of which nothing came. */
  readonly #void = new WeakSet<Session>();
  readonly #tries = new Map<Bytes32, { count: number; next: number }>();

  constructor(office: PayingOffice) {
    this.#office = office;
  }

  /** How the deal of a negotiation has ended on the chain. */
  noticeOutcome({ state: { brief } }: Session, { kind }: Outcome): void {
    if (kind === "settled" && brief.intent !== null) this.#paid.add(brief.intent.id);
  }

  /** Nothing was made of a negotiation, and nothing can be. */
  noticeVoid(session: Session): void {
    this.#void.add(session);
  }

  isPaid({ statement }: Netting): boolean {
    return this.#paid.has(statement);
  }

  /** Opens the negotiation of the deal by which we pay, unless one is under way. */
  async pay(account: Account, netting: Netting): Promise<void> {
    const { self, entropy, now, chainTime, open, sessions } = this.#office;
    const { statement, amount } = netting;
    const { address, agent: peer, token } = account.config;
    const isUnderWay = [...sessions()].some((one) => isFor(one, statement) && !this.#void.has(one));
    const tries = this.#tries.get(statement) ?? { count: 0, next: 0 };
    if (address === null || isUnderWay || now() < tries.next) return;
    const again = Math.min(FIRST_AGAIN_MS * 2 ** tries.count, LONGEST_AGAIN_MS);
    this.#tries.set(statement, { count: Math.min(tries.count + 1, 16), next: now() + again });
    // The chain's clock decides, and may be ahead of ours.
    const commitBy = Math.max(Math.floor(now() / 1_000), chainTime() ?? 0) + COMMIT_S;
    const times = { commitBy, deliverWithin: DELIVER_S, reviewPeriod: REVIEW_S };
    const proposal = nettingProposal(netting, { token }, self, times, toHex(entropy.bytes(32)));
    await open({ peer, address, proposal, strategy: exactly(amount), wanted: { id: statement, most: 1 } });
  }

  /** How to answer who proposes to pay an account; throws a `Refusal` for anything that isn't exactly that. */
  answer(proposal: Proposal, role: Role, account: Account | undefined): Engagement {
    const refuse = (note: string): never => {
      throw new Refusal("ProposalRefused", note);
    };
    const netting = account?.netting ?? null;
    if (account === undefined || netting === null) {
      return refuse("there is no closed account with this agent here that is to be paid");
    }
    if (netting.creditor !== this.#office.self || role !== "seller") refuse("this account isn't owed to this agent");
    const objection = nettingObjection(proposal, netting, account.config);
    if (objection !== null) refuse(objection);
    const untimely = this.#objectionToTimes(proposal.deal);
    if (untimely !== null) refuse(untimely);
    if (this.isPaid(netting)) refuse("this account is paid");
    return { strategy: exactly(netting.amount), wanted: { id: netting.statement, most: 1 } };
  }

  /** One statement has one deal at a time: one that can't be committed, or kept, or is reviewed for years, would hold up what is owed. */
  #objectionToTimes({ commitBy, deliverWithin, reviewPeriod }: DealTemplate): string | null {
    const { now, chainTime } = this.#office;
    const latest = Math.max(Math.floor(now() / 1_000), chainTime() ?? 0) + MOST_COMMIT_AHEAD_S;
    if (commitBy > latest) return "`commitBy` is more than 5 days ahead";
    if (deliverWithin < DELIVER_S) return `${deliverWithin} s to deliver are less than ${DELIVER_S}`;
    return reviewPeriod > REVIEW_S ? `a review of ${reviewPeriod} s is longer than ${REVIEW_S}` : null;
  }
}

/** Whether a negotiation is about paying that statement. */
function isFor({ state: { brief } }: Session, statement: Bytes32): boolean {
  return brief.intent?.id === statement;
}

/** A creditor has nothing to hand over but what both sides know: the statement shows that it was owed. */
export function statementSupply(terms: JsonObject, accounts: readonly Pick<Account, "tabs">[]): Supply | null {
  const statement = statementIn(terms);
  if (statement === null) return null;
  // Of what is long paid nothing is held, and nothing is asked for but that what was set aside is let go of.
  const isOurs = () =>
    accounts
      .flatMap(({ tabs }) => tabs)
      .some(({ state }) => isClosed(state) && nettingOf(state)?.statement === statement);
  return {
    reserve: async () => null,
    deliver: async () => (isOurs() ? statement : null),
    release: async () => undefined,
  };
}

/** Offers, and takes, one price. */
function exactly(amount: Amount): PriceStrategy {
  return { kind: "time-dependent", from: amount, limit: amount, pace: 1 };
}
