import type { Channel, ChannelListener } from "../../offchain/ports/transport.ts";

/** Something that a listener was told. */
export interface Heard {
  readonly what: "open" | "frame" | "close";
  readonly channel: Channel;
  readonly frame: Uint8Array;
}

interface Waiter {
  readonly isEnough: (heard: readonly Heard[]) => boolean;
  readonly resolve: () => void;
}

/** A listener that notes what it hears, and lets tests wait for it. */
export class Recorder implements ChannelListener {
  readonly heard: Heard[] = [];
  readonly #react: (heard: Heard) => void;
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
    return this.#only("open").length;
  }

  get closes(): number {
    return this.#only("close").length;
  }

  /** The channel that was told of last. */
  get channel(): Channel {
    const last = this.heard.at(-1);
    if (last === undefined) throw new Error("nothing was heard yet");
    return last.channel;
  }

  /** Waits until as many of one thing were heard as asked, counted from the beginning. */
  until(what: Heard["what"], count: number): Promise<void> {
    return this.#when((heard) => heard.filter((one) => one.what === what).length >= count);
  }

  #when(isEnough: Waiter["isEnough"]): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push({ isEnough, resolve });
      this.#wake();
    });
  }

  #note(heard: Heard): void {
    this.heard.push(heard);
    this.#wake();
    this.#react(heard);
  }

  #wake(): void {
    const [done, waiting] = [this.#waiters.filter(this.#isDone), this.#waiters.filter((one) => !this.#isDone(one))];
    this.#waiters = waiting;
    for (const { resolve } of done) resolve();
  }

  readonly #isDone = ({ isEnough }: Waiter): boolean => isEnough(this.heard);

  #only(what: Heard["what"]): Heard[] {
    return this.heard.filter((one) => one.what === what);
  }
}
