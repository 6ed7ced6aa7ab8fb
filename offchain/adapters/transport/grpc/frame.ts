import type { MethodDefinition } from "@grpc/grpc-js";
import { ParleyError } from "../../../kernel/errors.ts";

/**
 * `frames.proto` in TypeScript. One message with one field needs no generated code and no reflection at run time; a test
 * holds this file against the other by way of a real compiler.
 */
export interface Frame {
  readonly content: Uint8Array;
}

/** Field 1, length-delimited. */
const CONTENT_TAG = 0x0a;

/** A length below 2^28 takes four bytes at most; what is larger than that was refused before it came here. */
const MAX_LENGTH_BYTES = 4;

export const OPEN: MethodDefinition<Frame, Frame> = {
  path: "/parley.transport.v1.Channels/Open",
  requestStream: true,
  responseStream: true,
  requestSerialize: encodeFrame,
  requestDeserialize: decodeFrame,
  responseSerialize: encodeFrame,
  responseDeserialize: decodeFrame,
};

/** A frame in protobuf's binary format. */
export function encodeFrame({ content }: Frame): Buffer {
  const length = varint(content.length);
  const bytes = Buffer.allocUnsafe(1 + length.length + content.length);
  bytes[0] = CONTENT_TAG;
  bytes.set(length, 1);
  bytes.set(content, 1 + length.length);
  return bytes;
}

/**
 * Reads a frame from outside, and nothing else: a field that isn't known is of a version that isn't spoken here. A field
 * that is empty may be left out.
 */
export function decodeFrame(bytes: Uint8Array): Frame {
  if (bytes.length === 0) return { content: new Uint8Array() };
  if (bytes[0] !== CONTENT_TAG) throw malformed("it does not begin with its content");
  let length = 0;
  let at = 1;
  for (let more = true; more; at++) {
    const byte = bytes[at];
    if (byte === undefined || at > MAX_LENGTH_BYTES) throw malformed("its length is cut off, or no length at all");
    length += (byte & 0x7f) * 2 ** (7 * (at - 1));
    more = byte >= 0x80;
  }
  if (at + length !== bytes.length) throw malformed(`it announces ${length} bytes and has ${bytes.length - at}`);
  // A plain view: methods such as `slice` mean something else on a Node buffer.
  return { content: new Uint8Array(bytes.buffer, bytes.byteOffset + at, length) };
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}

function malformed(why: string): ParleyError<"Malformed"> {
  return new ParleyError("Malformed", `this is no frame: ${why}`);
}
