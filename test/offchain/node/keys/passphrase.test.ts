import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Secret } from "../../../../offchain/kernel/secret.ts";
import { checkStrength, obtainPassphrase, PRESENT } from "../../../../offchain/node/keys/passphrase.ts";

const WORDS = "five random words in a row";

const PROGRAM = new URL("../../../../offchain/cli/main.ts", import.meta.url).pathname;

describe("a passphrase", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "parley-passphrase-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function fromFile(content: string, mode = 0o600): Promise<string> {
    const file = join(folder, "passphrase");
    await writeFile(file, content);
    await chmod(file, mode);
    return (await obtainPassphrase(PRESENT, { PARLEY_PASSPHRASE_FILE: file }, null)).reveal();
  }

  it("comes from the environment, and is gone from there afterwards", async () => {
    const environment = { PARLEY_PASSPHRASE: WORDS, PATH: "/bin" };
    assert.equal((await obtainPassphrase(PRESENT, environment, null)).reveal(), WORDS);
    assert.deepEqual(environment, { PATH: "/bin" });
  });

  it("comes from the first line of a file", async () => {
    for (const content of [WORDS, `${WORDS}\n`, `${WORDS}\r\n`, `${WORDS}\nand a note\n`]) {
      assert.equal(await fromFile(content), WORDS);
    }
    assert.equal(await fromFile(`  ${WORDS} \n`), `  ${WORDS} `, "spaces belong to it");
  });

  it("isn't taken from a file that everybody can read", { skip: process.getuid === undefined }, async () => {
    await assert.rejects(fromFile(WORDS, 0o644), { code: "KeysExposed" });
    assert.equal(await fromFile(WORDS, 0o640), WORDS, "a group may hand it out");
  });

  it("is asked for where neither names one", async () => {
    const asked: string[] = [];
    const ask = async (question: string) => {
      asked.push(question);
      return WORDS;
    };
    assert.equal((await obtainPassphrase(PRESENT, {}, ask)).reveal(), WORDS);
    assert.deepEqual(asked, ["Passphrase of the key file: "]);
  });

  it("that isn't there, or empty, or a book, is an error that says how to give one", async () => {
    const missing = { code: "PassphraseMissing", hint: /./ };
    await assert.rejects(obtainPassphrase(PRESENT, {}, null), missing);
    await assert.rejects(obtainPassphrase(PRESENT, { PARLEY_PASSPHRASE: "" }, null), missing);
    await assert.rejects(obtainPassphrase(PRESENT, { PARLEY_PASSPHRASE_FILE: join(folder, "none") }, null), missing);
    await assert.rejects(fromFile("x".repeat(2_000)), missing);
    await assert.rejects(obtainPassphrase(PRESENT, { PARLEY_PASSPHRASE_FILE: "/dev/zero" }, null), missing);
  });

  it("must be long enough to protect anything", () => {
    assert.throws(() => checkStrength(new Secret("short")), { code: "PassphraseWeak" });
    checkStrength(new Secret(WORDS));
  });
});

describe("parley keys", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "parley-keys-command-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  function keys(args: readonly string[], more: Record<string, string> = {}, input = "") {
    const { PARLEY_PASSPHRASE: _, PARLEY_PASSPHRASE_FILE: __, ...environment } = process.env;
    const env = { ...environment, ...more };
    const run = spawnSync(process.execPath, [PROGRAM, "keys", ...args], { env, input, encoding: "utf8" });
    return { code: run.status, out: run.stdout, error: run.stderr };
  }

  const file = () => join(folder, "agent.keys");

  it("makes, shows, rotates and re-encrypts keys, and never prints a secret", () => {
    const secret = `0x${"5e".repeat(32)}`;
    const first = { PARLEY_PASSPHRASE: WORDS };
    const created = keys(["create", "--file", file(), "--import", "--json"], { ...first, PARLEY_KEY: secret });
    assert.equal(created.code, 0, created.error);
    const { address } = JSON.parse(created.out) as { address: string };
    assert.match(address, /^0x[0-9a-f]{40}$/);
    const shown = keys(["show", "--file", file(), "--address"], first);
    assert.equal(shown.out, `${address}\n`);
    const changed = keys(["passphrase", "--file", file()], { ...first, PARLEY_NEW_PASSPHRASE: `${WORDS} again` });
    assert.equal(changed.code, 0, changed.error);
    const refused = keys(["show", "--file", file()], first);
    assert.equal(refused.code, 78);
    assert.match(refused.error, /WrongPassphrase/);
    // A descriptor is a file by name.
    const piped = keys(["rotate", "--file", file()], { PARLEY_PASSPHRASE_FILE: "/dev/stdin" }, `${WORDS} again\n`);
    assert.equal(piped.code, 0, piped.error);
    for (const { out, error } of [created, shown, changed, refused, piped]) {
      assert.ok(!`${out}${error}`.includes(secret.slice(2, 20)) && !`${out}${error}`.includes(WORDS));
    }
  });

  it("says what is missing, and where nobody can be asked", () => {
    assert.equal(keys([]).code, 2);
    assert.equal(keys(["steal", "--file", file()]).code, 2);
    assert.equal(keys(["show"]).code, 2);
    const unasked = keys(["show", "--file", file()]);
    assert.equal(unasked.code, 78);
    assert.match(unasked.error, /PARLEY_PASSPHRASE_FILE/);
  });
});
