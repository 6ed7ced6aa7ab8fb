import { randomBytes } from "node:crypto";
import { deriveSecrets, type Half, makeHalf, PUBLIC_KEY_BYTES, Seal, type Secrets } from "./seal.ts";

/** Whether what passes without TLS is encrypted between the two ends. */
export type Sealing =
  /** With no other end is spoken that can't. */
  | "required"
  /** With every other end that can. */
  | "offered"
  | "off";

/** Where each end names its key as the connection is opened: a header of the request and of its answer, in gRPC metadata. */
export const SEAL_HEADER = "parley-seal";

const NONCE_BYTES = 16;

/** Both directions of a connection that keeps order: a frame that isn't the next one shows that somebody has meddled. */
export class LinkSeal {
  readonly #seal: Seal;
  #next = 0;

  constructor(outward: Uint8Array, inward: Uint8Array) {
    this.#seal = new Seal(outward, inward);
  }

  close(frame: Uint8Array): Uint8Array {
    return this.#seal.seal([frame]);
  }

  /** Null for what isn't the other end's next frame. */
  open(payload: Uint8Array): Uint8Array | null {
    const opened = this.#seal.open(payload);
    if (opened === null || opened.seq !== this.#next) return null;
    this.#next++;
    return opened.content;
  }
}

/** The part of whoever connects. */
export class SealOffer {
  readonly #half: Half = makeHalf();

  get header(): string {
    return toText(this.#half.publicKey);
  }

  /** Null where the answer is none. */
  take(answer: unknown): LinkSeal | null {
    const bytes = fromText(answer, PUBLIC_KEY_BYTES + NONCE_BYTES);
    if (bytes === null) return null;
    const secrets = agreeOn(this.#half, bytes.subarray(0, PUBLIC_KEY_BYTES), this.#half.publicKey, bytes);
    return secrets && new LinkSeal(secrets.toListener, secrets.toDialler);
  }
}

/** The part of whoever is connected to; null where nothing that is an offer was made. */
export function answerOffer(offer: unknown): { readonly header: string; readonly seal: LinkSeal } | null {
  const theirs = fromText(offer, PUBLIC_KEY_BYTES);
  if (theirs === null) return null;
  const half = makeHalf();
  const said = Buffer.concat([half.publicKey, randomBytes(NONCE_BYTES)]);
  const secrets = agreeOn(half, theirs, theirs, said);
  return secrets && { header: toText(said), seal: new LinkSeal(secrets.toDialler, secrets.toListener) };
}

function agreeOn(half: Half, theirs: Uint8Array, offer: Uint8Array, answer: Uint8Array): Secrets | null {
  return deriveSecrets(half, theirs, [offer, answer], "parley link");
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

function fromText(text: unknown, length: number): Uint8Array | null {
  if (typeof text !== "string" || text.length !== Math.ceil((length * 4) / 3)) return null;
  const bytes = Buffer.from(text, "base64url");
  return bytes.length === length ? bytes : null;
}
