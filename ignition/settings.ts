/**
 * What every deployment's addresses depend on, besides the code and the constructors' arguments. A new salt gives a
 * second set with the same code on the same chain.
 */
export const SALT_TEXT = "parley 0.1";

const MILLIETHER = 10n ** 15n;
const HOUR = 3_600;
const DAY = 24 * HOUR;

/**
 * A Court for a testnet, where coin is scarce and jurors are few. docs/contracts/court.md says what each bound is for:
 * the penalty is four fees, and a panel is drawn from a block later than two epochs of known proposers.
 */
export const COURT = {
  seatStake: 20n * MILLIETHER,
  feePerVote: MILLIETHER / 2n,
  penaltyShare: 1_000,
  seedDelay: 65,
  drawTime: 6 * HOUR,
  commitTime: DAY,
  revealTime: DAY,
  appealTime: DAY,
  panelSizes: [3, 5, 7],
};
