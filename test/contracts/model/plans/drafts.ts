// Deals at random: small amounts, so that rounding and rest matter, and short periods, so that deadlines are met.
import { ethers } from "../../fixtures/chain.ts";
import { AGENTS, stranger, UNREGISTERED } from "../chain.ts";
import type { Matter } from "../deals.ts";
import type { Run } from "../run.ts";
import type { Tape } from "../tape.ts";
import { COMMIT_AHEAD, DAY, HOUR } from "../time.ts";

export const CATEGORIES = [ethers.ZeroHash, ethers.id("research"), ethers.id("transport")] as const;

const PRICES = [100n, 0n, 1n, 7n, 250n, 333n, 900n];
const BONDS = [10n, 0n, 1n, 33n, 120n];
const EDGES = [-1n, 0n, COMMIT_AHEAD, COMMIT_AHEAD + 1n];
const SHARES = [5_000, 0, 10_000, 3_333];

/** Mostly one token, so that what happens in it adds up. */
export function tokensOf({ chain }: Run): string[] {
  const { plain } = chain.address;
  return [plain, plain, plain, plain, ...chain.tokens];
}

/** A new deal, mostly one that can be committed; kept with the run's matters. */
export function draftDeal(run: Run, tape: Tape): Matter {
  const { address } = run.chain;
  const serial = run.serial();
  const buyer = tape.chance(2) ? UNREGISTERED : tape.pick(AGENTS);
  const others = AGENTS.filter((agent) => agent !== buyer);
  const seller = tape.chance(2) ? buyer : tape.pick(others);
  const deal = {
    buyer,
    seller,
    token: tape.pick(tokensOf(run)),
    price: tape.pick(PRICES),
    buyerBond: tape.pick(BONDS),
    sellerBond: tape.pick(BONDS),
    commitBy: Number(run.now + tape.pick(tape.chance(10) ? EDGES : [4n * DAY, 4n * DAY, DAY, HOUR])),
    deliverWithin: Number(tape.pick([5n * DAY, 5n * DAY, DAY, HOUR, 0n])),
    reviewPeriod: Number(tape.pick([2n * DAY, 5n * DAY, 5n * DAY, HOUR, 0n])),
    arbitrator: tape.chance(3)
      ? stranger.address
      : tape.pick([address.judge, address.judge, address.judge, address.rogue]),
    maxFee: tape.pick([10n, 25n, 0n]),
    rulingWithin: Number(tape.pick([7n * DAY, 7n * DAY, 7n * DAY, HOUR, 0n])),
    lapseShare: tape.chance(2) ? 10_001 : tape.pick(SHARES),
    category: tape.pick(CATEGORIES),
    terms: ethers.id(`terms ${serial}`),
    negotiation: ethers.id(`negotiation ${serial}`),
  };
  if (run.matters.length !== 0 && tape.chance(4)) deal.negotiation = tape.pick(run.matters).deal.negotiation;
  const matter = { deal, transcript: ethers.id(`transcript ${serial}`) };
  run.matters.push(matter);
  return matter;
}
