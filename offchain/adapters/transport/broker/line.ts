import type { Connection, ConnectionOwner } from "../common/connection.ts";
import { Fifo } from "../common/fifo.ts";
import { Heart } from "../common/heart.ts";
import { CLOSE_MS, type Settings } from "../common/options.ts";
import type { Seal } from "../common/seal.ts";
import { connectionFailed } from "../common/trouble.ts";
import { Credit, Intake } from "./credit.ts";
import { MAX_BROKER_FRAME_BYTES } from "./options.ts";

/** First byte of what is sealed; how many frames have arrived follows in all of them. */
const FRAME = 0;
const ARRIVED = 1;
/** Asks for an answer. */
const PING = 2;
const GOODBYE = 3;

type Kind = typeof FRAME | typeof ARRIVED | typeof PING | typeof GOODBYE;

const COUNT_BYTES = 6;
const HEAD_BYTES = 1 + COUNT_BYTES;

/** What either side seals first: that nothing has arrived so far, and that it holds the secrets. */
export function greeting(seal: Seal): Uint8Array {
  return seal.seal([encodeHead(ARRIVED, 0)]);
}

/** The way to the other side of a line. */
export interface Wire {
  publish(payload: Uint8Array): void;
  /** Resolves when all that was published has left, and nothing more will. */
  leave(): Promise<void>;
}

/**
 * One end of a channel over a broker: frames in order, a heartbeat, and limits on what a peer can make us keep. A broker
 * tells neither who reads nor who has died, and may drop what it can't hold, so both sides count and tell each other. Our
 * own greeting was published before; that of the other side opens the line.
 */
export class Line implements Connection {
  readonly #seal: Seal;
  readonly #wire: Wire;
  readonly #peer: string;
  readonly #settings: Settings;
  readonly #owner: ConnectionOwner;
  readonly #heart: Heart;
  readonly #queue = new Fifo<Uint8Array>();
  readonly #credit = new Credit();
  readonly #intake = new Intake();
  #state: "opening" | "open" | "closing" | "ended" = "opening";
  #queuedBytes = 0;
  /** Number of the next thing that the other side seals. */
  #next = 0;
  #deadline: NodeJS.Timeout | null = null;

  constructor(seal: Seal, wire: Wire, peer: string, settings: Settings, owner: ConnectionOwner, idleMs: number | null) {
    this.#seal = seal;
    this.#wire = wire;
    this.#peer = peer;
    this.#settings = settings;
    this.#owner = owner;
    this.#heart = new Heart(settings.heartbeatMs, idleMs, {
      ping: () => this.#say(PING),
      onDead: () => this.#fail("its peer gives no sign of life"),
      onIdle: () => this.close(),
    });
  }

  get hasHeard(): boolean {
    return this.#next > 0;
  }

  send(frame: Uint8Array): void {
    if (this.#state !== "open") return;
    if (frame.length > MAX_BROKER_FRAME_BYTES) {
      this.#fail(`a frame of ${frame.length} bytes is over the limit of ${MAX_BROKER_FRAME_BYTES}`);
      return;
    }
    this.#queue.push(frame);
    this.#queuedBytes += frame.length;
    this.#pump();
    if (this.#queuedBytes > this.#settings.maxBufferedBytes) this.#fail("its peer does not read");
  }

  close(): void {
    if (this.#state === "opening") this.terminate();
    if (this.#state !== "open") return;
    this.#state = "closing";
    this.#deadline = setTimeout(() => this.#end(), CLOSE_MS);
    this.#pump();
  }

  /** The other side, if it is still there, may as well know. */
  terminate(): void {
    if (this.#state === "ended") return;
    this.#say(GOODBYE);
    this.#end();
  }

  /** There is no broker any more. */
  lost(cause: unknown): void {
    this.#report(cause);
    if (this.#rest()) queueMicrotask(() => this.#owner.onEnd());
  }

  /** Something was published to us; by whom, its seal tells. */
  receive(payload: Uint8Array): void {
    if (this.#state === "ended") return;
    const opened = this.#seal.open(payload);
    // What is not from the other side, or was once heard before, is somebody's attempt to disturb.
    if (opened === null || opened.seq < this.#next) return;
    if (opened.seq > this.#next) {
      this.#fail("the broker lost something on the way");
      return;
    }
    this.#next++;
    this.#heart.hear();
    if (this.#state === "opening") {
      this.#state = "open";
      this.#owner.onOpen();
    }
    this.#hear(opened.content);
  }

  #hear(content: Uint8Array): void {
    // Whoever was just told that the line is open may have ended it.
    if (this.#state === "ended") return;
    const arrived =
      content.length < HEAD_BYTES ? -1 : Buffer.from(content.subarray(1, HEAD_BYTES)).readUIntBE(0, COUNT_BYTES);
    if (!this.#credit.settle(arrived)) {
      this.#fail("its peer has counted wrong");
      return;
    }
    switch (content[0]) {
      case FRAME:
        this.#onFrame(content.subarray(HEAD_BYTES));
        break;
      case ARRIVED:
        break;
      case PING:
        this.#say(ARRIVED);
        break;
      case GOODBYE:
        this.#end();
        break;
      default:
        this.#fail("its peer says what means nothing here");
    }
    this.#pump();
  }

  #onFrame(frame: Uint8Array): void {
    this.#heart.hearFrame();
    this.#intake.count(frame.length);
    // After our own close the peer may still have something to say, but nobody is left to hear it.
    if (this.#state === "open") this.#owner.onFrame(frame);
    // What was said in answer, if anything was, has told it already.
    if (this.#intake.isDue && this.#maySpeak()) this.#say(ARRIVED);
  }

  #pump(): void {
    if (!this.#maySpeak()) return;
    for (let frame = this.#queue.first; frame && this.#credit.allows(frame.length); frame = this.#queue.first) {
      this.#queue.shift();
      this.#queuedBytes -= frame.length;
      this.#credit.take(frame.length);
      this.#say(FRAME, frame);
    }
    if (this.#state !== "closing" || this.#queue.length > 0) return;
    this.#say(GOODBYE);
    this.#end();
  }

  /** Whether anything may still be said: the owner was told that it is open, and not that it has ended. */
  #maySpeak(): boolean {
    return this.#state === "open" || this.#state === "closing";
  }

  #say(kind: Kind, frame?: Uint8Array): void {
    const head = encodeHead(kind, this.#intake.report());
    this.#wire.publish(this.#seal.seal(frame === undefined ? [head] : [head, frame]));
  }

  #fail(reason: string): void {
    this.#report(new Error(reason));
    this.terminate();
  }

  #report(cause: unknown): void {
    if (this.#state === "opening" || this.#state === "open") this.#settings.report(connectionFailed(this.#peer, cause));
  }

  #end(): void {
    if (this.#rest()) void this.#wire.leave().then(() => this.#owner.onEnd());
  }

  /** Does nothing from now on. False if it did nothing already. */
  #rest(): boolean {
    if (this.#state === "ended") return false;
    this.#state = "ended";
    this.#heart.stop();
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    return true;
  }
}

function encodeHead(kind: Kind, arrived: number): Uint8Array {
  const bytes = Buffer.alloc(HEAD_BYTES);
  bytes[0] = kind;
  bytes.writeUIntBE(arrived, 1, COUNT_BYTES);
  return bytes;
}
