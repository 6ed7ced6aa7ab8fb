// The Court's arithmetic once more, as plainly as it can be said.
import { ethers } from "../fixtures/chain.ts";

export const CHAIN = 31_337n;

export function seedOf(randao: string, court: string, dispute: bigint, round: number): string {
  const types = ["bytes32", "uint256", "address", "uint256", "uint256"];
  return keccak(types, [randao, CHAIN, court, dispute, round]);
}

/** `size` different numbers below `count`, by Floyd's algorithm. */
export function distinct(seed: string, size: number, count: number): number[] {
  const picks: number[] = [];
  for (let i = 0; i < size; ++i) {
    const top = count - size + i;
    const pick = Number(below(seed, i, BigInt(top + 1)));
    picks.push(picks.includes(pick) ? top : pick);
  }
  return picks;
}

/** First word of the seed's index that isn't in the incomplete part of the range. */
export function below(seed: string, index: number, bound: bigint): bigint {
  for (let attempt = 0; ; ++attempt) {
    const word = BigInt(keccak(["bytes32", "uint256", "uint256"], [seed, index, attempt]));
    if (word >= 2n ** 256n % bound) return word % bound;
  }
}

function keccak(types: string[], values: unknown[]): string {
  return ethers.keccak256(ethers.AbiCoder.defaultAbiCoder().encode(types, values));
}

export interface Verdict {
  ruling: number;
  coherent: (vote: number) => boolean;
}

const REFUSAL = 10_001;

/** Ruling of at least one vote, and which votes are coherent with it. */
export function judge(votes: readonly number[]): Verdict {
  const shares = votes.filter((vote) => vote !== REFUSAL).sort((a, b) => a - b);
  if (votes.length - shares.length > votes.length / 2) return { ruling: 0, coherent: (vote) => vote === REFUSAL };
  const low = shares[Math.ceil(shares.length / 2) - 1] ?? 0;
  const high = shares[Math.floor(shares.length / 2)] ?? 0;
  const median = Math.floor((low + high) / 2);
  return {
    ruling: median === 0 ? 1 : median === 10_000 ? 2 : median + 3,
    coherent: (vote) => vote !== REFUSAL && vote >= low - 1_000 && vote <= high + 1_000,
  };
}
