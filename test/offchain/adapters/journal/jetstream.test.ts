import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import {
  JetStreamJournal,
  type JetStreamJournalOptions,
} from "../../../../offchain/adapters/journal/jetstream/journal.ts";
import { JetStreamCells } from "../../../../offchain/adapters/leases/jetstream.ts";
import { CellLeases } from "../../../../offchain/adapters/leases/leases.ts";
import { StreamOwnership } from "../../../../offchain/coordination/stream-ownership.ts";
import { ParleyError } from "../../../../offchain/kernel/errors.ts";
import { SteadyClock } from "../../../../offchain/node/steady-clock.ts";
import type { Witness } from "../../../../offchain/ports/witness.ts";
import { NatsCluster, PATIENT, SKIP_NATS } from "../../../conformance/nats-cluster.ts";
import { LossyWire } from "./lossy-wire.ts";
import { owner } from "./owner.ts";

describe("JetStreamJournal with three servers", { skip: SKIP_NATS }, () => {
  let cluster: NatsCluster;
  let journals = 0;

  before(async () => {
    cluster = await NatsCluster.start();
  });

  const opened = new Set<JetStreamJournal>();

  afterEach(async () => {
    await Promise.all([...opened].map((journal) => journal.close()));
    opened.clear();
  });

  after(() => cluster?.stop());

  async function open(name: string, options: Partial<JetStreamJournalOptions> = {}): Promise<JetStreamJournal> {
    const connection = { servers: cluster.addresses };
    const journal = await JetStreamJournal.open({ connection, journal: name, ...PATIENT, ...options });
    opened.add(journal);
    return journal;
  }

  function newName(): string {
    return `JOURNAL-${journals++}`;
  }

  /** Does something to the servers behind the journal's back. */
  async function meddle<T>(action: (connection: NatsConnection) => Promise<T>): Promise<T> {
    const connection = await connect({ servers: cluster.addresses, timeout: PATIENT.timeoutMs });
    try {
      return await action(connection);
    } finally {
      await connection.close();
    }
  }

  describe("when servers die", () => {
    it("loses nothing that it acknowledged, and doubles nothing, when the leader is killed while it appends", async () => {
      const name = newName();
      const journal = await open(name);
      const streams = ["a", "b", "c"];
      const acknowledged = new Map(streams.map((stream) => [stream, 0]));
      let isOver = false;
      const work = streams.map(async (stream) => {
        for (let index = 0; !isOver; index++) {
          await journal.append(stream, index, record(index), "machine");
          acknowledged.set(stream, index + 1);
        }
      });
      const enough = (count: number) => until(() => [...acknowledged.values()].every((done) => done >= count));
      for (const round of [1, 2]) {
        await enough(20 * round);
        await cluster.kill(await cluster.leaderOf(name));
        const before = Math.max(...acknowledged.values());
        await enough(before + 20);
        await cluster.revive();
        await cluster.settled(name);
      }
      isOver = true;
      await Promise.all(work);
      const other = await open(name);
      for (const [stream, count] of acknowledged) {
        assert.deepEqual(await other.read(stream), range(count).map(record), stream);
      }
    });

    it("says that it doesn't know while none answers, and has each append once when they are back", async () => {
      const name = newName();
      const journal = await open(name, { timeoutMs: 300, patienceMs: 1_000 });
      for (const stream of ["a", "b"]) {
        for (const index of range(3)) await eventually(() => journal.append(stream, index, record(index), "machine"));
      }
      await cluster.kill(null);
      for (const _ of range(2)) {
        await assert.rejects(journal.append("a", 3, record(3), "machine"), isUnknown);
      }
      await assert.rejects(journal.append("b", 3, record(3), "machine"), isUnknown);
      await assert.rejects(journal.read("b"), { code: "JournalUnavailable", retryable: true });
      await cluster.revive();
      await cluster.settled(name);
      await eventually(() => journal.append("a", 3, record(3), "machine"));
      // Whoever restarts instead reads what came of it.
      const other = await open(name);
      const found = (await other.read("b")).length;
      assert.ok(found === 3 || found === 4);
      await other.append("b", found, record(found), "machine");
      assert.deepEqual(await other.read("a"), range(4).map(record));
      assert.deepEqual(await other.read("b"), range(found + 1).map(record));
    });

    it("knows its own append again whose acknowledgement was lost, whatever has come after it", async () => {
      const name = newName();
      const wire = await LossyWire.to(cluster.addresses[0] ?? "");
      const rival = await open(name);
      const connection = { servers: wire.address, ignoreClusterUpdates: true, reconnectTimeWait: 20 };
      const journal = await open(name, { connection, timeoutMs: 500, patienceMs: 1_500 });
      await eventually(() => journal.append("one", 0, record(0), "machine"));
      wire.isDeaf = true;
      await assert.rejects(journal.append("one", 1, record(1), "machine"), isUnknown);
      await until(async () => (await messagesOf(name)) === 2);
      await rival.append("one", 2, record(2), "machine");
      wire.cut();
      await eventually(() => journal.append("one", 1, record(1), "machine"));
      // Only what was in doubt is taken for a repetition.
      await assert.rejects(journal.append("one", 1, record(1), "machine"), { code: "JournalConflict" });
      assert.deepEqual(await rival.read("one"), range(3).map(record));
      await wire.close();
    });

    it("takes nothing else for a repetition of what it doesn't know the outcome of", async () => {
      const name = newName();
      // With all its patience: to make a stream takes longer than to write to it.
      await open(name);
      const wire = await LossyWire.to(cluster.addresses[0] ?? "");
      const connection = { servers: wire.address, ignoreClusterUpdates: true, reconnectTimeWait: 20 };
      const journal = await open(name, { connection, timeoutMs: 500, patienceMs: 1_500 });
      await eventually(() => journal.append("one", 0, record(0), "machine"));
      wire.isDeaf = true;
      await assert.rejects(journal.append("one", 1, record(1), "machine"), isUnknown);
      await until(async () => (await messagesOf(name)) === 2);
      wire.cut();
      const different = eventually(() => journal.append("one", 1, record(7), "machine"));
      await assert.rejects(different, { code: "JournalConflict" });
      await wire.close();
    });
  });

  describe("beside other nodes", () => {
    it("doesn't rely on the servers to let one of several rivals through", async () => {
      const name = newName();
      const nodes = await Promise.all(range(3).map(() => open(name)));
      const rounds = 40;
      for (const index of range(rounds)) {
        const outcomes = await Promise.allSettled(
          nodes.map((node, which) => node.append("one", index, Uint8Array.of(which), "machine")),
        );
        const winners = range(nodes.length).filter((which) => outcomes[which]?.status === "fulfilled");
        assert.equal(winners.length, 1, `number ${index} went to ${winners}`);
        for (const node of nodes) assert.deepEqual((await node.read("one"))[index], Uint8Array.from(winners));
      }
      // Old servers store some of the losers' too, which then don't count.
      assert.ok((await messagesOf(name)) >= rounds);
    });

    it("is taken over when its owner is killed, with all that the owner had written", async () => {
      const name = newName();
      const bucket = `${name}-leases`;
      const child = owner({ servers: cluster.addresses, journal: name, bucket, lastsMs: LASTS_MS });
      let written = 0;
      for await (const line of child.lines()) {
        written = Number(line);
        if (written === 25) child.kill();
      }
      const clock = new SteadyClock();
      const cells = await JetStreamCells.open({ connection: { servers: cluster.addresses }, bucket, ...PATIENT });
      const leases = new CellLeases({ holder: "successor", cells, clock, lastsMs: LASTS_MS });
      const journal = await open(name);
      const lost: string[] = [];
      const ownership = new StreamOwnership({
        leases,
        journal,
        clock,
        onLost: (stream) => lost.push(stream),
        onTrouble: () => undefined,
      });
      let isRefused = false;
      await until(async () => {
        const isTaken = (await ownership.takeOver()).includes("one");
        if (!isTaken) isRefused = true;
        return isTaken;
      });
      assert.ok(isRefused, "the lease of one who may still live is not to be had at once");
      const records = await journal.read("one");
      assert.ok(records.length >= written && written >= 25);
      await journal.append("one", records.length, record(records.length), "machine");
      assert.deepEqual(await journal.read("one"), range(records.length + 1).map(record));
      assert.deepEqual(lost, []);
      await ownership.stop();
      await leases.close();
    });
  });

  describe("where servers were put back", () => {
    it("is in doubt where its stream was made anew", async () => {
      const name = newName();
      const witness = new NotedWitness();
      const journal = await open(name, { witness });
      await journal.append("one", 0, record(0), "machine");
      assert.equal(await journal.doubt("one"), null);
      await journal.close();
      await cluster.remove(name);
      const other = await open(name);
      await other.append("one", 0, record(0), "machine");
      await other.close();
      const reopened = await open(name, { witness });
      assert.equal((await reopened.doubt("one"))?.code, "RecordsMissing");
      await reopened.append("new", 0, record(0), "machine");
      assert.equal(await reopened.doubt("new"), null);
    });

    it("is in doubt where what it was acknowledged is gone, and another's is in its place", async () => {
      const name = newName();
      const witness = new NotedWitness();
      const journal = await open(name, { witness });
      await journal.append("one", 0, record(0), "machine");
      const before = witness.text;
      await journal.append("one", 1, record(1), "machine");
      await journal.close();
      // As if another write had got that number.
      witness.text = witness.text.replace(/\.\d+\.$/, ".999.");
      const reopened = await open(name, { witness });
      assert.equal((await reopened.doubt("one"))?.code, "RecordsMissing");
      await reopened.close();
      witness.text = before;
      const later = newName();
      const unharmed = await open(later, { witness: new NotedWitness() });
      await unharmed.append("one", 0, record(0), "machine");
      assert.equal(await unharmed.doubt("one"), null);
    });

    it("can be put in doubt by whoever restored a backup, for all nodes and all that exists", async () => {
      const name = newName();
      const [ours, theirs] = [await open(name), await open(name)];
      await ours.append("one", 0, record(0), "machine");
      await theirs.distrust("the servers were restored from a backup");
      await ours.append("two", 0, record(0), "machine");
      const expected = { code: "RecordsMissing", says: "the servers were restored from a backup" };
      assert.deepEqual(await ours.doubt("one"), expected);
      assert.equal(await ours.doubt("two"), null);
      await ours.forget("one", 1);
      await ours.append("one", 0, record(0), "machine");
      assert.equal(await ours.doubt("one"), null);
    });
  });

  describe("and what isn't in order", () => {
    it("refuses a stream that could lose records", async () => {
      const faults = [{ discard: "old" }, { max_age: 60e9 }, { storage: "memory" }, { num_replicas: 1 }] as const;
      for (const fault of faults) {
        const name = newName();
        await meddle(async (connection) => {
          const manager = await jetstreamManager(connection, { timeout: PATIENT.timeoutMs });
          const subjects = [`parley.${name}.>`];
          await manager.streams.add({ name, subjects, num_replicas: 3, discard: "new", storage: "file", ...fault });
        });
        await assert.rejects(open(name), { code: "JournalMisconfigured" }, JSON.stringify(fault));
        await cluster.remove(name);
      }
    });

    it("names a record that the servers don't take, and goes on", async () => {
      const journal = await open(newName());
      await assert.rejects(journal.append("one", 0, new Uint8Array(5 << 20), "machine"), { code: "RecordTooLarge" });
      await journal.append("one", 0, record(0), "machine");
    });

    it("says so where the servers have no room, and goes on when there is some", async () => {
      const name = newName();
      const journal = await open(name);
      const limit = (bytes: number) =>
        meddle(async (connection) => {
          const manager = await jetstreamManager(connection, { timeout: PATIENT.timeoutMs });
          await manager.streams.update(name, { max_bytes: bytes });
        });
      await limit(20_000);
      let index = 0;
      const fill = async () => {
        for (; index < 100; index++) await journal.append("one", index, new Uint8Array(3_000).fill(index), "machine");
      };
      await assert.rejects(fill(), { code: "JournalFull", retryable: true });
      assert.ok(index > 2);
      await limit(-1);
      await fill();
      const records = await journal.read("one");
      assert.deepEqual(
        records,
        range(100).map((at) => new Uint8Array(3_000).fill(at)),
      );
    });

    it("refuses what others have published to its subjects", async () => {
      const name = newName();
      const journal = await open(name);
      await journal.append("one", 0, record(0), "machine");
      const [subject = ""] = await subjectsOf(name);
      await meddle(async (connection) => {
        await jetstream(connection, { timeout: PATIENT.timeoutMs }).publish(subject, "rubbish");
      });
      await assert.rejects(journal.read("one"), { code: "JournalCorrupt" });
      await journal.append("two", 0, record(0), "machine");
    });

    it("removes the messages of what it forgets", async () => {
      const name = newName();
      const journal = await open(name);
      for (const index of range(10)) await journal.append("one", index, record(index), "machine");
      await journal.append("two", 0, record(0), "machine");
      assert.equal(await messagesOf(name), 11);
      await journal.forget("one", 10);
      assert.equal(await messagesOf(name), 1);
    });

    it("can't be reached where nobody listens, and says so", async () => {
      const attempt = open(newName(), { connection: { servers: "127.0.0.1:1" }, timeoutMs: 200, patienceMs: 500 });
      await assert.rejects(attempt, { code: "JournalUnavailable", retryable: true });
    });
  });

  /** How many messages a journal's stream holds. */
  async function messagesOf(journal: string): Promise<number> {
    return meddle(async (connection) => {
      const manager = await jetstreamManager(connection, { timeout: PATIENT.timeoutMs });
      return (await manager.streams.info(journal)).state.messages;
    });
  }

  async function subjectsOf(journal: string): Promise<string[]> {
    return meddle(async (connection) => {
      const manager = await jetstreamManager(connection, { timeout: PATIENT.timeoutMs });
      const { state } = await manager.streams.info(journal, { subjects_filter: ">" });
      return Object.keys(state.subjects ?? {});
    });
  }
});

/** Long enough for a busy machine to renew in, short enough to wait for. */
const LASTS_MS = 6_000;

class NotedWitness implements Witness {
  text = "";

  recall(): string | null {
    return this.text === "" ? null : this.text;
  }

  note(text: string): void {
    this.text = text;
  }

  close(): void {
    return;
  }
}

function isUnknown(thrown: unknown): boolean {
  assert.ok(thrown instanceof ParleyError);
  const { code, retryable, facts } = thrown;
  assert.deepEqual([code, retryable, facts["outcome"]], ["JournalUnavailable", true, "unknown"]);
  return true;
}

/** Repeats what fails for want of an answer, as whoever uses a journal does. */
async function eventually(action: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await action();
    } catch (thrown) {
      if (!(thrown instanceof ParleyError && thrown.retryable)) throw thrown;
    }
  }
}

async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await check())) await wait(20);
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

function record(number: number): Uint8Array {
  return Uint8Array.of(number, number >> 8);
}
