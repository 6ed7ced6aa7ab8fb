import { mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SetupError } from "./errors.mjs";
import { readIfThere } from "./files.mjs";
import { note } from "./report.mjs";

/** A set-up that takes longer than this is stuck. */
const PATIENCE_MS = 15 * 60_000;
/** The owner touches its lock this often ... */
const TOUCH_MS = 2_000;
/** ... so one that wasn't touched for so long is nobody's, even if its number now belongs to another process. */
const UNTOUCHED_MS = 30_000;

/**
 * Runs `work` while no other process sets up this tree. The lock is a folder, because making one is atomic everywhere;
 * a lock whose owner is dead is taken over.
 * @template T
 * @param {string} folder
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(folder, work) {
  await take(folder);
  const release = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", release);
  const touching = setInterval(() => touch(folder), TOUCH_MS).unref();
  try {
    return await work();
  } finally {
    clearInterval(touching);
    process.off("exit", release);
    release();
  }
}

/** @param {string} folder */
async function take(folder) {
  mkdirSync(dirname(folder), { recursive: true });
  const until = Date.now() + PATIENCE_MS;
  let told = false;
  while (!tryTake(folder)) {
    if (isStale(folder)) {
      discard(folder);
      continue;
    }
    const owner = readIfThere(join(folder, "pid")) ?? "unknown";
    if (!told) note(`waiting for another set-up of this folder (process ${owner})`);
    told = true;
    if (Date.now() > until) {
      throw new SetupError(
        "BUSY",
        `another set-up (process ${owner}) holds ${folder} for too long; end it or remove that folder`,
      );
    }
    await sleep(100);
  }
}

/** @param {string} folder */
function tryTake(folder) {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
  writeFileSync(join(folder, "pid"), String(process.pid));
  return true;
}

/**
 * Whether the owner of a lock is gone.
 * @param {string} folder
 */
export function isStale(folder) {
  if (ageOf(folder) > UNTOUCHED_MS) return true;
  const pid = Number(readIfThere(join(folder, "pid")));
  if (!Number.isInteger(pid) || pid <= 0) return false; // Its owner is about to write the number.
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // EPERM: it lives, but belongs to another user.
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}

/** @param {string} folder */
function touch(folder) {
  const now = new Date();
  try {
    utimesSync(folder, now, now);
  } catch {
    // Somebody removed it by hand; the work goes on.
  }
}

/** @param {string} folder */
function ageOf(folder) {
  try {
    return Date.now() - statSync(folder).mtimeMs;
  } catch {
    return 0; // Released in this moment.
  }
}

/**
 * Moves a stale lock aside before it goes: of two processes that find it stale, one rename fails, and the loser tries again.
 * A loser that comes late may move the winner's new lock; it sees that, and puts it back.
 * @param {string} folder
 */
function discard(folder) {
  const aside = `${folder}.stale-${process.pid}`;
  try {
    renameSync(folder, aside);
    if (!isStale(aside)) renameSync(aside, folder);
  } catch {
    // Somebody else was faster.
  }
  rmSync(aside, { recursive: true, force: true });
}
