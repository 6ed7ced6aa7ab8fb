import { accessSync, closeSync, constants, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { ParleyError } from "../../../kernel/errors.ts";
import { corrupt, journalError } from "./errors.ts";

/** "PRLY" in the file's header tells a journal of ours from any other SQLite file. */
const APPLICATION_ID = 0x50_52_4c_59;

const SCHEMA_VERSION = 2;

/**
 * A record's row is its stream's id times 2^24 plus its index. So the records of one negotiation lie side by side and
 * an append writes a single page, where a key of (stream, index) beside the row would make it two.
 */
const SCHEMA = `
  -- No name: the stream was forgotten, and its records are on their way out.
  CREATE TABLE stream (id INTEGER PRIMARY KEY, name TEXT UNIQUE) STRICT;
  CREATE TABLE record (row INTEGER PRIMARY KEY, bytes BLOB NOT NULL, sum INTEGER NOT NULL) STRICT;
  -- One row; see Life.
  CREATE TABLE life (
    one INTEGER PRIMARY KEY CHECK (one = 1), journal TEXT NOT NULL, opens INTEGER NOT NULL, boot TEXT,
    open INTEGER NOT NULL, witnessed INTEGER NOT NULL, forgets INTEGER NOT NULL
  ) STRICT;
  -- In doubt is every stream up to that id which no earlier row covers.
  CREATE TABLE doubt (upto INTEGER PRIMARY KEY, code TEXT NOT NULL, says TEXT NOT NULL) STRICT;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

export const PAGE_BYTES = 4_096;

/**
 * Opens the journal's file, made where it doesn't exist, and takes it for this process alone until it is closed or
 * the process ends: two writers would sign two different envelopes under one number.
 */
export function openDatabase(path: string, maxBytes: number): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    createFile(path);
    database = new DatabaseSync(path);
    // The lock is the operating system's, on the file itself: it ends with the process, however that ends.
    database.exec("PRAGMA locking_mode = EXCLUSIVE");
    prepareSchema(database, path);
    // NORMAL syncs only when the write-ahead log is carried over, which the journal decides: see checkpoint.
    database.exec(`
      PRAGMA synchronous = NORMAL;
      PRAGMA wal_autocheckpoint = 0;
      PRAGMA secure_delete = ON;
      PRAGMA fullfsync = ON;
      PRAGMA checkpoint_fullfsync = ON;
      PRAGMA max_page_count = ${Math.floor(maxBytes / PAGE_BYTES)};
    `);
    return database;
  } catch (thrown) {
    database?.close();
    throw journalError(path, thrown);
  }
}

/**
 * Only the agent's user may read what was negotiated. An existing file must not even be opened here: closing it again
 * would let go of the lock of whoever has it open in this process.
 */
function createFile(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (thrown) {
    if (!(thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST")) throw thrown;
    accessSync(path, constants.R_OK | constants.W_OK);
  }
}

function prepareSchema(database: DatabaseSync, path: string): void {
  const [isOurs, version, isEmpty] = [
    pragma(database, "application_id") === APPLICATION_ID,
    pragma(database, "user_version"),
    pragma(database, "schema_version") === 0,
  ];
  if (!isOurs && !isEmpty) throw corrupt(path);
  if (isOurs && version !== SCHEMA_VERSION) throw wrongVersion(path, version);
  // So that room can be given back in small steps; it has to be said before there is anything in the file.
  if (isEmpty) database.exec("PRAGMA auto_vacuum = INCREMENTAL");
  // Where the log can't be had, synchronous = NORMAL would promise less than the journal does.
  const { journal_mode: mode } = database.prepare("PRAGMA journal_mode = WAL").get() ?? {};
  if (mode !== "wal") throw noLog(path);
  database.exec(isOurs ? "BEGIN EXCLUSIVE; COMMIT" : `BEGIN EXCLUSIVE; ${SCHEMA} COMMIT`);
  // A stream whose name the index has lost would pass for one that never was.
  if (database.prepare("PRAGMA integrity_check('stream')").get()?.["integrity_check"] !== "ok") throw corrupt(path);
}

function pragma(database: DatabaseSync, name: string): unknown {
  return database.prepare(`PRAGMA ${name}`).get()?.[name];
}

function noLog(path: string): ParleyError<"JournalUnavailable"> {
  return new ParleyError("JournalUnavailable", `SQLite can keep no write-ahead log for the journal ${path}`, {
    hint: "put the journal on a local disk",
    facts: { path },
  });
}

function wrongVersion(path: string, version: unknown): ParleyError<"JournalVersion"> {
  const actual = Number(version);
  return new ParleyError("JournalVersion", `the journal ${path} has schema ${actual}, not ${SCHEMA_VERSION}`, {
    hint: "open it with the version of Parley that wrote it",
    facts: { path, actual, expected: SCHEMA_VERSION },
  });
}
