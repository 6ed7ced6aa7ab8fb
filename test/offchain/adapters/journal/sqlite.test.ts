import assert from "node:assert/strict";
import { once } from "node:events";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, it } from "node:test";
import { SqliteJournal } from "../../../../offchain/adapters/journal/sqlite/journal.ts";
import { firstLine, report, run, runAndKill } from "./child.ts";

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "parley-sqlite-"));
  path = join(directory, "journal.db");
});

afterEach(() => rmSync(directory, { recursive: true }));

describe("SqliteJournal's file", () => {
  it("is readable by its owner alone, its log too", async () => {
    const journal = new SqliteJournal(path);
    await journal.append("one", 0, record(0), "process");
    for (const file of [path, `${path}-wal`]) assert.equal(statSync(file).mode & 0o777, 0o600, file);
    await journal.close();
  });

  it("is all there is, once closed", async () => {
    const journal = new SqliteJournal(path);
    await journal.append("one", 0, record(0), "process");
    await journal.close();
    assert.throws(() => statSync(`${path}-wal`), { code: "ENOENT" });
  });

  it("does not let its log grow without end", async () => {
    const journal = new SqliteJournal(path);
    const big = new Uint8Array(65_536);
    for (let index = 0; index < 400; index++) await journal.append("one", index, big, "process");
    assert.ok(statSync(`${path}-wal`).size < 8 << 20);
    await journal.close();
  });

  it("can't be opened where it can't be", () => {
    assert.throws(() => new SqliteJournal(join(directory, "none", "journal.db")), failure("JournalUnavailable"));
    mkdirSync(path);
    assert.throws(() => new SqliteJournal(path), failure("JournalUnavailable"));
    symlinkSync(join(directory, "nowhere"), join(directory, "dangling"));
    assert.throws(() => new SqliteJournal(join(directory, "dangling")), failure("JournalUnavailable"));
  });

  it("can't be opened where it must not be written", () => {
    writeFileSync(path, "", { mode: 0o444 });
    chmodSync(directory, 0o755);
    assert.throws(() => asNobody(() => new SqliteJournal(path)), failure("JournalReadOnly"));
    assert.throws(() => asNobody(() => new SqliteJournal(join(directory, "new.db"))), failure("JournalReadOnly"));
  });
});

describe("SqliteJournal's lock", () => {
  it("keeps out a second journal of the same process", async () => {
    const journal = new SqliteJournal(path);
    assert.throws(() => new SqliteJournal(path), failure("JournalLocked"));
    // The failed attempt must not have loosened the first one's hold.
    assert.match(await report(`new SqliteJournal(${JSON.stringify(path)})`), /JournalLocked/);
    await journal.append("one", 0, record(0), "process");
    await journal.close();
    await new SqliteJournal(path).close();
  });

  it("keeps out another process until that holds it no more, however it ended", async () => {
    const child = run(
      `const journal = new SqliteJournal(${JSON.stringify(path)}); say("open"); setInterval(() => 0, 1e6);`,
    );
    await firstLine(child);
    assert.throws(() => new SqliteJournal(path), failure("JournalLocked"));
    child.kill("SIGKILL");
    await once(child, "close");
    await new SqliteJournal(path).close();
  });
});

describe("SqliteJournal, killed", () => {
  for (const durability of ["process", "machine"] as const) {
    it(`keeps what it acknowledged, durable for the ${durability}`, async () => {
      const child = run(`
        const journal = new SqliteJournal(${JSON.stringify(path)});
        const work = async (stream) => {
          for (let index = 0; ; index++) {
            await journal.append(stream, index, Uint8Array.of(index, index >> 8), "${durability}");
            say(stream + " " + index);
          }
        };
        for (const stream of ["a", "b", "c"]) work(stream);
      `);
      const acknowledged = new Map<string, number>();
      let lines = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        const [stream = "", index] = line.split(" ");
        acknowledged.set(stream, Number(index));
        if (++lines === 300) child.kill("SIGKILL");
      }
      const journal = new SqliteJournal(path);
      for (const [stream, index] of acknowledged) {
        const records = await journal.read(stream);
        assert.ok(records.length > index, `${stream} has ${records.length} records, ${index} was acknowledged`);
        for (const [at, bytes] of records.entries()) assert.deepEqual(bytes, Uint8Array.of(at, at >> 8));
        await journal.append(stream, records.length, record(0), "machine");
      }
      assert.equal(acknowledged.size, 3);
      await journal.close();
    });
  }

  it("has a beginning without holes when the end of its log was torn off", async () => {
    await runAndKill(`
      const journal = new SqliteJournal(${JSON.stringify(path)});
      for (let index = 0; index < 50; index++) await journal.append("one", index, new Uint8Array(2_000).fill(index), "process");
    `);
    truncateSync(`${path}-wal`, Math.floor(statSync(`${path}-wal`).size / 2));
    const journal = new SqliteJournal(path);
    const records = await journal.read("one");
    assert.ok(records.length > 0 && records.length < 50);
    for (const [at, bytes] of records.entries()) assert.deepEqual(bytes, new Uint8Array(2_000).fill(at));
    await journal.append("one", records.length, record(0), "machine");
    await journal.close();
  });
});

