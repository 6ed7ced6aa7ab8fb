import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import fc from "fast-check";
import { SqliteJournal } from "../../../../offchain/adapters/journal/sqlite/journal.ts";
import { FileWitness } from "../../../../offchain/adapters/witness/file.ts";
import { ParleyError } from "../../../../offchain/kernel/errors.ts";
import type { Witness } from "../../../../offchain/ports/witness.ts";
import { runAndKill } from "./child.ts";

let directory: string;
let path: string;
let witnessPath: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "parley-continuity-"));
  path = join(directory, "journal.db");
  witnessPath = join(directory, "witness");
});

afterEach(() => rmSync(directory, { recursive: true }));

describe("a journal whose machine restarts", () => {
  it("is in doubt where it was open then, in all that it held", async () => {
    await killed({ boot: "first" });
    const journal = open({ boot: "second" });
    assert.equal((await journal.doubt("one"))?.code, "MachineRestarted");
    await journal.append("new", 0, record(0), "process");
    assert.equal(await journal.doubt("new"), null);
    await journal.close();
  });

  it("is in no doubt for what was all synced, which hides none that is worse", async () => {
    // Put back to where it was, before anything new was begun since the restart, and after.
    for (const begun of ["one", "two"]) {
      await killed({ boot: "first" });
      const restarted = open({ boot: "second" });
      assert.equal(await restarted.doubt("one", "machine"), null);
      const next = begun === "one" ? RECORDS : 0;
      await restarted.append(begun, next, record(0), "machine");
      await restarted.close();
      const backup = readFileSync(path);
      const later = open({ boot: "second" });
      await later.append(begun, next + 1, record(1), "machine");
      await later.close();
      writeFileSync(path, backup);
      const restored = open({ boot: "second" });
      for (const stream of ["one", begun]) {
        assert.equal((await restored.doubt(stream, "machine"))?.code, "RecordsMissing");
      }
      assert.notEqual(await restored.doubt("one"), null);
      await restored.append("new", 0, record(0), "machine");
      assert.equal(await restored.doubt("new", "machine"), null);
      await restored.close();
      for (const file of [path, witnessPath]) rmSync(file);
    }
  });

  it("stays in doubt for as long as those streams exist, whatever happens after", async () => {
    await killed({ boot: "first" });
    await open({ boot: "second" }).close();
    const journal = open({ boot: "third" });
    assert.equal((await journal.doubt("one"))?.code, "MachineRestarted");
    await journal.forget("one", RECORDS);
    await journal.append("one", 0, record(0), "process");
    assert.equal(await journal.doubt("one"), null, "a new stream of an old name is a new stream");
    await journal.compact();
    await journal.append("two", 0, record(0), "process");
    assert.equal(await journal.doubt("two"), null);
    await journal.close();
  });

  it("is whole where it was closed in good order", async () => {
    await filled({ boot: "first" });
    const journal = open({ boot: "second" });
    assert.equal(await journal.doubt("one"), null);
    await journal.close();
  });

  it("is in doubt after a kill where the platform doesn't name its boots", async () => {
    await killed({ boot: null });
    const journal = open({ boot: null });
    assert.equal((await journal.doubt("one"))?.code, "MachineRestarted");
    await journal.close();
  });

  it("doubts nothing after a kill of the process alone", async () => {
    await killed({});
    const journal = open();
    assert.equal(await journal.doubt("one"), null);
    assert.equal((await journal.read("one")).length, RECORDS);
    await journal.close();
  });
});

describe("a journal that was put back", () => {
  it("is found out where the backup is from before the last opening", async () => {
    await filled();
    copyFileSync(path, `${path}.backup`);
    const journal = open();
    await journal.append("one", RECORDS, record(RECORDS), "process");
    await journal.close();
    copyFileSync(`${path}.backup`, path);
    await isMissingRecords();
  });

  it("is found out where the backup was made while it was open", async () => {
    await runAndKill(`
      import { copyFileSync } from "node:fs";
      ${OPEN({})}
      await journal.append("one", 0, Uint8Array.of(0), "process");
      for (const file of [PATH, PATH + "-wal"]) copyFileSync(file, file + ".backup");
      await journal.append("one", 1, Uint8Array.of(1), "process");
    `);
    for (const file of [path, `${path}-wal`]) copyFileSync(`${file}.backup`, file);
    await isMissingRecords();
  });

  it("is found out where a backup brings back what was forgotten", async () => {
    await runAndKill(`
      import { copyFileSync } from "node:fs";
      ${OPEN({})}
      await journal.append("one", 0, Uint8Array.of(0), "process");
      await journal.append("two", 0, Uint8Array.of(0), "process");
      for (const file of [PATH, PATH + "-wal"]) copyFileSync(file, file + ".backup");
      await journal.forget("two", 1);
    `);
    for (const file of [path, `${path}-wal`]) copyFileSync(`${file}.backup`, file);
    await isMissingRecords();
  });

  it("is found out where it was replaced by a new one", async () => {
    await filled();
    rmSync(path);
    assert.throws(() => open(), { code: "JournalMissing" });
  });

  it("is not mistaken for another one's", async () => {
    await filled();
    const other = join(directory, "other.db");
    await new SqliteJournal(other).close();
    assert.throws(() => new SqliteJournal(other, { witness: new FileWitness(witnessPath) }), {
      code: "WitnessMismatch",
    });
  });
});

