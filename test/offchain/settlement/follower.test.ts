import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { MemoryJournal } from "../../../offchain/adapters/journal/memory/journal.ts";
import { SimulatedClock } from "../../../offchain/kernel/clock.ts";
import { ParleyError } from "../../../offchain/kernel/errors.ts";
import type { Journal } from "../../../offchain/ports/journal.ts";
import type { LoggedEvent } from "../../../offchain/ports/settlement-events.ts";
import { Follower } from "../../../offchain/settlement/follower/follower.ts";
import { MAX_REORG } from "../../../offchain/settlement/follower/recent-blocks.ts";
import { AGENTS, authorOf, TOKENS } from "./author.ts";
import { FakeChain, FakeNode, fold } from "./fake-chain.ts";

const FROM = 3;
const RUNS = Number(process.env["PARLEY_FUZZ_RUNS"] ?? 150);

type Step =
  | { readonly do: "extend"; readonly blocks: readonly (readonly number[])[] }
  | { readonly do: "grow"; readonly count: number }
  | { readonly do: "fork"; readonly depth: number; readonly blocks: readonly (readonly number[])[] }
  | { readonly do: "away"; readonly depth: number; readonly count: number }
  | { readonly do: "crash"; readonly appends: number; readonly isWritten: boolean }
  | { readonly do: "trouble"; readonly moods: readonly ("refuse" | number)[] }
  | { readonly do: "stumble"; readonly appends: number; readonly isWritten: boolean };

const block = fc.array(fc.nat(50_000), { maxLength: 6 });
const blocks = fc.array(block, { minLength: 1, maxLength: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("extend" as const), blocks }),
  fc.record({ do: fc.constant("grow" as const), count: fc.integer({ min: 1, max: 90 }) }),
  fc.record({ do: fc.constant("fork" as const), depth: fc.integer({ min: 1, max: 60 }), blocks }),
  fc.record({
    do: fc.constant("away" as const),
    depth: fc.integer({ min: 1, max: 60 }),
    count: fc.integer({ min: 1, max: 150 }),
  }),
  fc.record({ do: fc.constant("crash" as const), appends: fc.nat(6), isWritten: fc.boolean() }),
  fc.record({
    do: fc.constant("trouble" as const),
    moods: fc.array(fc.oneof(fc.constant("refuse" as const), fc.integer({ min: 0, max: 9 })), { maxLength: 12 }),
  }),
  fc.record({ do: fc.constant("stumble" as const), appends: fc.nat(4), isWritten: fc.boolean() }),
);

/** A journal that can fail for a while, and for good as at the end of its process. */
class BrittleJournal extends MemoryJournal {
  /** Appends until it fails; null where it won't. */
  left: number | null = null;
  isWritten = false;
  isGone = false;
  /** The append that failed and had its effect all the same: repeated, it has it no second time. */
  #done = "";

  override async append(...args: Parameters<Journal["append"]>): Promise<void> {
    const name = `${args[0]} ${args[1]}`;
    if (this.#done === name) return;
    if (this.left === null || this.left-- > 0) return super.append(...args);
    if (this.isWritten) {
      await super.append(...args);
      this.#done = name;
    }
    this.left = this.isGone ? 0 : null;
    throw new ParleyError("JournalUnavailable", "the journal does not answer", { retryable: true });
  }
}

/** A follower of a fake chain, and all that can happen to either. */
class World {
  readonly chain = new FakeChain(FROM);
  readonly clock = new SimulatedClock();
  readonly node = new FakeNode(this.chain);
  readonly heard: LoggedEvent[] = [];
  /** The last block that the chain may not take back: the follower no longer can. */
  ground = FROM - 2;
  #journal = new BrittleJournal();
  #process: { follower: Follower; stop: AbortController; ended: Promise<void> } | null = null;
  #after = FROM - 1;
  readonly #confirmations: number;

  constructor(confirmations: number) {
    this.#confirmations = confirmations;
  }

