import { ZERO_32, ZERO_ADDRESS } from "../../../offchain/kernel/ids.ts";
import type { SettlementEvent } from "../../../offchain/ports/settlement-events.ts";
import type { DealState } from "../../../offchain/settlement/ledger/deal-state.ts";
import type { Ledger } from "../../../offchain/settlement/ledger/ledger.ts";
import { type Deal, hashDeal } from "../../../offchain/terms/deal.ts";
import { type Author, named, SETTLEMENT } from "./fake-chain.ts";

export const TOKENS = [SETTLEMENT, ZERO_ADDRESS] as const;
export const AGENTS = [1n, 2n, 3n] as const;

const BASE: Deal = {
  buyer: 1n,
  seller: 2n,
  token: SETTLEMENT,
  price: 100n,
  buyerBond: 10n,
  sellerBond: 20n,
  commitBy: 2_000_000_000,
  deliverWithin: 100,
  reviewPeriod: 100,
  arbitrator: SETTLEMENT,
  maxFee: 7n,
  rulingWithin: 100,
  lapseShare: 5_000,
  category: ZERO_32,
  terms: ZERO_32,
  negotiation: ZERO_32,
};

/** A deal that no other number makes. */
export function dealOf(seed: number): Deal {
  const buyer = AGENTS[seed % 3] ?? 1n;
  const seller = AGENTS[(seed + 1 + (seed % 2)) % 3] ?? 2n;
  const token = TOKENS[seed % 5 === 0 ? 1 : 0];
  return { ...BASE, buyer, seller, token, price: BigInt(50 + (seed % 90)), negotiation: named(`negotiation ${seed}`) };
}

/** Makes a block of as many acts as there are numbers; each number says which, and on what. Acts that can't be are left out. */
export function authorOf(choices: readonly number[]): Author {
  return (ledger, emit) => {
    for (const choice of choices) for (const event of act(ledger, choice)) emit(event);
  };
}

const IN_ESCROW = ["Committed", "Delivered", "Disputed"];

function act(ledger: Ledger, choice: number): SettlementEvent[] {
  const seed = Math.floor(choice / 20);
  const agent = AGENTS[seed % 3] ?? 1n;
  const token = TOKENS[seed % 2] ?? ZERO_ADDRESS;
  const { free, bonded, leaving } = ledger.treasury(agent, token);
  const amount = 1n + BigInt(seed % 1_000);
  const pick = (...statuses: readonly string[]): DealState | undefined => {
    const fitting = [...ledger.deals()].filter(({ status }) => statuses.includes(status));
    return fitting[seed % Math.max(1, fitting.length)];
  };
  const deal = dealOf(seed);
  const { buyer, seller, negotiation, price, buyerBond, sellerBond } = deal;
  const hash = hashDeal(deal);
  const isFresh = ledger.deal(hash) === null;
  const buyerHas = ledger.treasury(buyer, deal.token).free >= price + buyerBond;
  const sellerHas = ledger.treasury(seller, deal.token).free >= sellerBond;
  const opening = { deal: hash, buyer, seller, negotiation, transcript: named("said"), token: deal.token };
  switch (choice % 20) {
    case 0:
    case 1:
    case 2:
      return [{ type: "Deposited", agent, token, from: SETTLEMENT, amount: 500n + amount, toStake: false }];
    case 3:
      return [{ type: "Deposited", agent, token, from: SETTLEMENT, amount, toStake: true }];
    case 4:
      return [{ type: "Withdrawn", agent, token, to: SETTLEMENT, amount: free > 0n ? free / 2n : 0n }];
    case 5:
      return [{ type: "Staked", agent, token, amount: free > 0n ? free / 3n : 0n }];
    case 6:
      return [{ type: "Unstaking", agent, token, amount: bonded / 2n, leavesAt: seed }];
    case 7:
      return leaving > 0n ? [{ type: "Released", agent, token, amount: leaving }] : [];
    case 8:
    case 9:
      return isFresh && buyerHas && sellerHas ? [{ type: "Committed", ...opening, price, buyerBond, sellerBond }] : [];
    case 10: {
      if (!isFresh || !sellerHas) return [];
      const terms = seed % 3 === 0 ? null : deal;
      const facts = { declarer: seller, locked: sellerBond, cureUntil: seed, reason: "0x12345678", terms } as const;
      return [{ type: "Declared", ...opening, ...facts }];
    }
    case 11: {
      const known = pick("Declared");
      return known && ledger.treasury(known.buyer, known.token).free >= 200n
        ? [{ type: "Cured", deal: known.deal, agent: known.buyer }]
        : [];
    }
    case 12: {
      const known = pick("Declared");
      if (!known) return [];
      const lost = ledger.treasury(known.buyer, known.token).bonded / 2n;
      return [
        { type: "Defaulted", deal: known.deal, agent: known.buyer, returned: known.escrow ?? 0n },
        penalty(known.deal, known.buyer, known.token, lost),
      ];
    }
    case 13: {
      const known = pick("Committed");
      return known ? [{ type: "Delivered", deal: known.deal, evidence: named("evidence") }] : [];
    }
    case 14: {
      const known = pick(...IN_ESCROW);
      if (known?.escrow === undefined || known.escrow === null || known.escrow < 60n) return [];
      return [{ type: "ReceiptClaimed", deal: known.deal, total: known.received + BigInt(1 + (seed % 9)) }];
    }
    case 15: {
      const known = pick(...IN_ESCROW);
      // Where the chain hides what is in escrow, it is what the cure of a hidden deal brought.
      const all = known?.escrow ?? 150n - (known?.received ?? 0n);
      return known
        ? [{ type: "Settled", deal: known.deal, outcome: "Split", toBuyer: all / 3n, toSeller: all - all / 3n }]
        : [];
    }
    case 16: {
      const known = pick("Delivered");
      const terms = seed % 3 === 0 ? null : BASE;
      return known
        ? [{ type: "Disputed", deal: known.deal, share: 100, evidence: named("why"), rulingUntil: seed, terms }]
        : [];
    }
    case 17: {
      const known = pick("Disputed");
      if (!known) return [];
      const { deal, dispute, key } = known;
      if (dispute?.answered === false) return [{ type: "Answered", deal, share: 9_000, evidence: named("why not") }];
      if (dispute?.referral === null) {
        return [{ type: "Referred", deal, arbitrator: SETTLEMENT, disputeId: BigInt(seed), cost: BigInt(seed % 12) }];
      }
      return dispute?.ruling === null
        ? [{ type: "Ruled", key, arbitrator: SETTLEMENT, disputeId: 1n, ruling: 5_003 }]
        : [];
    }
    case 18: {
      const terms = seed % 7 === 0 ? null : deal;
      return [
        { type: "Equivocated", agent, negotiation, seq: 3, first: named("one"), second: named("other") },
        { ...penalty(hash, buyer, deal.token, ledger.treasury(buyer, deal.token).bonded / 3n), terms },
      ];
    }
    default:
      return [{ type: ledger.pausedAt === 0 ? "Paused" : "Unpaused", guardian: SETTLEMENT }];
  }
}

function penalty(deal: DealState["deal"], agent: bigint, token: DealState["token"], taken: bigint) {
  return { type: "Penalised", deal, agent, token, taken, reward: taken / 10n, terms: null } as const;
}
