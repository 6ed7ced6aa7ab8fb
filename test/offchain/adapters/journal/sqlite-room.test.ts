import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, it } from "node:test";
import { SqliteJournal } from "../../../../offchain/adapters/journal/sqlite/journal.ts";
import { report, runAndKill } from "./child.ts";

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "parley-room-"));
  path = join(directory, "journal.db");
});

afterEach(() => rmSync(directory, { recursive: true }));

/** A small disk of its own for one process, without any privilege; needs Linux that lets users have name spaces. */
const SMALL_DISK = [
  "unshare",
  "--map-root-user",
  "--mount",
  "sh",
  "-c",
  'mount -t tmpfs -o size=6m tmpfs "$0" && exec "$@"',
];

function withSmallDisk(mountPoint: string): string[] {
  return [...SMALL_DISK, mountPoint];
}

function canMount(): string | false {
  const point = mkdtempSync(join(tmpdir(), "parley-mount-"));
  const [command = "", ...parameters] = [...withSmallDisk(point), "true"];
  const { status } = spawnSync(command, parameters);
  rmSync(point, { recursive: true });
  return status === 0 ? false : "this system lets nobody mount a small disk, so none can be filled";
}

describe("a journal on a full disk", { skip: canMount() }, () => {
  for (const durability of ["process", "machine"] as const) {
    it(`refuses what finds no room, goes on when there is some again, and loses nothing, durable for the ${durability}`, async () => {
      const mount = join(directory, "disk");
      mkdirSync(mount);
      const text = await report(
        `
          import { rmSync, writeFileSync, copyFileSync } from "node:fs";
          const disk = ${JSON.stringify(mount)};
          writeFileSync(disk + "/filler", new Uint8Array(4 << 20));
          const journal = new SqliteJournal(disk + "/journal.db", { witness: new FileWitness(disk + "/witness") });
          const acknowledged = [0, 0, 0];
          const names = ["a", "b", "c"];
          // Three at once, so that groups fail too; until each of them was refused several times.
          const refusals = new Map();
          const fill = async (stream) => {
            for (let refused = 0; refused < 5; ) {
              const index = acknowledged[stream];
              try {
                await journal.append(names[stream], index, new Uint8Array(3_000).fill(index), "${durability}");
                acknowledged[stream]++;
              } catch (error) {
                refused++;
                refusals.set(error.code, error.retryable);
              }
            }
          };
          await Promise.all([0, 1, 2].map(fill));
          const before = [...acknowledged];
          rmSync(disk + "/filler");
          for (let more = 0; more < 25; more++) {
            for (const stream of [0, 1, 2]) {
              const index = acknowledged[stream]++;
              await journal.append(names[stream], index, new Uint8Array(3_000).fill(index), "${durability}");
            }
          }
          await journal.close();
          const again = new SqliteJournal(disk + "/journal.db", { witness: new FileWitness(disk + "/witness") });
          const found = [];
          for (const [stream, name] of names.entries()) {
            const records = await again.read(name);
            const isRight = records.every((bytes, index) => bytes.length === 3_000 && bytes.every((byte) => byte === index % 256));
            found.push([records.length === acknowledged[stream], isRight, await again.doubt(name)]);
          }
          say(JSON.stringify({ refusals: [...refusals], before, found }));
        `,
        withSmallDisk(mount),
      );
      const { refusals, before, found } = JSON.parse(text);
      assert.deepEqual(refusals, [["JournalFull", true]]);
      for (const count of before) assert.ok(count > 10, text);
      assert.deepEqual(found, Array(3).fill([true, true, null]));
    });
  }

  it("can be closed there, and opened again when there is room", async () => {
    const mount = join(directory, "disk");
    mkdirSync(mount);
    const text = await report(
      `
        import { rmSync, writeFileSync } from "node:fs";
        const disk = ${JSON.stringify(mount)};
        const open = () => new SqliteJournal(disk + "/journal.db", { witness: new FileWitness(disk + "/witness") });
        const journal = open();
        await journal.append("one", 0, Uint8Array.of(7), "machine");
        // To the last byte.
        try { writeFileSync(disk + "/filler", new Uint8Array(8 << 20)); } catch {}
        const refused = await journal.append("one", 1, new Uint8Array(9_000), "process").catch((error) => error);
        await journal.close();
        let reopening;
        try { await open().close(); } catch (error) { reopening = error.code; }
        rmSync(disk + "/filler");
        const again = open();
        say(JSON.stringify([refused.code, refused.hint, reopening, (await again.read("one")).length, await again.doubt("one")]));
      `,
      withSmallDisk(mount),
    );
    const [refused, hint, reopening, records, doubt] = JSON.parse(text);
    assert.deepEqual([refused, records, doubt], ["JournalFull", 1, null]);
    assert.match(hint, /free space/);
    assert.ok(reopening === undefined || reopening === "JournalFull", reopening);
  });
});

