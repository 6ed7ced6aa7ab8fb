import { randomBytes } from "node:crypto";
import { CourtClient } from "../adapters/chain/court.ts";
import type { CourtTerms, Operator } from "../adapters/chain/operator.ts";
import type { Rpc } from "../adapters/chain/rpc.ts";
import { Sender } from "../adapters/chain/sender.ts";
import { toHex } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Address, Bytes32 } from "../kernel/ids.ts";
import type { Amount } from "../kernel/money.ts";

const HOUR_S = 3_600;

/** Small stakes and short periods; a Court that is meant to last wants neither. */
const TERMS: CourtTerms = {
  seatStake: 10n ** 15n,
  feePerVote: 10n ** 13n,
  penaltyShare: 1_000,
  seedDelay: 2,
  drawTime: HOUR_S,
  commitTime: HOUR_S,
  revealTime: HOUR_S,
  appealTime: HOUR_S,
  panelSizes: [3, 5, 7],
};

/** Coin for a juror's seat, and for the gas of its votes. */
const JUROR_MONEY: Amount = TERMS.seatStake + 10n ** 16n;

/** A Court of a rehearsal, with jurors who wait for a dispute. */
export interface RehearsalCourt {
  readonly address: Address;
  /** What a dispute costs. */
  readonly fee: Amount;
  /** Longest time from a dispute to its ruling, with both appeals. */
  readonly longestS: number;
  /** Draws the panel of the newest dispute. */
  draw(): Promise<readonly Address[]>;
  /** Lets the panel vote, each member as it is told by its place on the panel: basis points to the seller. */
  vote(shares: readonly number[]): Promise<void>;
  /** Asks a larger panel to judge what the present one has ruled. */
  appeal(): Promise<void>;
  /** Passes on the ruling, once it can't be appealed any more, and returns it. */
  rule(): Promise<bigint>;
}

/** Deploys a Court and seats `size` jurors, at the expense of `principal`. */
export async function openCourt(
  rpc: Rpc,
  principal: Operator,
  size: number,
  passTime: (seconds: number, blocks?: number) => Promise<void>,
): Promise<RehearsalCourt> {
  const address = await principal.deployCourt(TERMS);
  const jurors = new Map<Address, CourtClient>();
  for (let seat = 0; seat < size; seat++) {
    const juror = new CourtClient(rpc, new Sender(rpc, toHex(randomBytes(32)) as Bytes32), address);
    await principal.pay(juror.address, JUROR_MONEY);
    await juror.takeSeat(TERMS.seatStake);
    jurors.set(juror.address, juror);
  }
  // Seats that are taken in a dispute's own second don't count for it.
  await passTime(1);
  const anyone = jurors.values().next().value as CourtClient;
  const { drawTime, commitTime, revealTime, appealTime, feePerVote, panelSizes } = TERMS;

  async function panel() {
    const dispute = await anyone.disputeCount();
    const { round, members } = await anyone.panelOf(dispute);
    const seated = members.map((member) => jurors.get(member));
    if (!seated.every((juror) => juror !== undefined)) {
      throw new ParleyError("StoryFailed", "the panel has a member that this rehearsal did not seat");
    }
    return { dispute, round, members, seated };
  }

  return {
    address,
    fee: feePerVote * BigInt(panelSizes[0]),
    longestS: 3 * (drawTime + commitTime + revealTime) + 2 * appealTime,
    async draw() {
      // The block that the panel is drawn from has to be part of the chain.
      await passTime(1, TERMS.seedDelay + 1);
      await anyone.draw(await anyone.disputeCount());
      return (await panel()).members;
    },
    async vote(shares) {
      const { dispute, round, seated } = await panel();
      const ballots = seated.map((juror, place) => ({
        juror,
        vote: shares[place] ?? 0,
        salt: toHex(randomBytes(32)) as Bytes32,
      }));
      for (const { juror, vote, salt } of ballots) await juror.commitVote(dispute, round, vote, salt);
      // Once all have committed, the votes may be shown from the next second on.
      await passTime(1);
      for (const { juror, vote, salt } of ballots) await juror.revealVote(dispute, vote, salt);
    },
    async appeal() {
      // A round can be counted from the second after its last vote.
      await passTime(1);
      const dispute = await anyone.disputeCount();
      await anyone.pass(dispute);
      await principal.pay(anyone.address, await anyone.appealCost(dispute));
      await anyone.appeal(dispute);
    },
    async rule() {
      await passTime(appealTime + 2);
      const dispute = await anyone.disputeCount();
      await anyone.executeRuling(dispute);
      return await anyone.currentRuling(dispute);
    },
  };
}