describe("SqliteJournal, damaged", () => {
  it("refuses what is no SQLite file, and leaves it alone", () => {
    const content = "this was never a journal ".repeat(400);
    writeFileSync(path, content);
    assert.throws(() => new SqliteJournal(path), failure("JournalCorrupt"));
    assert.equal(readFileSync(path, "utf8"), content);
  });

  it("refuses another program's SQLite file, and leaves it alone", () => {
    edit("CREATE TABLE customer (id INTEGER)");
    const content = readFileSync(path);
    assert.throws(() => new SqliteJournal(path), failure("JournalCorrupt"));
    assert.deepEqual(readFileSync(path), content);
  });

  it("refuses another version's file", async () => {
    await fill(1);
    edit("PRAGMA user_version = 1");
    assert.throws(() => new SqliteJournal(path), failure("JournalVersion"));
  });

  it("notices a file cut short", async () => {
    await fill(100);
    truncateSync(path, 4_096 * 5);
    await assert.rejects(async () => {
      const journal = new SqliteJournal(path);
      try {
        await journal.read("one");
      } finally {
        await journal.close();
      }
    }, failure("JournalCorrupt"));
  });

  it("notices a record that is missing", async () => {
    await fill(10);
    edit("DELETE FROM record WHERE row % 16777216 = 4");
    const journal = new SqliteJournal(path);
    await assert.rejects(journal.read("one"), failure("JournalCorrupt"));
    await journal.close();
  });
});

describe("SqliteJournal without room", () => {
  it("refuses what does not fit, and keeps the rest", async () => {
    const journal = new SqliteJournal(path, { maxBytes: 200_000 });
    const appends = [
      journal.append("one", 0, record(0), "process"),
      journal.append("huge", 0, new Uint8Array(1 << 20), "process"),
      journal.append("two", 0, record(2), "process"),
    ];
    const outcomes = await Promise.allSettled(appends);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    await assert.rejects(journal.append("huge", 0, new Uint8Array(1 << 20), "machine"), failure("JournalFull"));
    await journal.append("one", 1, record(1), "machine");
    assert.deepEqual(await journal.streams(), ["one", "two"]);
    assert.deepEqual(await journal.read("one"), [record(0), record(1)]);
    await journal.close();
  });

  it("gives up after a write that failed, and has what was acknowledged when it is opened again", async () => {
    // With the signal ignored, a file that grows over the limit makes the write itself fail.
    const text = await report(
      `
        const journal = new SqliteJournal(${JSON.stringify(path)});
        const outcomes = [];
        for (let index = 0, failures = 0; failures < 2; index++) {
          const append = journal.append("one", index, new Uint8Array(65_536), "process");
          outcomes.push(await append.then(() => "ok", (error) => (failures++, index--, error.code)));
        }
        outcomes.push(await journal.append("two", 0, new Uint8Array(1), "process").catch((error) => error.code));
        say(outcomes.join(" "));
      `,
      ["sh", "-c", 'trap "" XFSZ; ulimit -f 2000; exec "$0" "$@"'],
    );
    const outcomes = text.trim().split(" ");
    const acknowledged = outcomes.filter((outcome) => outcome === "ok").length;
    assert.ok(acknowledged > 0);
    assert.deepEqual(outcomes.slice(acknowledged), ["JournalFailed", "JournalFailed", "JournalFailed"]);
    const journal = new SqliteJournal(path);
    assert.equal((await journal.read("one")).length, acknowledged);
    await journal.close();
  });
});

function failure(code: string): { name: string; code: string } {
  return { name: "ParleyError", code };
}

function record(number: number): Uint8Array {
  return Uint8Array.of(number);
}

async function fill(records: number): Promise<void> {
  const journal = new SqliteJournal(path);
  for (let index = 0; index < records; index++) await journal.append("one", index, new Uint8Array(1_000), "process");
  await journal.close();
}

/** Root may write anywhere, so it is somebody else for a moment. */
function asNobody(action: () => void): void {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    action();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

/** Changes the file behind the journal's back. */
function edit(sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}
