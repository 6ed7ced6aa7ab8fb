import { randomBytes } from "node:crypto";
import { toHex, utf8 } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { Address, Bytes32 } from "../../kernel/ids.ts";
import { Secret } from "../../kernel/secret.ts";
import type { KeptSessionKey, SessionVault } from "../../ports/session-vault.ts";
import { walletAddress } from "../../terms/wallet-signature.ts";
import { type Contents, decodeContents, decodePlain, encodeContents } from "./contents.ts";
import { createPrivate, readPrivate, replacePrivate } from "./private-file.ts";
import { DEFAULT_COST, type ScryptCost } from "./scrypt.ts";
import { makeSealingKey, type SealingKey, seal, unseal } from "./sealed.ts";

/** How a key file is made. */
export interface MakeOptions {
  /** The secret of an account that exists already; without it a new one is made. */
  readonly wallet?: Secret<Bytes32>;
  readonly cost?: ScryptCost;
}

/** The secrets of one agent, in a file that is encrypted with a passphrase. */
export class KeyStore implements SessionVault {
  readonly file: string;
  /** The address of the key that signs for the agent's wallet. */
  readonly address: Address;
  #contents: Contents;
  #sealing: SealingKey;
  /** The file as this process last knew it. */
  #text: string;
  #queue: Promise<void> = Promise.resolve();

  private constructor(file: string, contents: Contents, sealing: SealingKey, text: string) {
    this.file = file;
    this.address = walletAddress(contents.wallet.reveal());
    this.#contents = contents;
    this.#sealing = sealing;
    this.#text = text;
  }

  /** Makes a key file; rejects with `KeysExist` where there is a file of that name. */
  static async create(file: string, passphrase: Secret<string>, options: MakeOptions = {}): Promise<KeyStore> {
    const { wallet = new Secret(toHex(randomBytes(32))), cost = DEFAULT_COST } = options;
    return await KeyStore.#make(file, { wallet, sessions: [] }, passphrase, cost, createPrivate);
  }

  /** Opens a key file. What is wrong with it is said without quoting it. */
  static async open(file: string, passphrase: Secret<string>): Promise<KeyStore> {
    const text = await readPrivate(file);
    const { wallet, content, sealing } = await unseal(text, passphrase);
    const store = new KeyStore(file, contentsOf(content), sealing, text);
    if (store.address === wallet) return store;
    throw new ParleyError("KeysDamaged", "the key file names another address than its wallet has");
  }

  /** Encrypts the key file of an earlier version, in its place. Its old blocks may stay readable on the disk. */
  static async convert(file: string, passphrase: Secret<string>, cost: ScryptCost = DEFAULT_COST): Promise<KeyStore> {
    const wallet = decodePlain(await readPrivate(file));
    return await KeyStore.#make(file, { wallet, sessions: [] }, passphrase, cost, replacePrivate);
  }

  static async #make(
    file: string,
    contents: Contents,
    passphrase: Secret<string>,
    cost: ScryptCost,
    write: (file: string, text: string) => Promise<void>,
  ): Promise<KeyStore> {
    const sealing = await makeSealingKey(passphrase, cost);
    const address = walletAddress(contents.wallet.reveal());
    const text = seal(utf8.encode(encodeContents(contents)), address, sealing);
    await write(file, text);
    return new KeyStore(file, contents, sealing, text);
  }

  get wallet(): Secret<Bytes32> {
    return this.#contents.wallet;
  }

  async load(): Promise<readonly KeptSessionKey[]> {
    return this.#contents.sessions;
  }

  save(sessions: readonly KeptSessionKey[]): Promise<void> {
    return this.#write(
      (contents) => ({ ...contents, sessions }),
      async () => this.#sealing,
    );
  }

  /** Encrypts the same keys with another passphrase. Copies of the file still open with the one before. */
  changePassphrase(passphrase: Secret<string>, cost: ScryptCost = DEFAULT_COST): Promise<void> {
    return this.#write(
      (contents) => contents,
      () => makeSealingKey(passphrase, cost),
    );
  }

  /** One write after the other, and none over what another process has written. */
  #write(change: (contents: Contents) => Contents, makeKey: () => Promise<SealingKey>): Promise<void> {
    const written = this.#queue.then(async () => {
      const contents = change(this.#contents);
      const sealing = await makeKey();
      const text = seal(utf8.encode(encodeContents(contents)), this.address, sealing);
      if ((await readPrivate(this.file)) !== this.#text) {
        throw new ParleyError("KeysChangedElsewhere", `another process has changed the key file ${this.file}`, {
          hint: "stop the agent before you change its keys, and start it again afterwards",
        });
      }
      await replacePrivate(this.file, text);
      [this.#contents, this.#sealing, this.#text] = [contents, sealing, text];
    });
    this.#queue = written.catch(() => undefined);
    return written;
  }
}

function contentsOf(content: Secret<Uint8Array>): Contents {
  try {
    return decodeContents(utf8.decode(content.reveal()));
  } catch {
    // What a decoder says, and its cause, may quote a secret.
    throw new ParleyError("KeysDamaged", "the key file opens, but what it seals is not what belongs there", {
      hint: "another version of Parley may have written it; else take it from a backup",
    });
  }
}
