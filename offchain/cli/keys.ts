import { isHex } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import { Secret } from "../kernel/secret.ts";
import { KeyStore } from "../node/keys/key-store.ts";
import {
  checkStrength,
  FIRST,
  NEXT,
  obtainPassphrase,
  type PassphraseSource,
  PRESENT,
} from "../node/keys/passphrase.ts";
import { parseFlags } from "./args.ts";
import { actionError, type Command, EXIT, usageError } from "./command.ts";
import { askHidden } from "./prompt.ts";

/** The account that `create --import` takes over. */
const KEY_VARIABLE = "PARLEY_KEY";

const HELP = `parley keys: make and look after an agent's keys

usage: parley keys ACTION --file FILE [FLAGS]

  create      make a key file with a new wallet; --import takes the wallet's secret from ${KEY_VARIABLE} instead
  show        tell the wallet's address, and which session keys there are; --address tells that alone
  rotate      have the agent begin with a new session key at its next start, as after a theft
  passphrase  encrypt the same keys with another passphrase
  convert     encrypt the plain key file of an earlier version, in its place

  --file FILE   the key file; it must be readable by its owner alone
  --json        one JSON object

Keys and passphrases are never arguments, since everybody on a machine can read those. The passphrase is asked for, or
taken from the file that PARLEY_PASSPHRASE_FILE names (/dev/fd/3 is a descriptor), or from PARLEY_PASSPHRASE. The one that
\`passphrase\` changes to: likewise, PARLEY_NEW_PASSPHRASE_FILE and PARLEY_NEW_PASSPHRASE.

Session keys are made by the agent while it runs, each before the last one ends. Stop the agent before \`rotate\` and
\`passphrase\`. A stolen session key is good until its epoch ends: let the owner or the wallet call \`revokeKeys\` too.

Exits with 0, or 78 where a file can't be read, written or used (also one that is there already), or a passphrase can't.

example: parley keys create --file seller.keys.json
`;

interface Flags {
  readonly file: string;
  readonly import: boolean;
  readonly address: boolean;
}

/** Does one thing, and returns what there is to tell of it. */
type Action = (flags: Flags) => Promise<Report>;

interface Report {
  readonly line: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const ACTIONS: Readonly<Record<string, Action>> = { create, show, rotate, passphrase: change, convert };

export const keysCommand: Command = {
  help: HELP,
  async run([name, ...args]) {
    const action = name !== undefined && Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (!action) throw actionError(name, Object.keys(ACTIONS), "keys");
    const flags = parseFlags("keys", args, {
      file: { type: "string" },
      import: { type: "boolean", default: false },
      address: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    });
    const { file } = flags;
    if (file === undefined) throw usageError("--file FILE is missing", "keys");
    const { line, data } = await action({ ...flags, file });
    process.stdout.write(`${flags.json ? JSON.stringify(data) : line}\n`);
    return EXIT.ok;
  },
};

async function create({ file, import: imported }: Flags): Promise<Report> {
  const wallet = imported ? { wallet: importWallet() } : {};
  const { address } = await KeyStore.create(file, await choose(FIRST), wallet);
  const line = `${file} holds the keys of wallet ${address}. Keep a copy of it, and the passphrase somewhere else.`;
  return { line, data: { file, address } };
}

async function show({ file, address: alone }: Flags): Promise<Report> {
  const store = await open(file);
  const { address } = store;
  const sessions = (await store.load()).map(({ certificate: { key }, retired }) => {
    const { x, y, epoch } = key;
    return { agent: key.agent.toString(), x, y, epoch, from: iso(key.notBefore), until: iso(key.notAfter), retired };
  });
  const lines = sessions.map(
    ({ agent, x, epoch, from, until, retired }) =>
      `session key ${x.slice(0, 18)}… of agent ${agent}, epoch ${epoch}, ${from} to ${until}${retired ? ", retired" : ""}`,
  );
  const line = alone ? address : [`wallet ${address}`, ...lines].join("\n");
  return { line, data: alone ? { address } : { file, address, sessions } };
}

async function rotate({ file }: Flags): Promise<Report> {
  const store = await open(file);
  const sessions = await store.load();
  await store.save(sessions.map((one) => ({ ...one, retired: true })));
  const line = `${sessions.length} session keys begin nothing new any more; the agent makes another when it starts.`;
  return { line, data: { file, retired: sessions.length } };
}

async function change({ file }: Flags): Promise<Report> {
  const store = await open(file);
  await store.changePassphrase(await choose(NEXT));
  const line = `${file} opens with the new passphrase only; copies of it still open with the old one.`;
  return { line, data: { file, address: store.address } };
}

async function convert({ file }: Flags): Promise<Report> {
  const { address } = await KeyStore.convert(file, await choose(FIRST));
  const line =
    `${file} is encrypted now, and holds the keys of wallet ${address}. ` +
    "The old content may still be on the disk and in backups; if that matters, set a new wallet.";
  return { line, data: { file, address } };
}

async function open(file: string): Promise<KeyStore> {
  return await KeyStore.open(file, await obtainPassphrase(PRESENT, process.env, askHidden));
}

/** A passphrase that is new: long enough, and typed twice where it is typed. */
async function choose(source: PassphraseSource): Promise<Secret<string>> {
  let asked = false;
  const ask =
    askHidden === null
      ? null
      : (question: string) => {
          asked = true;
          return askHidden === null ? Promise.resolve("") : askHidden(question);
        };
  const passphrase = await obtainPassphrase(source, process.env, ask);
  checkStrength(passphrase);
  if (!asked || askHidden === null || (await askHidden("Once more: ")) === passphrase.reveal()) return passphrase;
  throw new ParleyError("PassphraseMissing", "the two passphrases differ", { hint: "run the command again" });
}

function importWallet(): Secret<Bytes32> {
  const secret = process.env[KEY_VARIABLE];
  delete process.env[KEY_VARIABLE];
  if (isHex(secret, 32)) return new Secret(secret.toLowerCase() as Bytes32);
  const says =
    secret === undefined
      ? "isn't set, and --import takes the wallet's secret from it"
      : "holds no secret of 32 bytes in hexadecimal";
  throw new ParleyError("KeysUnreadable", `${KEY_VARIABLE} ${says}`, {
    hint: `set ${KEY_VARIABLE} to the account's secret, in a way that keeps it out of your shell's history`,
  });
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
