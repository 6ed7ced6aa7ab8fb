import { type Hex, toBigInt, toHex, utf8, writeBigInt, writeHex } from "./bytes.ts";
import { ParleyError } from "./errors.ts";

/** Appends big-endian fields to a growing buffer. */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity = 640) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** An unsigned integer up to 2^53 - 1, in any number of bytes that holds it. */
  uint(value: number, size: number): this {
    if (!Number.isSafeInteger(value) || value < 0 || value >= 2 ** (8 * size)) throw outOfRange(value, size);
    const start = this.#reserve(size);
    for (let index = size - 1, rest = value; index >= 0; index--, rest = Math.floor(rest / 256)) {
      this.#bytes[start + index] = rest % 256;
    }
    return this;
  }

  /** An unsigned integer of any size. */
  bigUint(value: bigint, size: number): this {
    if (value < 0n || value >> BigInt(8 * size) !== 0n) throw outOfRange(value, size);
    const start = this.#reserve(size);
    writeBigInt(this.#bytes, start, size, value);
    return this;
  }

  /** Hexadecimal of exactly `size` bytes. */
  hex(value: Hex, size: number): this {
    if (value.length !== 2 + 2 * size) throw outOfRange(value, size);
    const start = this.#reserve(size);
    writeHex(this.#bytes, start, value);
    return this;
  }

  bytes(value: Uint8Array): this {
    const start = this.#reserve(value.length);
    this.#bytes.set(value, start);
    return this;
  }

  /** Bytes preceded by their length in `lengthSize` bytes. */
  block(value: Uint8Array, lengthSize: number): this {
    return this.uint(value.length, lengthSize).bytes(value);
  }

  text(value: string, lengthSize: number): this {
    return this.block(utf8.encode(value), lengthSize);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Makes room, which may replace the buffer: never name `#bytes` before this has returned. */
  #reserve(size: number): number {
    const start = this.#length;
    this.#length += size;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    return start;
  }
}

/** Reads what `ByteWriter` wrote; every read past the end throws `Truncated`. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  uint(size: number): number {
    let value = 0;
    for (const byte of this.bytes(size)) value = value * 256 + byte;
    if (!Number.isSafeInteger(value)) throw new ParleyError("OutOfRange", "an integer is larger than 2^53 - 1");
    return value;
  }

  bigUint(size: number): bigint {
    return toBigInt(this.bytes(size));
  }

  hex(size: number): Hex {
    return toHex(this.bytes(size));
  }

  bytes(size: number): Uint8Array {
    const end = this.#offset + size;
    if (end > this.#bytes.length) {
      throw new ParleyError("Truncated", `${size} bytes were expected at ${this.#offset}, ${this.remaining} are left`);
    }
    const part = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return part;
  }

  block(lengthSize: number): Uint8Array {
    return this.bytes(this.uint(lengthSize));
  }

  text(lengthSize: number): string {
    return utf8.decode(this.block(lengthSize));
  }

  /** Throws unless everything was read, so that no two encodings mean the same. */
  end(): void {
    if (this.remaining > 0) throw new ParleyError("TrailingBytes", `${this.remaining} bytes are left over`);
  }
}

function outOfRange(value: number | bigint | string, size: number): ParleyError<"OutOfRange"> {
  return new ParleyError("OutOfRange", `${String(value).slice(0, 80)} does not fit into ${size} bytes`);
}
