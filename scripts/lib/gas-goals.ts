/**
 * What operations may cost, and what peers' cost. The peers' figures were measured on their own sources: whole transactions, warm
 * balances, optimizer on.
 */
interface Yardstick {
  readonly goal?: number;
  readonly peers: readonly Peer[];
}

/** An operation of somebody else's that does the like. */
export interface Peer {
  readonly gas: number;
  readonly what: string;
  /** Where it can be read. */
  readonly source: string;
}

const COMMERCE = "github.com/base/commerce-payments";
const KLEROS = "github.com/kleros/escrow-contracts";
const SABLIER = "github.com/sablier-labs/evm-monorepo";
const ERC_8004 = "github.com/erc-8004/erc-8004-contracts";
const ERC_8183 = "eips.ethereum.org/EIPS/eip-8183, its reference";
const ERC_8001 = "eips.ethereum.org/EIPS/eip-8001, its reference";
const FLOOR = "a prototype with a ledger and two signatures";

/** By operation. A goal without a measurement is one still to be reached. */
export const YARDSTICKS: Readonly<Record<string, Yardstick>> = {
  register: {
    peers: [{ gas: 89_933, what: "ERC-8004 register", source: ERC_8004 }],
  },
  commit: {
    goal: 98_000,
    peers: [
      { gas: 69_390, what: "floor, no safety at all", source: FLOOR },
      { gas: 139_118, what: "commerce-payments authorize (EIP-3009)", source: COMMERCE },
      { gas: 163_811, what: "Sablier escrow create", source: SABLIER },
      { gas: 165_434, what: "Kleros escrow create", source: KLEROS },
      { gas: 370_506, what: "ERC-8183 create, set budget, fund", source: ERC_8183 },
      { gas: 413_243, what: "ERC-8001 propose and two accepts, no money", source: ERC_8001 },
    ],
  },
  /** For each deal. */
  commitBatch10: {
    goal: 58_000,
    peers: [{ gas: 46_057, what: "floor, no safety at all", source: FLOOR }],
  },
  commitSession: { goal: 128_000, peers: [] },
  accept: {
    goal: 53_500,
    peers: [
      { gas: 44_252, what: "floor, no safety at all", source: FLOOR },
      { gas: 52_727, what: "commerce-payments capture", source: COMMERCE },
      { gas: 53_867, what: "Kleros escrow pay", source: KLEROS },
      { gas: 75_998, what: "Sablier escrow fill", source: SABLIER },
    ],
  },
  refund: {
    peers: [
      { gas: 48_675, what: "Sablier escrow cancel", source: SABLIER },
      { gas: 50_029, what: "commerce-payments void", source: COMMERCE },
    ],
  },
  /** `dispute`, `answer` and `refer` together: all until the arbitrator has it. */
  disputeReferred: {
    peers: [{ gas: 278_379, what: "Kleros escrow dispute with both fees", source: KLEROS }],
  },
  rule: {
    peers: [{ gas: 129_593, what: "Kleros escrow rule", source: KLEROS }],
  },
  /** Ten thousand receipts claimed and closed by one transaction. */
  receipts10000: { goal: 78_000, peers: [] },
  /** `commit` and `accept` together. */
  happyPath: {
    goal: 152_000,
    peers: [
      { gas: 191_866, what: "commerce-payments authorize and capture", source: COMMERCE },
      { gas: 497_459, what: "ERC-8183, all five steps", source: ERC_8183 },
    ],
  },
};