describe("a journal that may not grow", () => {
  it("goes on once something was forgotten, with the room of that", async () => {
    const journal = new SqliteJournal(path, { maxBytes: 400_000 });
    const record = new Uint8Array(3_000);
    const fill = async (stream: string): Promise<number> => {
      for (let index = 0; ; index++) {
        const isRefused = await journal.append(stream, index, record, "process").then(
          () => false,
          (error) => {
            assert.equal(error.code, "JournalFull");
            return true;
          },
        );
        if (isRefused) return index;
      }
    };
    const first = await fill("one");
    assert.ok(first > 20);
    await journal.forget("one", first);
    await journal.compact();
    const second = await fill("two");
    assert.ok(second >= first - 3, `${second} records found room where ${first} had been`);
    assert.equal((await journal.read("two")).length, second);
    await journal.close();
  });
});

describe("what a journal was told to forget", () => {
  const SECRET = "the buyer's address is Elm Street 5";
  const COUNT = 1_000;

  async function fill(journal: SqliteJournal): Promise<void> {
    const record = Buffer.from(SECRET.repeat(40));
    const appends: Promise<void>[] = [];
    for (let index = 0; index < COUNT; index++) appends.push(journal.append("one", index, record, "process"));
    appends.push(journal.append("two", 0, Uint8Array.of(2), "machine"));
    await Promise.all(appends);
  }

  it("is no longer in the file, which has become smaller", async () => {
    const filling = new SqliteJournal(path);
    await fill(filling);
    await filling.close();
    const before = statSync(path).size;
    assert.ok(readFileSync(path).includes(SECRET));
    const journal = new SqliteJournal(path);
    await journal.forget("one", COUNT);
    await journal.compact();
    assert.deepEqual(await journal.read("two"), [Uint8Array.of(2)]);
    await journal.close();
    assert.ok(statSync(path).size < before / 10, `${statSync(path).size} of ${before} bytes are left`);
    assert.ok(!readFileSync(path).includes(SECRET));
    assert.equal(inspect("PRAGMA integrity_check")["integrity_check"], "ok");
  });

  it("goes in steps between which others are served", async () => {
    const journal = new SqliteJournal(path);
    await fill(journal);
    await journal.forget("one", COUNT);
    let isDone = false;
    const compacting = journal.compact().then(() => {
      isDone = true;
    });
    let served = 0;
    while (!isDone) {
      await journal.append("beside", served++, Uint8Array.of(1), "process");
      await new Promise((resolve) => setImmediate(resolve));
    }
    await compacting;
    assert.ok(served > 20, `${served} appends were served meanwhile`);
    assert.equal((await journal.read("beside")).length, served);
    await journal.close();
  });

  it("goes after a crash, where that came between", async () => {
    const filling = new SqliteJournal(path);
    await fill(filling);
    await filling.close();
    await runAndKill(`
      const journal = new SqliteJournal(${JSON.stringify(path)});
      await journal.forget("one", ${COUNT});
    `);
    const journal = new SqliteJournal(path);
    assert.deepEqual(await journal.streams(), ["two"]);
    assert.deepEqual(await journal.read("two"), [Uint8Array.of(2)]);
    await journal.append("one", 0, Uint8Array.of(3), "process");
    await journal.compact();
    assert.deepEqual(await journal.read("one"), [Uint8Array.of(3)]);
    await journal.close();
    assert.ok(!readFileSync(path).includes(SECRET));
    assert.equal(inspect("SELECT count(*) AS records FROM record")["records"], 2);
  });

  function inspect(sql: string): Record<string, unknown> {
    const database = new DatabaseSync(path);
    try {
      return database.prepare(sql).get() ?? {};
    } finally {
      database.close();
    }
  }
});
