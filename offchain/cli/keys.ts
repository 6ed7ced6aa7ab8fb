import { isHex } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import { Secret } from "../kernel/secret.ts";
import { KeyStore } from "../node/keys/key-store.ts";
import { checkStrength, FIRST, NEXT, obtainPassphrase, type PassphraseSource } from "../node/keys/passphrase.ts";
import { parseFlags } from "./args.ts";
import { actionError, type Command, EXIT, usageError } from "./command.ts";
import { jsonOf } from "./json-of.ts";
import { changeWallet, revokeKeys } from "./keys-on-chain.ts";
import { openKeys } from "./open-keys.ts";
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
  revoke      end all session keys of --config's agent on the chain, as after a theft; for its wallet, and its owner
  wallet      make the account of the key file --new the wallet of --config's agent on the chain, which ends all session
              keys too, as after the theft of the key file; for its owner

  --file FILE     the key file; it must be readable by its owner alone
  --config FILE   the agent's configuration, for revoke and wallet
  --new FILE      the new wallet's key file, opened with the new passphrase (below)
  --yes           don't ask at the terminal
  --json          one JSON object

Keys and passphrases are never arguments, since everybody on a machine can read those. The passphrase is asked for, or
taken from the file that PARLEY_PASSPHRASE_FILE names (/dev/fd/3 is a descriptor), or from PARLEY_PASSPHRASE. The one that
\`passphrase\` changes to, or that --new opens with: likewise, PARLEY_NEW_PASSPHRASE_FILE and PARLEY_NEW_PASSPHRASE.

Session keys are made by the agent while it runs, each before the last one ends. Stop the agent before \`rotate\` and
\`passphrase\`. A stolen session key is good until its epoch ends: that takes \`revoke\`, which works while the agent runs.

Exits with 0; 2 for wrong usage; 78 where a file can't be read, written or used (also one that is there already), or a
passphrase can't; 69 where the chain can't be reached; 1 where it refuses: before anything is sent (NotOwner, NotOwnerOrWallet,
NoCoin, ...), or after (Reverted, Displaced: see \`parley doctor\` before you repeat it).

examples: parley keys create --file seller.keys.json
          parley keys revoke --file seller.keys.json --config seller.json
          parley keys wallet --file owner.keys.json --new fresh.keys.json --config seller.json
`;

interface Flags {
  readonly file: string;
  readonly config?: string | undefined;
  readonly new?: string | undefined;
  readonly import: boolean;
  readonly address: boolean;
  readonly yes: boolean;
}

/** What opens a second key file: the variables of a new passphrase, since each file has its own. */
const OTHER: PassphraseSource = {
  ...NEXT,
  question: "Passphrase of the new wallet's key file: ",
  missing: "the new wallet's key file is encrypted, and nobody can be asked for its passphrase",
};

/** Does one thing, and returns what there is to tell of it. */
type Action = (flags: Flags) => Promise<Report>;

interface Report {
  readonly line: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const ACTIONS: Readonly<Record<string, Action>> = {
  ...{ create, show, rotate, passphrase: change, convert },
  ...{ revoke, wallet },
};

export const keysCommand: Command = {
  help: HELP,
  async run([name, ...args]) {
    const action = name !== undefined && Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (!action) throw actionError(name, Object.keys(ACTIONS), "keys");
    const flags = parseFlags("keys", args, {
      file: { type: "string" },
      config: { type: "string" },
      new: { type: "string" },
      import: { type: "boolean", default: false },
      address: { type: "boolean", default: false },
      yes: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    });
    const { file } = flags;
    if (file === undefined) throw usageError("--file FILE is missing", "keys");
    refuseStray(name ?? "", flags);
    const { line, data } = await action({ ...flags, file });
    process.stdout.write(`${flags.json ? jsonOf(data) : line}\n`);
    return EXIT.ok;
  },
};

/** What would have no effect was meant for something else: a key that wasn't revoked must not seem so. */
function refuseStray(name: string, flags: Pick<Flags, "config" | "new" | "import" | "address" | "yes">): void {
  const isOnChain = name === "revoke" || name === "wallet";
  const stray = [
    !isOnChain && flags.config !== undefined && "--config",
    !isOnChain && flags.yes && "--yes",
    name !== "wallet" && flags.new !== undefined && "--new",
    name !== "create" && flags.import && "--import",
    name !== "show" && flags.address && "--address",
  ].find((flag) => flag !== false);
  if (stray !== undefined) throw usageError(`${name} takes no ${stray}`, "keys");
}

async function create({ file, import: imported }: Flags): Promise<Report> {
  const wallet = imported ? { wallet: importWallet() } : {};
  const { address } = await KeyStore.create(file, await choose(FIRST), wallet);
  const line = `${file} holds the keys of wallet ${address}. Keep a copy of it, and the passphrase somewhere else.`;
  return { line, data: { file, address } };
}

async function show({ file, address: alone }: Flags): Promise<Report> {
  const store = await openKeys(file);
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
  const store = await openKeys(file);
  const sessions = await store.load();
  await store.save(sessions.map((one) => ({ ...one, retired: true })));
  const line = `${sessions.length} session keys begin nothing new any more; the agent makes another when it starts.`;
  return { line, data: { file, retired: sessions.length } };
}

async function change({ file }: Flags): Promise<Report> {
  const store = await openKeys(file);
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

async function revoke({ file, config, yes }: Flags): Promise<Report> {
  if (config === undefined) throw usageError("--config FILE is missing", "keys");
  const data = await revokeKeys(config, await openKeys(file), yes);
  const line = `done: revoke; agent ${data.agent} is in epoch ${data.epoch}, by transaction ${data.transaction}`;
  return { line, data };
}

async function wallet({ file, config, new: other, yes }: Flags): Promise<Report> {
  if (config === undefined) throw usageError("--config FILE is missing", "keys");
  if (other === undefined) throw usageError("--new FILE is missing: the new wallet's key file", "keys");
  const openNew = async () => await KeyStore.open(other, await obtainPassphrase(OTHER, process.env, askHidden));
  const data = await changeWallet(config, await openKeys(file), openNew, yes);
  const line =
    `done: wallet; ${data.wallet} is the wallet of agent ${data.agent}, in epoch ${data.epoch}, by transaction ` +
    `${data.transaction}. Stop the agent, name ${other} as \`keys\` in its configuration, send the account coin for gas, and start it.`;
  return { line, data };
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
