/** Two processes that bargain: the seller's, and this one, which is the buyer. */
import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Dealer } from "../../offchain/dealing/dealer.ts";
import type { Session } from "../../offchain/dealing/session.ts";
import { toHex } from "../../offchain/kernel/bytes.ts";
import type { Bytes32 } from "../../offchain/kernel/ids.ts";
import type { Channel } from "../../offchain/ports/transport.ts";
import { peekNegotiation } from "../../offchain/terms/message.ts";
import {
  AGENTS,
  ENVELOPES,
  journalFile,
  makeDealer,
  makeTransport,
  proposal,
  ROUNDS,
  STRATEGIES,
  type Task,
  type TransportName,
  type Usage,
  usage,
  type Wallets,
} from "./side.ts";

const SELLER = fileURLToPath(new URL("seller.ts", import.meta.url));

export interface PairOptions {
  readonly transport: TransportName;
  /** Where the journals go. */
  readonly folder: string;
  /** Names them. */
  readonly what: string;
  /** Milliseconds that the buyer waits before each answer. */
  readonly paceMs?: number;
  readonly isIdle?: boolean;
}

export class Pair {
  readonly #seller: ChildProcess;
  readonly #dealer: Dealer;
  readonly #channel: Channel;
  readonly address: string;
  readonly wallets: Wallets;
  readonly #gone: Promise<never>;
  readonly #connected = Promise.withResolvers<void>();
  /** Of all frames, in both directions. */
  bytes = 0;
  /** When the buyer last handed over an envelope of each negotiation. */
  readonly #lastSent = new Map<Bytes32, number>();
  /** Told of the time from one such envelope to the next. */
  onRound: (milliseconds: number) => void = () => undefined;

  private constructor(seller: ChildProcess, gone: Promise<never>, dealer: Dealer, address: string, task: Task) {
    [this.#seller, this.#gone, this.#dealer] = [seller, gone, dealer];
    [this.address, this.wallets] = [address, task.wallets];
    const channel = makeTransport(task.transport).connect(address, {
      ...dealer.listener,
      onOpen: () => this.#connected.resolve(),
      onFrame: (frame) => {
        this.bytes += frame.length;
        dealer.listener.onFrame(frame, this.#channel);
      },
    });
    this.#channel = {
      peer: channel.peer,
      send: (frame) => {
        this.#clock(frame);
        channel.send(frame);
      },
      close: () => channel.close(),
      drop: () => channel.drop(),
    };
  }

  static async start({ transport, folder, what, paceMs = 0, isIdle = false }: PairOptions): Promise<Pair> {
    const [buyer, seller_, hostile] = [0, 1, 2].map(() => toHex(randomBytes(32))) as [Bytes32, Bytes32, Bytes32];
    const wallets: Wallets = { buyer, seller: seller_, hostile };
    const seller = fork(SELLER);
    const gone = new Promise<never>((_resolve, reject) => {
      seller.once("exit", (code) => reject(new Error(`the seller's process ended with ${code}`)));
    });
    gone.catch(() => undefined);
    const common = { wallets, transport, isIdle };
    seller.send({ ...common, name: "seller", file: journalFile(folder, "seller", what), paceMs: 0 } satisfies Task);
    const [address] = await Promise.race([once(seller, "message"), gone]);
    const task: Task = { ...common, name: "buyer", file: journalFile(folder, "buyer", what), paceMs };
    const pair = new Pair(seller, gone, await makeDealer(task), String(address), task);
    await Promise.race([pair.#connected.promise, gone]);
    return pair;
  }

  open(): Promise<Session> {
    const intent = { peer: AGENTS.seller, address: this.address, proposal: proposal(), strategy: STRATEGIES.buyer };
    return this.#dealer.open(intent, this.#channel);
  }

  /** From the opening to the agreement, which has to take all its rounds. */
  async negotiate(): Promise<void> {
    const session = await this.open();
    const state = await Promise.race([session.settled, this.#gone]);
    if (state.phase !== "agreed" || session.said + session.have !== ENVELOPES + 2) {
      throw new Error(`the negotiation did not take its ${ROUNDS} rounds: ${session.said} + ${session.have}`);
    }
  }

  /** What both processes have used by now. */
  async usage(): Promise<{ readonly buyer: Usage; readonly seller: Usage }> {
    this.#seller.send("usage");
    const [seller] = (await Promise.race([once(this.#seller, "message"), this.#gone])) as [Usage];
    return { buyer: usage(), seller };
  }

  async stop(): Promise<void> {
    this.#channel.close();
    this.#gone.catch(() => undefined);
    const ended = once(this.#seller, "exit");
    this.#seller.disconnect();
    await ended;
    await this.#dealer.stop();
  }

  #clock(frame: Uint8Array): void {
    this.bytes += frame.length;
    const id = peekNegotiation(frame);
    if (id === null) return;
    const now = performance.now();
    const last = this.#lastSent.get(id);
    if (last !== undefined) this.onRound(now - last);
    this.#lastSent.set(id, now);
  }
}
