import assert from "node:assert/strict";
import { chmod, lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { inspect } from "node:util";
import { utf8 } from "../../../../offchain/kernel/bytes.ts";
import { ParleyError } from "../../../../offchain/kernel/errors.ts";
import { sha256 } from "../../../../offchain/kernel/hash.ts";
import { Secret } from "../../../../offchain/kernel/secret.ts";
import { KeyStore } from "../../../../offchain/node/keys/key-store.ts";
import { hashJson, type JsonObject } from "../../../../offchain/terms/canonical-json.ts";
import { walletAddress } from "../../../../offchain/terms/wallet-signature.ts";
import { actor } from "../../../vectors/actors.ts";

const ALICE = actor(1n);

const PASSPHRASE = new Secret("five random words in a row");

/** As little as a file may ask, so that the tests don't wait. */
const COST = { n: 2 ** 10, r: 1, p: 1 };

const KEPT = { secret: new Secret(ALICE.session), certificate: ALICE.certificate, retired: false };

function withBigInts(_name: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

describe("a key file", () => {
  let folder: string;
  let count = 0;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "parley-keys-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const fresh = () => join(folder, `${count++}.json`);

  async function make(): Promise<KeyStore> {
    return await KeyStore.create(fresh(), PASSPHRASE, { wallet: new Secret(ALICE.walletSecret), cost: COST });
  }

  /** Changes a file's members, and its checksum with them, as only somebody who means it would. */
  async function tamper(store: KeyStore, change: (content: JsonObject) => JsonObject): Promise<string> {
    const { checksum: _, ...content } = JSON.parse(await readFile(store.file, "utf8")) as JsonObject;
    const changed = change(content);
    const file = fresh();
    await writeFile(file, JSON.stringify({ ...changed, checksum: hashJson(changed) }), { mode: 0o600 });
    return file;
  }

  async function refuses(code: string, opening: Promise<unknown>): Promise<ParleyError> {
    const thrown = await opening.then(
      () => assert.fail(`nothing was refused, not even with ${code}`),
      (error: unknown) => error,
    );
    assert.ok(thrown instanceof ParleyError, String(thrown));
    assert.equal(thrown.code, code, thrown.message);
    assert.ok(thrown.hint, `${code} says what to do`);
    assertHidden(thrown);
    return thrown;
  }

  /** No form that anything is printed in shows a secret, or a good part of one. */
  function assertHidden(value: unknown): void {
    const shown = [
      inspect(value, { depth: 20, showHidden: true }),
      JSON.stringify(value, withBigInts),
      String(value),
    ].join();
    for (const secret of [ALICE.walletSecret, ALICE.session.d, PASSPHRASE.reveal()]) {
      assert.ok(!shown.includes(secret.slice(2, 18)), `shows ${secret.slice(0, 6)}…`);
    }
  }

  it("brings back the wallet and the session keys that it was given", async () => {
    const made = await make();
    await made.save([KEPT, { ...KEPT, retired: true }]);
    const opened = await KeyStore.open(made.file, PASSPHRASE);
    assert.equal(opened.wallet.reveal(), ALICE.walletSecret);
    assert.equal(opened.address, ALICE.wallet);
    const kept = await opened.load();
    assert.deepEqual(
      kept.map(({ secret, certificate, retired }) => [secret.reveal(), certificate, retired]),
      [
        [ALICE.session, ALICE.certificate, false],
        [ALICE.session, ALICE.certificate, true],
      ],
    );
  });

  it("makes a wallet of its own for each agent", async () => {
    const [one, other] = [
      await KeyStore.create(fresh(), PASSPHRASE, { cost: COST }),
      await KeyStore.create(fresh(), PASSPHRASE, { cost: COST }),
    ];
    assert.notEqual(one.address, other.address);
    assert.equal(walletAddress(one.wallet.reveal()), one.address);
  });

  it("is written for its owner alone, whatever the umask, and leaves no draft behind", async () => {
    const before = process.umask(0);
    try {
      const store = await make();
      await store.save([KEPT]);
      assert.equal((await stat(store.file)).mode & 0o777, 0o600);
    } finally {
      process.umask(before);
    }
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith(".")),
      [],
    );
  });

  it("shows no secret on the disk", async () => {
    const store = await make();
    await store.save([KEPT]);
    const text = await readFile(store.file, "utf8");
    for (const secret of [ALICE.walletSecret, ALICE.session.d]) assert.ok(!text.includes(secret.slice(2, 18)));
  });

  it("encrypts with another nonce each time, so that two writes share no byte of the key stream", async () => {
    const store = await make();
    const nonces = new Set<unknown>();
    for (let write = 0; write < 5; write++) {
      await store.save([KEPT]);
      nonces.add((JSON.parse(await readFile(store.file, "utf8")) as JsonObject)["nonce"]);
    }
    assert.equal(nonces.size, 5);
  });

  it("shows no secret to whoever prints the store, or what it holds", async () => {
    const store = await make();
    await store.save([KEPT]);
    for (const value of [store, { store }, await store.load(), store.wallet, PASSPHRASE]) assertHidden(value);
    assert.equal(`${store.wallet}`, "[secret]");
  });

  it("doesn't open with another passphrase, and says no more than that", async () => {
    const store = await make();
    const thrown = await refuses("WrongPassphrase", KeyStore.open(store.file, new Secret("five other words in a row")));
    assert.equal(thrown.cause, undefined);
  });

  it("opens with the same words in another normal form", async () => {
    const store = await KeyStore.create(fresh(), new Secret("caf\u00e9 cr\u00e8me am Nachmittag"), { cost: COST });
    const opened = await KeyStore.open(store.file, new Secret("cafe\u0301 cre\u0300me am Nachmittag"));
    assert.equal(opened.address, store.address);
  });

  it("that lost or turned over any byte is damaged, and isn't taken for a wrong passphrase", async () => {
    const store = await make();
    const text = await readFile(store.file, "utf8");
    const { data } = JSON.parse(text) as { data: string };
    for (const at of [4, data.length >> 1, data.length - 1]) {
      const file = fresh();
      const turned = `${data.slice(0, at)}${data[at] === "0" ? "1" : "0"}${data.slice(at + 1)}`;
      await writeFile(file, text.replace(data, turned), { mode: 0o600 });
      await refuses("KeysDamaged", KeyStore.open(file, PASSPHRASE));
    }
    const torn = fresh();
    await writeFile(torn, text.slice(0, text.length >> 1), { mode: 0o600 });
    await refuses("KeysUnreadable", KeyStore.open(torn, PASSPHRASE));
  });

  it("authenticates what it says in plain text, too", async () => {
    const store = await make();
    const other = actor(2n).wallet;
    await refuses(
      "WrongPassphrase",
      KeyStore.open(await tamper(store, (one) => ({ ...one, wallet: other })), PASSPHRASE),
    );
  });

  it("can't have its reader spend more memory or time than it likes", async () => {
    const store = await make();
    const costs = [
      { n: 2 ** 30 },
      { n: 2 ** 20, r: 16 },
      { n: 2 ** 20, r: 8, p: 4 },
      { p: 1_000_000 },
      { n: 1_000 },
      { n: 1_025 },
      { n: 0 },
      { n: -1 },
      { r: 2 ** 24 },
      { n: "131072" },
    ];
    for (const cost of costs) {
      const file = await tamper(store, (one) => ({ ...one, kdf: { ...(one["kdf"] as JsonObject), ...cost } }));
      await refuses("KeysDamaged", KeyStore.open(file, PASSPHRASE));
    }
  });

  it("is refused where it says anything that isn't known", async () => {
    const store = await make();
    const changes: readonly JsonObject[] = [
      { more: "x" },
      { cipher: "aes-256-ecb" },
      { kdf: { name: "none" } },
      { nonce: "0x00" },
      { tag: "0x" },
      { data: "0xzz" },
      { data: 7 },
    ];
    for (const change of changes) {
      await refuses("KeysDamaged", KeyStore.open(await tamper(store, (one) => ({ ...one, ...change })), PASSPHRASE));
    }
    const later = await tamper(store, (one) => ({ ...one, version: 2 }));
    await refuses("KeysVersion", KeyStore.open(later, PASSPHRASE));
  });

  it("is refused where it is another file, without a word of what stands in that", async () => {
    const contents = ["", "{", "[]", "null", "{}", `"${ALICE.walletSecret}"`, `{"format": "${ALICE.walletSecret}"}`];
    for (const content of contents) {
      const file = fresh();
      await writeFile(file, content, { mode: 0o600 });
      await refuses("KeysUnreadable", KeyStore.open(file, PASSPHRASE));
    }
    const large = fresh();
    await writeFile(large, "x".repeat(100_000), { mode: 0o600 });
    await refuses("KeysUnreadable", KeyStore.open(large, PASSPHRASE));
    await refuses("KeysUnreadable", KeyStore.open(fresh(), PASSPHRASE));
    await refuses("KeysUnreadable", KeyStore.open(folder, PASSPHRASE));
  });

  it("is refused where others can get at it", { skip: process.getuid === undefined }, async () => {
    for (const mode of [0o640, 0o604, 0o602, 0o620, 0o610, 0o777]) {
      const store = await make();
      await chmod(store.file, mode);
      await refuses("KeysExposed", KeyStore.open(store.file, PASSPHRASE));
    }
  });

  it("is never written over", async () => {
    const store = await make();
    const before = await readFile(store.file, "utf8");
    await refuses("KeysExist", KeyStore.create(store.file, PASSPHRASE, { cost: COST }));
    assert.equal(await readFile(store.file, "utf8"), before);
    await refuses("KeysUnwritable", KeyStore.create(join(folder, "no", "such.json"), PASSPHRASE, { cost: COST }));
  });

  it("opens with the new passphrase only, once that is changed", async () => {
    const store = await make();
    await store.save([KEPT]);
    const next = new Secret("five new words for tomorrow");
    await store.changePassphrase(next, COST);
    await refuses("WrongPassphrase", KeyStore.open(store.file, PASSPHRASE));
    const opened = await KeyStore.open(store.file, next);
    assert.equal(opened.address, ALICE.wallet);
    assert.equal((await opened.load()).length, 1);
    // The store itself goes on with the new one.
    await store.save([]);
    assert.deepEqual(await (await KeyStore.open(store.file, next)).load(), []);
  });

  it("isn't written over what another process wrote meanwhile", async () => {
    const store = await make();
    const other = await KeyStore.open(store.file, PASSPHRASE);
    await other.save([KEPT]);
    await refuses("KeysChangedElsewhere", store.save([]));
    assert.equal((await (await KeyStore.open(store.file, PASSPHRASE)).load()).length, 1);
  });

  it("takes writes one after the other, and the last one stays", async () => {
    const store = await make();
    await Promise.all([store.save([KEPT]), store.save([KEPT, KEPT]), store.changePassphrase(PASSPHRASE, COST)]);
    assert.equal((await (await KeyStore.open(store.file, PASSPHRASE)).load()).length, 2);
  });

  it("stays where a link led to it", async () => {
    const store = await make();
    const alias = fresh();
    await symlink(store.file, alias);
    await (await KeyStore.open(alias, PASSPHRASE)).save([KEPT]);
    assert.equal((await (await KeyStore.open(store.file, PASSPHRASE)).load()).length, 1);
    assert.ok((await lstat(alias)).isSymbolicLink());
  });

  describe("of an earlier version, in plain text", () => {
    async function plain(): Promise<string> {
      const file = fresh();
      await writeFile(file, JSON.stringify({ wallet: ALICE.walletSecret, session: ALICE.session }), { mode: 0o600 });
      return file;
    }

    it("is not used, and says how to convert it", async () => {
      const thrown = await refuses("KeysPlain", KeyStore.open(await plain(), PASSPHRASE));
      assert.match(thrown.hint ?? "", /parley keys convert/);
    });

    it("is encrypted in its place", async () => {
      const file = await plain();
      await KeyStore.convert(file, PASSPHRASE, COST);
      assert.equal((await KeyStore.open(file, PASSPHRASE)).wallet.reveal(), ALICE.walletSecret);
      assert.ok(!(await readFile(file, "utf8")).includes(ALICE.walletSecret.slice(2)));
      await refuses("KeysUnreadable", KeyStore.convert(file, PASSPHRASE, COST));
    });
  });

  it("has a checksum that anybody can compute, so it gives away nothing of the passphrase", async () => {
    const store = await make();
    const { checksum, ...rest } = JSON.parse(await readFile(store.file, "utf8")) as JsonObject;
    const text = JSON.stringify(Object.fromEntries(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1))));
    const { kdf } = rest as { kdf: JsonObject };
    const sorted = JSON.stringify(Object.fromEntries(Object.entries(kdf).sort(([a], [b]) => (a < b ? -1 : 1))));
    assert.equal(checksum, sha256(utf8.encode(text.replace(JSON.stringify(kdf), sorted))));
  });
});
