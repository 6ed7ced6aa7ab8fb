import { constants, createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { messageOf, ParleyError } from "../../kernel/errors.ts";
import { Secret } from "../../kernel/secret.ts";

/** The variable with the passphrase itself. */
export const PASSPHRASE_VARIABLE = "PARLEY_PASSPHRASE";

/** Where a passphrase comes from: variables first, then whoever can be asked. */
export interface PassphraseSource {
  readonly variable: string;
  readonly fileVariable: string;
  readonly question: string;
  /** What is said where nobody can be asked. */
  readonly missing: string;
}

export const PRESENT: PassphraseSource = {
  variable: PASSPHRASE_VARIABLE,
  fileVariable: "PARLEY_PASSPHRASE_FILE",
  question: "Passphrase of the key file: ",
  missing: "the key file is encrypted, and nobody can be asked for its passphrase",
};

/** What a key file that is about to be made shall open with. */
export const FIRST: PassphraseSource = {
  ...PRESENT,
  question: "Passphrase for the key file: ",
  missing: "a key file is encrypted with a passphrase, and nobody can be asked for one",
};

/** What a key file shall open with from now on. */
export const NEXT: PassphraseSource = {
  variable: "PARLEY_NEW_PASSPHRASE",
  fileVariable: "PARLEY_NEW_PASSPHRASE_FILE",
  question: "New passphrase: ",
  missing: "the key file is to open with another passphrase, and nobody can be asked for it",
};

const MOST_CHARACTERS = 1_024;

/** Shorter ones are guessed, whatever a guess costs. */
const LEAST_CHARACTERS = 12;

const OTHERS = 0o007;

const DESCRIPTOR = /^\/dev\/(?:stdin|fd\/([0-9]{1,4}))$/;

/** Asks a person; null where nobody sits there. */
export type Ask = ((question: string) => Promise<string>) | null;

/**
 * The passphrase from the environment, or from the file that it names (`/dev/fd/3` is a descriptor), or from whoever can
 * be asked. A passphrase in the environment is taken out of it, so that no child process inherits it.
 */
export async function obtainPassphrase(
  { variable, fileVariable, question, missing }: PassphraseSource,
  environment: NodeJS.ProcessEnv,
  ask: Ask,
): Promise<Secret<string>> {
  const given = environment[variable];
  delete environment[variable];
  if (given !== undefined) return checked(given);
  const file = environment[fileVariable];
  if (file !== undefined) return checked(await readPassphraseFile(file));
  if (ask !== null) return checked(await ask(question));
  throw new ParleyError("PassphraseMissing", missing, {
    hint: `set ${fileVariable} to a file that holds it (or /dev/fd/3), or ${variable} to itself`,
  });
}

/** Refuses a new passphrase that doesn't protect anything. */
export function checkStrength(passphrase: Secret<string>): void {
  if (passphrase.reveal().length >= LEAST_CHARACTERS) return;
  throw new ParleyError("PassphraseWeak", `a passphrase needs at least ${LEAST_CHARACTERS} characters`, {
    hint: "take five or six random words",
  });
}

function checked(passphrase: string): Secret<string> {
  if (passphrase.length > 0 && passphrase.length <= MOST_CHARACTERS) return new Secret(passphrase);
  throw new ParleyError("PassphraseMissing", `the passphrase is empty, or longer than ${MOST_CHARACTERS} characters`, {
    hint: "give the one that the key file was written with",
  });
}

async function readPassphraseFile(file: string): Promise<string> {
  try {
    const descriptor = DESCRIPTOR.exec(file);
    // By its number: one that is a socket, as between processes of Node, can't be opened by its name.
    if (descriptor) {
      const fd = Number(descriptor[1] ?? 0);
      return await firstLine(createReadStream("", { fd, autoClose: false, encoding: "utf8" }));
    }
    const handle = await open(file, constants.O_RDONLY);
    try {
      const stats = await handle.stat();
      // Group is how orchestrators hand secrets out; everybody is nobody's secret.
      if (stats.isFile() && process.getuid !== undefined && (stats.mode & OTHERS) !== 0) {
        throw new ParleyError("KeysExposed", `everybody can read the passphrase in ${file}`, {
          hint: `chmod 600 ${file}; where a container mounts it, ask for mode 0400`,
        });
      }
      return await firstLine(handle.createReadStream({ autoClose: false, encoding: "utf8" }));
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    if (thrown instanceof ParleyError) throw thrown;
    throw new ParleyError("PassphraseMissing", `the passphrase can't be read from ${file}: ${messageOf(thrown)}`, {
      hint: "name a file that holds it in its first line",
    });
  }
}

async function firstLine(chunks: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const chunk of chunks) {
    text += chunk;
    // One more for `\r`; whoever gives a device that never ends is told that it is too long.
    if (text.includes("\n") || text.length > MOST_CHARACTERS + 1) break;
  }
  return (text.split("\n", 1)[0] ?? "").replace(/\r$/, "");
}
