import { type Hex, writeBigInt, writeHex } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import { keccak256, sha256 } from "../kernel/hash.ts";
import type { Address, Bytes32 } from "../kernel/ids.ts";

/**
 * Writes static values as the words of 32 bytes that Solidity's `abi.encode` makes of them. All that
 * Parley hashes is static, so the general encoder with its offsets is never needed.
 */
export class AbiWords {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(count: number) {
    this.#bytes = new Uint8Array(count * 32);
    this.#view = new DataView(this.#bytes.buffer);
  }

  bytes32(value: Bytes32): this {
    return this.#right(value, 32);
  }

  address(value: Address): this {
    return this.#right(value, 20);
  }

  /** An unsigned integer that must fit into `bits`. */
  uint(value: bigint | number, bits: number): this {
    const valid = typeof value === "bigint" ? value >= 0n && value >> BigInt(bits) === 0n : isUint(value, bits);
    if (!valid) throw new ParleyError("OutOfRange", `${String(value)} is not a uint${bits}`);
    const end = this.#offset + 32;
    if (value <= 0xffffffff) this.#view.setUint32(end - 4, Number(value));
    else writeBigInt(this.#bytes, this.#offset, 32, BigInt(value));
    this.#offset = end;
    return this;
  }

  /** The words themselves, for a signature that hashes on its own. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  keccak256(): Bytes32 {
    return keccak256(this.#bytes);
  }

  sha256(): Bytes32 {
    return sha256(this.#bytes);
  }

  #right(value: Hex, size: number): this {
    if (value.length !== 2 + 2 * size) throw new ParleyError("OutOfRange", `'${value}' is not ${size} bytes long`);
    writeHex(this.#bytes, this.#offset + 32 - size, value);
    this.#offset += 32;
    return this;
  }
}

function isUint(value: number, bits: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && (bits > 53 || value < 2 ** bits);
}
