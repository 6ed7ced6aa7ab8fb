import type { Amount } from "../kernel/money.ts";

/** Smallest units of native coin in a whole one. */
export const WEI_PER_COIN: Amount = 10n ** 18n;

/** What gas costs at present, as one deals in a token. */
export interface GasPrice {
  /** Wei for a unit of gas. */
  readonly perGas: Amount;
  /** What a whole native coin is worth, in the token's smallest unit. */
  readonly perCoin: Amount;
}

/** Gas of what is done for deals. */
export interface ActGas {
  /** Committing by session keys. */
  readonly commit: bigint;
  readonly deliver: bigint;
  readonly accept: bigint;
  /** Claiming what a receipt says, before the end or with it. */
  readonly claimReceipt: bigint;
}

/**
 * What the acts took when they were last measured (`npm run gas`). They are for choosing between ways, not for limits of transactions,
 * which are found by trying; a test holds them to the snapshot.
 */
export const MEASURED_GAS: ActGas = { commit: 120_000n, deliver: 40_000n, accept: 52_000n, claimReceipt: 87_000n };

/** What so much gas costs, in the token's smallest unit; rounded up. */
export function gasCost(gas: bigint, { perGas, perCoin }: GasPrice): Amount {
  return (gas * perGas * perCoin + WEI_PER_COIN - 1n) / WEI_PER_COIN;
}
