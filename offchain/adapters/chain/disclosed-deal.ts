import { concat, fromHex, type Hex, toBigInt, toHex } from "../../kernel/bytes.ts";
import { keccak256, keccakText } from "../../kernel/hash.ts";
import type { Address, Bytes32 } from "../../kernel/ids.ts";
import { DEAL_TYPE, type Deal } from "../../terms/deal.ts";

const WORD = 32;
const WORDS = 16;
const TYPEHASH = fromHex(keccakText(DEAL_TYPE));

/** Leading bytes of each word that are zero in every deal, by its types; what isn't named here may be anything. */
const ZEROS: readonly (readonly [word: number, bytes: number])[] = [
  [2, 12],
  [3, 16],
  [4, 16],
  [5, 16],
  [6, 27],
  [7, 28],
  [8, 28],
  [9, 12],
  [10, 20],
  [11, 28],
  [12, 30],
];

/**
 * Finds a deal in a transaction's input by its hash. Every act brings the whole deal along, but the call may be wrapped in others, of
 * smart accounts or batches: so it is looked for everywhere, and the hash proves what is found.
 */
export function findDeal(input: Hex, dealHash: Bytes32): Deal | null {
  const bytes = fromHex(input);
  for (let at = 0; at + WORDS * WORD <= bytes.length; at++) {
    if (!mayBeDeal(bytes, at)) continue;
    const words = bytes.subarray(at, at + WORDS * WORD);
    if (keccak256(concat(TYPEHASH, words)) === dealHash) return readDeal(words);
  }
  return null;
}

function mayBeDeal(bytes: Uint8Array, at: number): boolean {
  for (const [word, count] of ZEROS) {
    const from = at + word * WORD;
    for (let index = from; index < from + count; index++) if (bytes[index] !== 0) return false;
  }
  return true;
}

function readDeal(words: Uint8Array): Deal {
  const word = (index: number) => words.subarray(index * WORD, (index + 1) * WORD);
  const big = (index: number) => toBigInt(word(index));
  const small = (index: number) => Number(big(index));
  const address = (index: number): Address => toHex(word(index).subarray(12));
  return {
    buyer: big(0),
    seller: big(1),
    token: address(2),
    price: big(3),
    buyerBond: big(4),
    sellerBond: big(5),
    commitBy: small(6),
    deliverWithin: small(7),
    reviewPeriod: small(8),
    arbitrator: address(9),
    maxFee: big(10),
    rulingWithin: small(11),
    lapseShare: small(12),
    category: toHex(word(13)),
    terms: toHex(word(14)),
    negotiation: toHex(word(15)),
  };
}
