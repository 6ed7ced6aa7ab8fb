import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MemoryJournal } from "../../../offchain/adapters/journal/memory/journal.ts";
import { SimulatedClock } from "../../../offchain/kernel/clock.ts";
import type { ParleyError } from "../../../offchain/kernel/errors.ts";
import { Follower, type FollowerOptions } from "../../../offchain/settlement/follower/follower.ts";
import { decodePieces, encodePieces } from "../../../offchain/settlement/follower/records.ts";
import { authorOf } from "./author.ts";
import { FakeChain, FakeNode, named } from "./fake-chain.ts";

/** A follower of a fake chain that grows by a deposit a block. */
class Setting {
  readonly chain = new FakeChain(1);
  readonly node = new FakeNode(this.chain);
  readonly clock = new SimulatedClock();
  readonly journal = new MemoryJournal();
  readonly troubles: string[] = [];
  readonly stop = new AbortController();

  open(changes: Partial<FollowerOptions> = {}): Promise<Follower> {
    const onTrouble = ({ code }: ParleyError) => this.troubles.push(code);
    const { node: blocks, journal, clock } = this;
    return Follower.open({ blocks, journal, clock, from: 1, compactAfter: 20, onTrouble, ...changes });
  }

  grow(blocks: number): void {
    for (let made = 0; made < blocks; made++) this.chain.extend(authorOf([0]));
  }

  async pass(times: number, milliseconds = 1_000): Promise<void> {
    for (let time = 0; time < times; time++) {
      await new Promise(setImmediate);
      this.clock.advance(milliseconds);
    }
  }
}

describe("a follower at its limits", () => {
  it("says what to do where the chain took back more than it can, and can then begin anew", async () => {
    const setting = new Setting();
    const follower = await setting.open();
    const ended = assert.rejects(follower.run(setting.stop.signal), { code: "ReorgTooDeep", retryable: false });
    setting.grow(100);
    await setting.pass(200);
    assert.equal(follower.tip?.number, 100);
    setting.chain.rollBackTo(35);
    setting.grow(80);
    await setting.pass(20);
    await ended;
    const { node: blocks, journal } = setting;
    await Follower.forget({ blocks, journal });
    assert.deepEqual(await journal.streams(), []);
    const anew = await setting.open();
    const running = anew.run(setting.stop.signal);
    await setting.pass(200);
    assert.equal(anew.tip?.hash, setting.chain.head.hash);
    setting.stop.abort();
    await running;
  });

  it("takes back 64 blocks, and a whole young chain", async () => {
    for (const [height, back] of [
      [100, 36],
      [50, 0],
    ] as const) {
      const setting = new Setting();
      const follower = await setting.open();
      const running = follower.run(setting.stop.signal);
      setting.grow(height);
      await setting.pass(200);
      assert.equal(follower.tip?.number, height);
      setting.chain.rollBackTo(back);
      if (back === 0) setting.chain.blocks.splice(0);
      setting.grow(height - back + 1);
      await setting.pass(20);
      assert.equal(follower.tip?.hash, setting.chain.head.hash);
      setting.stop.abort();
      await running;
      assert.deepEqual(setting.troubles, []);
    }
  });

  it("stops where somebody else writes its journal", async () => {
    const setting = new Setting();
    const followers = [await setting.open(), await setting.open()];
    setting.grow(5);
    const ends = Promise.allSettled(followers.map((follower) => follower.run(setting.stop.signal)));
    await setting.pass(20);
    setting.stop.abort();
    const failures = (await ends).filter((end) => end.status === "rejected");
    assert.deepEqual(
      failures.map(({ reason }) => reason.code),
      ["FollowerHalted"],
    );
  });

  it("goes on from where it stood, by a journal that stays short", async () => {
    const setting = new Setting();
    for (let round = 0; round < 30; round++) {
      const follower = await setting.open();
      const stop = new AbortController();
      const running = follower.run(stop.signal);
      const { asked } = setting.node;
      setting.grow(10);
      await setting.pass(30);
      assert.equal(follower.tip?.number, 10 * (round + 1));
      assert.ok(setting.node.asked - asked < 60, `${setting.node.asked - asked} questions for ten blocks`);
      stop.abort();
      await running;
    }
    const streams = await setting.journal.streams();
    assert.equal(streams.length, 1);
    assert.ok((await setting.journal.read(streams[0] ?? "")).length < 60);
    assert.match(streams[0] ?? "", /^follower\/1\/0x07.*\/[1-9]/);
  });

  it("does not count a snapshot that was not finished, and clears it away", async () => {
    const setting = new Setting();
    setting.grow(40);
    const first = await setting.open();
    const running = first.run(setting.stop.signal);
    await setting.pass(100);
    setting.stop.abort();
    await running;
    const [stream = ""] = await setting.journal.streams();
    const unfinished = stream.replace(/[0-9]+$/, (number) => String(Number(number) + 1));
    const start = (await setting.journal.read(stream))[0] ?? new Uint8Array();
    await setting.journal.append(unfinished, 0, start, "process");
    const again = await setting.open();
    assert.deepEqual(again.tip, setting.chain.head);
    const stop = new AbortController();
    const ended = again.run(stop.signal);
    await setting.pass(5);
    stop.abort();
    await ended;
    assert.deepEqual(await setting.journal.streams(), [stream]);
    await assert.rejects(setting.open({ from: 0 }), { code: "FollowedOtherwise" });
  });

  it("says that events are missing where it begins too late, and waits", async () => {
    const setting = new Setting();
    setting.chain.extend(authorOf([0, 0]));
    setting.chain.extend((ledger, emit) => {
      const { free } = ledger.treasury(1n, "0x0707070707070707070707070707070707070707");
      emit({
        type: "Withdrawn",
        agent: 1n,
        token: setting.node.source.settlement,
        to: setting.node.source.settlement,
        amount: free,
      });
    });
    const follower = await setting.open({ from: 2 });
    const running = follower.run(setting.stop.signal);
    await setting.pass(20, 60_000);
    assert.ok(setting.troubles.length > 3 && setting.troubles.every((code) => code === "EventsMissing"));
    setting.stop.abort();
    await running;
  });

  it("asks a failing node ever less often, and at once when told of a block while nothing fails", async () => {
    const setting = new Setting();
    let tell = () => {};
    const onHead = (listener: () => void) => {
      tell = listener;
      return () => {
        tell = () => {};
      };
    };
    Object.assign(setting.node, { onHead });
    const follower = await setting.open();
    const running = follower.run(setting.stop.signal);
    await setting.pass(5);
    setting.grow(1);
    const reached = follower.whenAt(1);
    await setting.pass(2, 1);
    assert.equal(follower.tip?.number, 0);
    tell();
    await setting.pass(5, 0);
    await reached;
    setting.node.moods.push(...Array.from({ length: 500 }, () => "refuse" as const));
    setting.grow(1);
    tell();
    await setting.pass(600);
    assert.ok(setting.troubles.length > 10 && setting.troubles.length < 40, `${setting.troubles.length} questions`);
    setting.stop.abort();
    await running;
    tell();
  });

  it("lets a listener's failure harm nobody", async () => {
    const setting = new Setting();
    const follower = await setting.open();
    const heard: number[] = [];
    follower.listen({
      onEvent: () => {
        throw new Error("no");
      },
    });
    const leave = follower.listen({ after: 1, onEvent: ({ block }) => heard.push(block) });
    assert.throws(() => follower.listen({ confirmations: 65, onEvent: () => undefined }), { code: "BadConfirmations" });
    const running = follower.run(setting.stop.signal);
    setting.grow(3);
    await setting.pass(20);
    leave();
    setting.grow(1);
    await setting.pass(20);
    assert.deepEqual(heard, [2, 3]);
    assert.deepEqual(setting.troubles, Array(4).fill("ListenerFailed"));
    setting.stop.abort();
    await running;
  });
});

