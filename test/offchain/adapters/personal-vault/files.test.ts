import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { FilePersonalVault } from "../../../../offchain/adapters/personal-vault/files/vault.ts";
import type { Bytes32 } from "../../../../offchain/kernel/ids.ts";

const [SALT, OTHER]: Bytes32[] = [`0x${"1a".repeat(32)}`, `0x${"2b".repeat(32)}`];
const RECORD = { address: { salt: `0x${"33".repeat(32)}` as const, text: "12 Harbour Street, by the blue door" } };

describe("a vault of personal data in files", () => {
  let folder: string;
  let vault: FilePersonalVault;

  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), "parley-")), "vault");
    vault = new FilePersonalVault(folder);
  });

  afterEach(() => rm(join(folder, ".."), { recursive: true, force: true }));

  const everything = async () =>
    Buffer.concat(await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name)))));

  it("keeps what is put, over restarts, and what is put after", async () => {
    assert.equal(await vault.get(SALT as Bytes32), null);
    await vault.put(SALT as Bytes32, RECORD);
    assert.deepEqual(await new FilePersonalVault(folder).get(SALT as Bytes32), RECORD);
    const changed = { address: { ...RECORD.address, text: "13" } };
    await vault.put(SALT as Bytes32, changed);
    assert.deepEqual(await vault.get(SALT as Bytes32), changed);
    assert.equal(await vault.get(OTHER as Bytes32), null);
  });

  it("writes nothing that can be read without the key, and lets nobody else at it", async () => {
    await vault.put(SALT as Bytes32, RECORD);
    assert.equal((await everything()).includes("Harbour"), false);
    for (const name of await readdir(folder)) {
      assert.equal((await stat(join(folder, name))).mode & 0o077, 0, name);
    }
    assert.equal((await stat(folder)).mode & 0o077, 0);
  });

  it("has nothing left once the key is destroyed, a copy of the sealed file included, and takes it in no more", async () => {
    await vault.put(SALT as Bytes32, RECORD);
    await vault.put(OTHER as Bytes32, RECORD);
    const key = await readFile(join(folder, `${SALT?.slice(2)}.key`));
    assert.equal(await vault.isErased(SALT as Bytes32), false);
    await vault.destroy(SALT as Bytes32);
    assert.equal(await vault.get(SALT as Bytes32), null);
    assert.equal(await vault.isErased(SALT as Bytes32), true);
    assert.equal((await everything()).includes(key), false);
    await assert.rejects(vault.put(SALT as Bytes32, RECORD), { code: "Erased" });
    await vault.destroy(SALT as Bytes32);
    assert.deepEqual(await vault.get(OTHER as Bytes32), RECORD);
  });

  it("is erased even where a crash or another process came in between", async () => {
    await vault.put(SALT as Bytes32, RECORD);
    const name = (kind: string) => join(folder, `${SALT?.slice(2)}.${kind}`);
    // The mark comes first.
    await writeFile(name("erased"), "");
    assert.equal(await vault.get(SALT as Bytes32), null);
    await assert.rejects(vault.put(SALT as Bytes32, RECORD), { code: "Erased" });
    await vault.destroy(SALT as Bytes32);
    assert.deepEqual(await readdir(folder), [`${SALT?.slice(2)}.erased`]);
    // Half a key is none.
    await writeFile(join(folder, `${OTHER?.slice(2)}.key`), "half");
    await vault.put(OTHER as Bytes32, RECORD);
    assert.deepEqual(await vault.get(OTHER as Bytes32), RECORD);
    const [one, other] = [new FilePersonalVault(folder), new FilePersonalVault(folder)];
    for (let byte = 16; byte < 48; byte++) {
      const salt: Bytes32 = `0x${byte.toString(16).repeat(32)}`;
      await Promise.allSettled([one.put(salt, RECORD), other.destroy(salt)]);
      assert.equal(await one.get(salt), null);
      assert.equal((await readdir(folder)).includes(`${salt.slice(2)}.key`), false);
    }
  });

  it("does one thing at a time for a deal", async () => {
    const record = (text: string) => ({ address: { ...RECORD.address, text } });
    await Promise.all(["a", "b", "c"].map((text) => vault.put(SALT as Bytes32, record(text))));
    assert.deepEqual(await vault.get(SALT as Bytes32), record("c"));
    const [put, destroyed] = [vault.put(SALT as Bytes32, record("d")), vault.destroy(SALT as Bytes32)];
    await Promise.all([put, destroyed]);
    assert.equal(await vault.get(SALT as Bytes32), null);
  });

  it("refuses salts that are none, as names of files", async () => {
    for (const salt of ["0x../../x", "", `0x${"AA".repeat(32)}`] as Bytes32[]) {
      await assert.rejects(vault.get(salt), { code: "BadPersonalData" });
    }
  });

  it("says what it can't do", async () => {
    const nowhere = new FilePersonalVault("/dev/null/vault");
    await assert.rejects(nowhere.put(SALT as Bytes32, RECORD), { code: "PersonalDataUnavailable" });
  });
});
