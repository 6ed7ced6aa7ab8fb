/** A hostile peer, in a process of its own: does one thing to the seller, again and again, until it is told to end. */
import { randomBytes } from "node:crypto";
import { WebSocket } from "ws";
import { NodeCrypto } from "../../offchain/adapters/crypto/node/crypto.ts";
import { toHex } from "../../offchain/kernel/bytes.ts";
import { ZERO_32 } from "../../offchain/kernel/ids.ts";
import type { SessionSigner } from "../../offchain/ports/crypto.ts";
import { hashBody, type OpenBody } from "../../offchain/terms/body.ts";
import type { Certificate } from "../../offchain/terms/certificate.ts";
import { type Envelope, envelopePreimage } from "../../offchain/terms/envelope.ts";
import { encodeMessage, MESSAGE_VERSION } from "../../offchain/terms/message.ts";
import { openerHalf } from "../../offchain/terms/negotiation-id.ts";
import { encodeProposal } from "../../offchain/terms/proposal.ts";
import { AGENTS, certificateOf, proposal, SEPARATOR, type Wallets } from "./side.ts";

/** What it does, with how many frames in a burst of 10 ms. */
const ATTACKS = {
  /** OPENs whose signature is not good. */
  forgeries: 8,
  /** The same OPEN again and again. */
  replays: 20,
  /** Good OPENs of negotiations that it never goes on with. */
  "half-open": 4,
  /** Bytes that are no message, in the name of negotiations that don't exist. */
  rubbish: 20,
  /** Frames far over any limit. */
  giants: 1,
  /** Proposals that are nested as deep as a message is long. */
  depth: 4,
  /** Asks for all that was said, and never reads an answer. */
  deaf: 20,
} as const;

export type Attack = keyof typeof ATTACKS;

export const ATTACK_NAMES = Object.keys(ATTACKS) as Attack[];

export interface Orders {
  readonly attack: Attack;
  readonly address: string;
  readonly wallets: Wallets;
}

/** It comes back as often as it is thrown out. */
const CONNECTIONS = 4;
const BURST_MS = 10;

/** More than the largest frame that is taken. */
const GIANT_BYTES = 4 * 1_048_576;

class Attacker {
  readonly #orders: Orders;
  readonly #signer: SessionSigner;
  readonly #certificate: Certificate;
  readonly #sockets: (WebSocket | null)[] = Array.from({ length: CONNECTIONS }, () => null);
  #replayed: Uint8Array | null = null;

  constructor(orders: Orders, signer: SessionSigner, certificate: Certificate) {
    [this.#orders, this.#signer, this.#certificate] = [orders, signer, certificate];
  }

  /** Says whether it could. */
  async burst(): Promise<boolean> {
    let fired = false;
    for (const [place, socket] of this.#sockets.entries()) {
      if (socket === null || socket.readyState > WebSocket.OPEN) this.#connect(place);
      else if (socket.readyState === WebSocket.OPEN && socket.bufferedAmount < GIANT_BYTES) {
        await this.#fire(socket);
        fired = true;
      }
    }
    return fired;
  }

  #connect(place: number): void {
    const socket = new WebSocket(this.#orders.address, { perMessageDeflate: false });
    socket.on("error", () => undefined);
    if (this.#orders.attack === "deaf") socket.on("open", () => socket.pause());
    this.#sockets[place] = socket;
  }

  async #fire(socket: WebSocket): Promise<void> {
    for (let count = 0; count < ATTACKS[this.#orders.attack]; count++) socket.send(await this.#frame());
  }

  async #frame(): Promise<Uint8Array> {
    switch (this.#orders.attack) {
      case "forgeries":
        return flip(await this.#open(encodeProposal(proposal())));
      case "replays":
        this.#replayed ??= await this.#open(encodeProposal(proposal()));
        return this.#replayed;
      case "half-open":
        return await this.#open(encodeProposal(proposal()));
      case "rubbish":
        return Uint8Array.of(MESSAGE_VERSION, ...randomBytes(300));
      case "giants":
        return new Uint8Array(GIANT_BYTES);
      case "depth":
        return await this.#open("[".repeat(60_000));
      case "deaf":
        return Uint8Array.of(2, ...randomBytes(32), 0, 0, 0, 0, 1);
    }
  }

  /** A good OPEN, but for what its proposal says. */
  async #open(text: string): Promise<Uint8Array> {
    const salt = toHex(randomBytes(32));
    const { hostile: agent, seller: responder } = AGENTS;
    const body: OpenBody = { kind: "OPEN", responder, salt, certificate: this.#certificate, proposal: text };
    const envelope: Envelope = {
      negotiation: openerHalf(SEPARATOR, agent, responder, salt),
      agent,
      seq: 0,
      kind: "OPEN",
      sentAt: Date.now(),
      prev: ZERO_32,
      seen: ZERO_32,
      body: hashBody(body),
    };
    const signature = await this.#signer.sign(envelopePreimage(SEPARATOR, envelope));
    return encodeMessage({ envelope, signature, body });
  }
}

/** With one bit of its signature turned over. */
function flip(frame: Uint8Array): Uint8Array {
  const forged = frame.slice();
  // Version, envelope and a few bytes of the signature.
  const at = 1 + 32 + 32 + 4 + 1 + 8 + 3 * 32 + 5;
  forged[at] = (forged[at] as number) ^ 1;
  return forged;
}

if (process.send !== undefined && process.argv.includes("--attack")) {
  process.on("disconnect", () => process.exit(0));
  process.once("message", async (message) => {
    const orders = message as Orders;
    const crypto = new NodeCrypto();
    const signer = crypto.sessionSigner(crypto.generateSessionSecret());
    const attacker = new Attacker(orders, signer, await certificateOf("hostile", orders.wallets, signer.publicKey));
    for (let isFiring = false; ; ) {
      const fired = await attacker.burst();
      if (fired && !isFiring) process.send?.("firing");
      isFiring ||= fired;
      await new Promise((resolve) => setTimeout(resolve, BURST_MS));
    }
  });
}