describe("a follower's records", () => {
  const record = { kind: "rows", rows: [{ row: "paused", at: 3 }] } as const;

  it("come back from pieces of any size, with their integers and texts", () => {
    const block = { number: 1, hash: named("a"), parent: named("b"), timestamp: 2 };
    const uris = ["#5", "##", "#", "5", ""];
    const events = uris.map((uri, logIndex) => {
      const evidence = { type: "Evidence", deal: named("c"), arbitrator: named("d"), party: named("e"), uri } as const;
      return { event: evidence, block: 1, blockHash: named("a"), logIndex, transaction: named("t") };
    });
    const paid = { type: "Staked", agent: 2n ** 200n, token: named("e"), amount: 0n } as const;
    const whole = {
      kind: "blocks",
      blocks: [{ block, events: [...events, { ...events[0], event: paid }] }],
    };
    for (const largest of [1, 7, 100, 1_000_000]) {
      // biome-ignore lint/suspicious/noExplicitAny: the pieces only have to come back as they were
      assert.deepEqual([...decodePieces(encodePieces(whole as any, largest))], [whole]);
    }
  });

  it("don't count while their last piece is missing", () => {
    const broken = encodePieces(record, 9).slice(0, -1);
    assert.deepEqual([...decodePieces([...broken, ...encodePieces(record, 9)])], [record]);
    assert.deepEqual([...decodePieces(broken)], []);
  });

  it("are refused where they are of no known kind", () => {
    const bytes = new TextEncoder().encode('{"kind":"other"}');
    assert.throws(() => [...decodePieces([Uint8Array.of(3, ...bytes)])], { code: "JournalVersion" });
  });
});