describe("a journal whose log is damaged", () => {
  const damages: Record<string, (log: string) => void> = {
    "cut within its last record": (log) => truncateSync(log, statSync(log).size - 100),
    "cut in the middle": (log) => truncateSync(log, Math.floor(statSync(log).size / 2)),
    gone: (log) => rmSync(log),
    "spoilt in its last record": (log) => flip(log, statSync(log).size - 2_000),
    "spoilt in the middle": (log) => flip(log, Math.floor(statSync(log).size / 2)),
  };
  for (const [how, damage] of Object.entries(damages)) {
    it(`is found out: its log is ${how}`, async () => {
      await killed({});
      // Something must be in the file itself, or it would be a new one.
      await open().close();
      await killed({ from: RECORDS });
      damage(`${path}-wal`);
      const journal = open();
      const records = await journal.read("one");
      assert.ok(records.length >= RECORDS && records.length < 2 * RECORDS);
      for (const [index, bytes] of records.entries()) assert.deepEqual(bytes, record(index));
      assert.equal((await journal.doubt("one"))?.code, "RecordsMissing");
      await journal.close();
    });
  }

  it("is not found out without a witness: SQLite itself takes the damage for the end of the log", async () => {
    await killed({ witnessed: false });
    truncateSync(`${path}-wal`, Math.floor(statSync(`${path}-wal`).size / 2));
    const journal = new SqliteJournal(path);
    assert.ok((await journal.read("one")).length < RECORDS);
    assert.equal(await journal.doubt("one"), null);
    await journal.close();
  });
});

describe("a journal whose file is damaged", () => {
  it("names the record that was spoilt, and gives out all others", async () => {
    const journal = open();
    for (const stream of ["one", "two"]) {
      for (let index = 0; index < 5; index++) await journal.append(stream, index, text(stream, index), "process");
    }
    await journal.close();
    flip(path, readFileSync(path).indexOf(text("one", 4)) + 3);
    const reopened = open();
    await assert.rejects(reopened.read("one"), { code: "JournalCorrupt", facts: { path, stream: "one", index: 4 } });
    assert.equal((await reopened.read("two")).length, 5);
    await reopened.close();
  });

  it("never passes off as whole what is not, whichever byte is spoilt", async () => {
    const names = Array.from({ length: 12 }, (_, at) => `stream ${at}`);
    const journal = open();
    for (let index = 0; index < 20; index++) {
      for (const name of names) await journal.append(name, index, text(name, index), "process");
    }
    await journal.close();
    const whole = readFileSync(path);
    const witness = readFileSync(witnessPath);
    let found = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const spoilt = Buffer.from(whole);
        spoilt.writeUInt8((spoilt[at] ?? 0) ^ change, at);
        writeFileSync(path, spoilt);
        writeFileSync(witnessPath, witness);
        if (await isFoundOut(names)) found++;
      }),
      { numRuns: 300 },
    );
    assert.ok(found > 100, `${found} of 300 were found out, the rest did no harm`);
  });

  /** Reads everything. False if it is what was written; fails if it is neither that nor complained of. */
  async function isFoundOut(names: readonly string[]): Promise<boolean> {
    let journal: SqliteJournal | undefined;
    const witness = new FileWitness(witnessPath);
    try {
      journal = new SqliteJournal(path, { witness });
      assert.deepEqual(await journal.streams(), names);
      for (const name of names) {
        const expected = Array.from({ length: 20 }, (_, index) => text(name, index));
        assert.deepEqual(
          await journal.read(name),
          expected.map((bytes) => new Uint8Array(bytes)),
        );
      }
      return false;
    } catch (thrown) {
      if (thrown instanceof ParleyError) return true;
      throw thrown;
    } finally {
      if (journal === undefined) witness.close();
      await journal?.close();
    }
  }
});

