import { type RawData, WebSocket, WebSocketServer } from "ws";
import { SeededEntropy } from "../../offchain/kernel/random.ts";
import type { Moment, Weather } from "./plan.ts";

/** A frame on its way, as the sender's network saw it. */
export interface Carried {
  readonly from: "near" | "far";
  readonly frame: Uint8Array;
}

interface Pair {
  readonly near: WebSocket;
  readonly far: WebSocket;
}

/** A network between one side, which connects, and the other: frames are lost, doubled, delayed and so reordered until it calms down. */
export class Storm {
  readonly carried: Carried[] = [];
  readonly #server: WebSocketServer;
  readonly #target: string;
  readonly #random: SeededEntropy;
  readonly #pairs = new Set<Pair>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** What waits for frames to come. */
  readonly #waiting = new Set<{ readonly at: Moment; readonly task: () => void }>();
  #heardAt = performance.now();
  #weather: Weather | null;

  private constructor(server: WebSocketServer, target: string, weather: Weather, seed: number) {
    this.#server = server;
    this.#target = target;
    this.#weather = weather;
    this.#random = new SeededEntropy(seed);
    for (const at of weather.cuts) this.#waiting.add({ at, task: () => this.cut() });
    server.on("connection", (near) => this.#join(near));
  }

  /** Begins to blow between whoever connects here and `target`. */
  static async before(target: string, weather: Weather, seed: number): Promise<Storm> {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
    await new Promise((resolve) => server.once("listening", resolve));
    return new Storm(server, target, weather, seed);
  }

  get address(): string {
    const { port } = this.#server.address() as { port: number };
    return `ws://127.0.0.1:${port}`;
  }

  /** Breaks every connection. */
  cut(): void {
    for (const { near, far } of this.#pairs) {
      near.terminate();
      far.terminate();
    }
  }

  /** Resolves at that moment, or at the end of the storm where it never comes. */
  until(at: Moment): Promise<void> {
    return new Promise((resolve) => this.#waiting.add({ at, task: resolve }));
  }

  /** Resolves once no frame has come for so long: everything is over, or stands still. */
  async quiet(ms: number): Promise<void> {
    for (let left = ms; left > 0; left = ms - (performance.now() - this.#heardAt)) {
      await new Promise((resolve) => setTimeout(resolve, left));
    }
    for (const { task } of this.#waiting) task();
    this.#waiting.clear();
  }

  /** From now on everything arrives. What was lost comes by the resume that follows a broken connection. */
  calm(): void {
    this.#weather = null;
    this.cut();
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(near: WebSocket): void {
    const far = new WebSocket(this.#target, { perMessageDeflate: false });
    const pair = { near, far };
    this.#pairs.add(pair);
    const early: Uint8Array[] = [];
    near.on("message", (data) => {
      const frame = bytesOf(data);
      if (far.readyState === WebSocket.CONNECTING) early.push(frame);
      else this.#carry({ from: "near", frame }, far);
    });
    far.on("open", () => {
      for (const frame of early) this.#carry({ from: "near", frame }, far);
    });
    far.on("message", (data) => this.#carry({ from: "far", frame: bytesOf(data) }, near));
    for (const socket of [near, far]) {
      socket.on("error", () => undefined);
      socket.on("close", () => {
        this.#pairs.delete(pair);
        near.terminate();
        far.terminate();
      });
    }
  }

  #carry(carried: Carried, to: WebSocket): void {
    this.carried.push(carried);
    this.#heardAt = performance.now();
    for (const waiting of this.#waiting) {
      if (this.carried.length < waiting.at.frame) continue;
      this.#waiting.delete(waiting);
      this.#after(waiting.at.delayMs, waiting.task);
    }
    const weather = this.#weather;
    if (weather === null) {
      send(to, carried.frame);
      return;
    }
    if (this.#random.fraction() < weather.loss) return;
    const copies = this.#random.fraction() < weather.doubling ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      this.#after(this.#random.fraction() * weather.delayMs, () => send(to, carried.frame));
    }
  }

  #after(ms: number, task: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      task();
    }, ms);
    this.#timers.add(timer);
  }
}

function send(to: WebSocket, frame: Uint8Array): void {
  if (to.readyState === WebSocket.OPEN) to.send(frame);
}

function bytesOf(data: RawData): Uint8Array {
  return new Uint8Array(data as Buffer);
}