  get follower(): Follower {
    if (this.#process === null) throw new Error("no follower runs");
    return this.#process.follower;
  }

  async start(): Promise<void> {
    this.#journal = new BrittleJournal(this.#journal);
    const { node, clock } = this;
    const follower = await Follower.open({ blocks: node, journal: this.#journal, clock, from: FROM, compactAfter: 12 });
    const stop = new AbortController();
    this.heard.length = 0;
    this.#after = follower.tip?.number ?? FROM - 1;
    follower.listen({
      confirmations: this.#confirmations,
      onEvent: (event, { confirmations }) => {
        assert.ok(confirmations >= this.#confirmations);
        this.heard.push(event);
      },
      onRollback: (undone) => {
        for (const event of undone) assert.equal(this.heard.pop(), event);
      },
    });
    this.#process = { follower, stop, ended: follower.run(stop.signal) };
  }

  async stop(): Promise<void> {
    this.#process?.stop.abort();
    await this.#process?.ended;
  }

  async do(step: Step): Promise<void> {
    switch (step.do) {
      case "extend":
        return this.#extend(step.blocks);
      case "grow":
        for (let count = 0; count < step.count; count++) this.chain.extend(authorOf([]));
        return;
      case "fork": {
        this.chain.rollBackTo(Math.max(this.chain.head.number - step.depth, this.ground));
        while (this.chain.head.number < FROM) this.chain.extend(authorOf([]));
        return this.#extend(step.blocks);
      }
      case "away":
        await this.stop();
        this.chain.rollBackTo(Math.max(this.chain.head.number - step.depth, this.ground, FROM));
        for (let count = 0; count < step.count; count++) {
          const seed = 20 * (step.depth + count);
          this.chain.extend(authorOf(count % 5 === 0 ? [seed, seed + 8, seed + 13] : []));
        }
        return this.start();
      case "crash":
        this.#journal.isGone = true;
        this.#fail(step);
        this.#extend([[0], [1], [0, 8], [13], []]);
        await this.pass(10);
        await this.stop();
        return this.start();
      case "trouble":
        this.node.moods.push(...step.moods);
        return;
      case "stumble":
        return this.#fail(step);
    }
  }

  /** Lets time pass until the follower has read everything, and holds what it knows against all events from the first. */
  async check(): Promise<void> {
    for (let looks = 0; this.follower.tip?.hash !== this.chain.head.hash; looks++) {
      assert.ok(looks < 3_000, "the follower has stopped following");
      await this.pass(1);
    }
    await this.pass(2);
    const head = this.chain.head.number;
    if (head - MAX_REORG >= FROM) this.ground = Math.max(this.ground, head - MAX_REORG);
    assert.deepEqual(knowledge(this.follower), knowledge(fold(this.chain.blocks)));
    const fresh = this.chain.blocks.filter(({ block }) => block.number > this.#after);
    const due = fresh.filter(({ block }) => block.number <= head - this.#confirmations);
    const heard = this.heard.filter(({ block }) => block > this.#after);
    // What was deep enough once stays told, though the chain may be shorter now.
    assert.ok(heard.length >= due.flatMap(({ events }) => events).length, "everything was told that is deep enough");
    assert.deepEqual(heard, fresh.flatMap(({ events }) => events).slice(0, heard.length));
    const events = new Set(this.chain.blocks.flatMap((one) => one.events));
    for (const event of this.heard) assert.ok(events.has(event), "what is no longer true was taken back");
  }

  async pass(times: number): Promise<void> {
    for (let time = 0; time < times; time++) {
      await new Promise(setImmediate);
      this.clock.advance(40_000);
    }
  }

  #extend(blocks: readonly (readonly number[])[]): void {
    for (const choices of blocks) this.chain.extend(authorOf(choices));
  }

  #fail({ appends, isWritten }: { readonly appends: number; readonly isWritten: boolean }): void {
    this.#journal.left = appends;
    this.#journal.isWritten = isWritten;
  }
}

/** All that a follower, or a ledger, tells. */
function knowledge(known: Pick<Follower, "deals" | "treasury" | "token" | "pausedAt">) {
  return {
    deals: [...known.deals()].sort((one, other) => (one.deal < other.deal ? -1 : 1)),
    treasuries: AGENTS.flatMap((agent) => TOKENS.map((token) => known.treasury(agent, token))),
    tokens: TOKENS.map((token) => known.token(token)),
    pausedAt: known.pausedAt,
  };
}

describe("a follower", () => {
  it("knows what all events of the chain come to, whatever happens to chain, node, journal and itself", async () => {
    const history = fc.record({
      steps: fc.array(step, { minLength: 1, maxLength: 14 }),
      confirmations: fc.constantFrom(0, 0, 1, 5, MAX_REORG),
      most: fc.integer({ min: 1, max: 40 }),
    });
    const seen = { events: 0, deals: 0 };
    await fc.assert(
      fc.asyncProperty(history, async ({ steps, confirmations, most }) => {
        const world = new World(confirmations);
        world.node.most = most;
        await world.start();
        for (const one of steps) {
          await world.do(one);
          // A node that lags, or a journal that will fail, says so only once more is to be read.
          if (one.do !== "trouble" && one.do !== "stumble") await world.check();
        }
        await world.check();
        seen.events += world.chain.blocks.reduce((sum, { events }) => sum + events.length, 0);
        seen.deals += [...world.follower.deals()].length;
        await world.stop();
      }),
      { numRuns: RUNS },
    );
    assert.ok(seen.events > 10 * RUNS && seen.deals > RUNS, `${seen.events} events, ${seen.deals} deals`);
  });
});