describe("a journal and its witness", () => {
  it("can get one later", async () => {
    await killed({ witnessed: false });
    const journal = open();
    assert.equal(await journal.doubt("one"), null);
    await journal.close();
  });

  it("is in doubt once it has lost it", async () => {
    await filled();
    writeFileSync(witnessPath, "what it once said");
    const journal = open();
    assert.equal((await journal.doubt("one"))?.code, "WitnessMissing");
    await journal.append("new", 0, record(0), "process");
    assert.equal(await journal.doubt("new"), null);
    await journal.close();
    const later = new SqliteJournal(path);
    assert.equal((await later.doubt("new"))?.code, "WitnessMissing", "nor may it be left out of the configuration");
    await later.close();
  });

  it("may be ahead of it by what a crash came between", async () => {
    const witness = new UnreliableWitness();
    const journal = new SqliteJournal(path, { witness });
    await journal.append("one", 0, record(0), "process");
    witness.isDeaf = true;
    await journal.append("one", 1, record(1), "process");
    await journal.forget("one", 2);
    await journal.append("two", 0, record(0), "process");
    await journal.close();
    const reopened = new SqliteJournal(path, { witness });
    assert.equal(await reopened.doubt("two"), null);
    await reopened.close();
  });

  it("goes no further while that can't be written, and on as soon as it can", async () => {
    const witness = new UnreliableWitness();
    const journal = new SqliteJournal(path, { witness });
    witness.isBroken = true;
    await journal.append("one", 0, record(0), "process");
    for (const durability of ["process", "machine"] as const) {
      await assert.rejects(journal.append("one", 1, record(1), durability), { code: "WitnessFailed" });
    }
    witness.isBroken = false;
    await journal.append("one", 1, record(1), "machine");
    assert.deepEqual(await journal.read("one"), [record(0), record(1)]);
    await journal.close();
    const reopened = new SqliteJournal(path, { witness });
    assert.equal(await reopened.doubt("one"), null);
    await reopened.close();
  });
});

/** A witness that may stop listening, without or with an error. */
class UnreliableWitness implements Witness {
  isDeaf = false;
  isBroken = false;
  #note: string | null = null;

  recall(): string | null {
    return this.#note;
  }

  note(text: string): void {
    if (this.isBroken) throw new ParleyError("WitnessFailed", "the witness can't be written");
    if (!this.isDeaf) this.#note = text;
  }

  close(): void {
    this.isDeaf = false;
  }
}

const RECORDS = 30;

function record(number: number): Uint8Array {
  return new Uint8Array(2_000).fill(number);
}

function text(stream: string, index: number): Buffer {
  return Buffer.from(`record ${index} of ${stream} `.repeat(20));
}

function open(options: { readonly boot?: string | null } = {}): SqliteJournal {
  return new SqliteJournal(path, { ...options, witness: new FileWitness(witnessPath) });
}

/** Opens the journal in a program of its own. */
function OPEN({ boot, witnessed = true }: { boot?: string | null; witnessed?: boolean }): string {
  const witness = witnessed ? `witness: new FileWitness(${JSON.stringify(witnessPath)}),` : "";
  const boots = boot === undefined ? "" : `boot: ${JSON.stringify(boot)},`;
  return `
    const PATH = ${JSON.stringify(path)};
    const journal = new SqliteJournal(PATH, { ${witness} ${boots} });
  `;
}

/** Has a process fill a stream, and kills it. */
async function killed(options: { boot?: string | null; witnessed?: boolean; from?: number }): Promise<void> {
  const from = options.from ?? 0;
  await runAndKill(`
    ${OPEN(options)}
    for (let index = ${from}; index < ${from + RECORDS}; index++) {
      await journal.append("one", index, new Uint8Array(2_000).fill(index), "process");
    }
  `);
}

/** Fills a stream, and closes the journal in good order. */
async function filled(options?: { readonly boot?: string }): Promise<void> {
  const journal = open(options);
  for (let index = 0; index < RECORDS; index++) await journal.append("one", index, record(index), "process");
  await journal.close();
}

async function isMissingRecords(): Promise<void> {
  const journal = open();
  assert.equal((await journal.doubt("one"))?.code, "RecordsMissing");
  await journal.append("new", 0, record(0), "process");
  assert.equal(await journal.doubt("new"), null);
  await journal.close();
}

function flip(file: string, at: number): void {
  const bytes = readFileSync(file);
  assert.ok(at >= 0 && at < bytes.length);
  bytes.writeUInt8((bytes[at] ?? 0) ^ 0x10, at);
  writeFileSync(file, bytes);
}
