import type { Channel, ChannelListener } from "../../offchain/ports/transport.ts";

/** Something that a listener was told. */
export interface Heard {
  readonly what: "open" | "frame" | "close";
  readonly channel: Channel;
  readonly frame: Uint8Array;
}

interface Waiter {
  readonly what: Heard["what"];
  readonly count: number;
  readonly resolve: () => void;
}

/** A listener that notes what it hears, and lets tests wait for it. */
export class Recorder implements ChannelListener {
  readonly heard: Heard[] = [];
  readonly #react: (heard: Heard) => void;
  readonly #counts: Record<Heard["what"], number> = { open: 0, frame: 0, close: 0 };
  #waiters: Waiter[] = [];

  /** `react` may answer; what it throws comes out of the listener. */
  constructor(react: (heard: Heard) => void = () => undefined) {
    this.#react = react;
  }

  onOpen(channel: Channel): void {
    this.#note({ what: "open", channel, frame: new Uint8Array() });
  }

  onFrame(frame: Uint8Array, channel: Channel): void {
    this.#note({ what: "frame", channel, frame });
  }

  onClose(channel: Channel): void {
    this.#note({ what: "close", channel, frame: new Uint8Array() });
  }

  get frames(): Uint8Array[] {
    return this.#only("frame").map(({ frame }) => frame);
  }

  /** The first byte of each frame, which tests use as its number. */
  get numbers(): (number | undefined)[] {
    return this.frames.map(([first]) => first);
  }

  get opens(): number {
    return this.#counts.open;
  }

  get closes(): number {
    return this.#counts.close;
  }

  /** The channel that was told of last. */
  get channel(): Channel {
    const last = this.heard.at(-1);
    if (last === undefined) throw new Error("nothing was heard yet");
    return last.channel;
  }

  /** Waits until as many of one thing were heard as asked, counted from the beginning. */
  until(what: Heard["what"], count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push({ what, count, resolve });
      this.#wake();
    });
  }

  #note(heard: Heard): void {
    this.heard.push(heard);
    this.#counts[heard.what]++;
    this.#wake();
    this.#react(heard);
  }

  #wake(): void {
    const [done, waiting] = [this.#waiters.filter(this.#isDone), this.#waiters.filter((one) => !this.#isDone(one))];
    this.#waiters = waiting;
    for (const { resolve } of done) resolve();
  }

  readonly #isDone = ({ what, count }: Waiter): boolean => this.#counts[what] >= count;

  #only(what: Heard["what"]): Heard[] {
    return this.heard.filter((one) => one.what === what);
  }
}
