/**
 * Tells of the set-up on stderr, one line a step: stdout belongs to the program that is started.
 * @template T
 * @param {string} what e.g. "installing packages"
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(what, work) {
  const start = performance.now();
  process.stderr.write(`parley: ${what} ...`);
  try {
    const result = await work();
    process.stderr.write(` ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
    return result;
  } catch (error) {
    process.stderr.write(" failed\n");
    throw error;
  }
}

/** @param {string} line */
export function note(line) {
  process.stderr.write(`parley: ${line}\n`);
}
