import { randomBytes } from "node:crypto";
import { PUBLIC_KEY_BYTES, VERSION } from "../common/seal.ts";

const HELLO = 1;
const ACCEPT = 2;
const CLAIM = 3;
const TAKEN = 4;

const INBOX_BYTES = 16;
const NONCE_BYTES = 16;
const HELLO_BYTES = 2 + INBOX_BYTES + PUBLIC_KEY_BYTES;
const ACCEPT_BYTES = 2 + PUBLIC_KEY_BYTES + NONCE_BYTES;
const CLAIM_BYTES = 2 + INBOX_BYTES;

/** The part of a door's topic at which strangers are heard. */
export const STRANGERS = "hello";

/** A name that nobody can guess, for somebody to be answered at. */
export function makeInbox(): string {
  return randomBytes(INBOX_BYTES).toString("hex");
}

/** What a stranger says at a door. */
export type Knock =
  /** Somebody wants a channel. */
  | { readonly kind: "hello"; readonly inbox: string; readonly publicKey: Uint8Array }
  /** Somebody wants to listen there, and asks whether anybody does. */
  | { readonly kind: "claim"; readonly inbox: string };

export function encodeHello(inbox: string, publicKey: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.of(VERSION, HELLO), Buffer.from(inbox, "hex"), publicKey]);
}

export function encodeClaim(inbox: string): Uint8Array {
  return Buffer.concat([Buffer.of(VERSION, CLAIM), Buffer.from(inbox, "hex")]);
}

/** Null for what is neither. */
export function decodeKnock(payload: Uint8Array): Knock | null {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  if (bytes[0] !== VERSION) return null;
  const inbox = bytes.toString("hex", 2, 2 + INBOX_BYTES);
  if (bytes[1] === CLAIM && bytes.length === CLAIM_BYTES) return { kind: "claim", inbox };
  if (bytes[1] !== HELLO || bytes.length !== HELLO_BYTES) return null;
  return { kind: "hello", inbox, publicKey: bytes.subarray(2 + INBOX_BYTES) };
}

/** The answer to a claim: somebody listens there already. */
export function encodeTaken(): Uint8Array {
  return Uint8Array.of(VERSION, TAKEN);
}

export function isTaken(payload: Uint8Array): boolean {
  return payload.length === 2 && payload[0] === VERSION && payload[1] === TAKEN;
}

/** The answer to a hello, up to what is sealed in it. */
export interface Accept {
  readonly publicKey: Uint8Array;
  /** All but the seal: what both sides derive their secrets from. */
  readonly said: Uint8Array;
  readonly sealed: Uint8Array;
}

/** All of an answer to a hello but its seal. It differs each time, so that no two channels have the same secrets. */
export function beginAccept(publicKey: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.of(VERSION, ACCEPT), publicKey, randomBytes(NONCE_BYTES)]);
}

export function decodeAccept(payload: Uint8Array): Accept | null {
  if (payload.length < ACCEPT_BYTES || payload[0] !== VERSION || payload[1] !== ACCEPT) return null;
  return {
    publicKey: payload.subarray(2, 2 + PUBLIC_KEY_BYTES),
    said: payload.subarray(0, ACCEPT_BYTES),
    sealed: payload.subarray(ACCEPT_BYTES),
  };
}
