import { ParleyError } from "../kernel/errors.ts";
import type { Ask } from "../node/keys/passphrase.ts";

/** Asks at the terminal without showing what is typed; null where there is no terminal. */
export const askHidden: Ask = process.stdin.isTTY === true && process.stderr.isTTY === true ? typeHidden : null;

const INTERRUPT = "\x03";
const END_OF_INPUT = "\x04";
const ERASERS = ["\x7f", "\b"];

function typeHidden(question: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true).setEncoding("utf8").resume();
  return new Promise((resolve, reject) => {
    let typed: readonly string[] = [];
    const finish = (settle: () => void) => {
      stdin.off("data", onData).setRawMode(false).pause();
      stderr.write("\n");
      settle();
    };
    // Whole characters: what is erased by one key was typed by one.
    const onData = (data: string) => {
      for (const character of data) {
        if (character === "\r" || character === "\n") return finish(() => resolve(typed.join("")));
        if (character === INTERRUPT || character === END_OF_INPUT) return finish(() => reject(brokenOff()));
        typed = ERASERS.includes(character) ? typed.slice(0, -1) : [...typed, character];
      }
    };
    stdin.on("data", onData);
  });
}

function brokenOff(): ParleyError<"PassphraseMissing"> {
  return new ParleyError("PassphraseMissing", "no passphrase was given", { hint: "run the command again" });
}
