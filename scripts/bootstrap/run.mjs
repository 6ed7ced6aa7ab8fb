import { spawn } from "node:child_process";
import { constants } from "node:os";

/** @type {readonly NodeJS.Signals[]} */
const FORWARDED = ["SIGINT", "SIGTERM", "SIGHUP"];
/** How often to look whether whoever started us is still there. */
const PARENT_CHECK_MS = 500;
/** Of a long output only the end matters. */
const KEPT_CHARACTERS = 200_000;

/**
 * Runs a program to its end and keeps what it prints. If we are told to stop, it is stopped first.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export async function runQuietly(program, args, { cwd, env = process.env }) {
  const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      output = (output + text).slice(-KEPT_CHARACTERS);
    });
  }
  const restore = onSignals((signal) => {
    child.kill(signal);
    child.once("close", () => process.exit(128 + constants.signals[signal]));
  });
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve)).finally(
    restore,
  );
  return { ok: code === 0, output };
}

/**
 * Runs a program in our place: same terminal, same signals, same end.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<never>}
 */
export async function runInOurPlace(program, args, env) {
  const child = spawn(program, args, { stdio: "inherit", env });
  onSignals((signal) => {
    // Ctrl-C at a terminal reaches the whole group by itself; a second one would look like impatience.
    if (signal === "SIGINT" && process.stdin.isTTY) return;
    child.kill(signal);
  });
  stopWithParent(() => child.kill("SIGTERM"));
  /** @type {[number | null, NodeJS.Signals | null]} */
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once("error", reject).once("exit", (...end) => resolve(end));
  });
  if (signal !== null) dieOf(signal);
  process.exit(code ?? 1);
}

/**
 * npm doesn't pass a SIGTERM on: it dies, and the shell between us with it. Then we are somebody else's child, which is
 * how we know.
 * @param {() => void} stop
 */
function stopWithParent(stop) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    stop();
  }, PARENT_CHECK_MS);
  watch.unref();
}

/**
 * Ends by the same signal as the child, so that whoever started us sees the truth.
 * @param {NodeJS.Signals} signal
 */
function dieOf(signal) {
  for (const forwarded of FORWARDED) process.removeAllListeners(forwarded);
  process.kill(process.pid, signal);
  process.exitCode = 128 + constants.signals[signal];
}

/**
 * @param {(signal: NodeJS.Signals) => void} handle
 * @returns {() => void} undoes it
 */
function onSignals(handle) {
  for (const signal of FORWARDED) process.on(signal, handle);
  return () => {
    for (const signal of FORWARDED) process.off(signal, handle);
  };
}
