import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { Secret } from "../../../offchain/kernel/secret.ts";
import { KeyStore } from "../../../offchain/node/keys/key-store.ts";
import { RANDOM_PASSPHRASE_COST } from "../../../offchain/node/keys/scrypt.ts";
import { folderOf, parley, ROOT, refuses } from "./parley.ts";

const ADDRESS = `0x${"ab".repeat(20)}`;
const PASSPHRASE = "the keys of these tests are worth nothing";

const BUYER = {
  agent: "2",
  rpc: "http://127.0.0.1:9",
  deployment: { chainId: 31337, registry: ADDRESS, settlement: ADDRESS },
  keys: "none.keys.json",
  journal: ":memory:",
};

/** A configuration in a file. */
function configured(t: TestContext, changes: Readonly<Record<string, unknown>> = {}): string {
  return join(folderOf(t, { "agent.json": JSON.stringify({ ...BUYER, ...changes }) }), "agent.json");
}

describe("parley agent", () => {
  it("says of a configuration that can't be used what is wrong with it", async (t) => {
    const folder = folderOf(t, { "cut.json": "{", "field.json": JSON.stringify({ ...BUYER, journal: 5 }) });
    for (const [name, what] of [
      ["none.json", /none\.json can't be read: [^\n]+\n {2}name a file that is there/],
      ["cut.json", /cut\.json is not JSON: [^\n]+\n {2}mend it where the message says/],
      ["field.json", /field\.json can't be used: 'journal' must be[^\n]+\n {2}mend the field that is named/],
    ] as const) {
      await refuses(["agent", "--config", join(folder, name)], what, 78);
    }
    for (const rpc of ["localhost:8545", "ws://127.0.0.1:8545", "8545"]) {
      await refuses(["agent", "--config", configured(t, { rpc })], /'rpc' must be [^\n]+ http:\/\//, 78);
    }
  });

  it("tells programs what ended it before it began, as it tells everything else", async (t) => {
    const { code, stdout } = await parley("agent", "--json", "--config", configured(t));
    assert.equal(code, 78);
    const { event, code: what, hint, retried } = JSON.parse(stdout);
    assert.deepEqual([event, what, retried], ["trouble", "PassphraseMissing", false]);
    assert.match(hint, /PARLEY_PASSPHRASE/);
  });
});

describe("parley keys", () => {
  it("exits with 78 where a file is there already, or can't be written, and names the file that was asked for", async (t) => {
    const folder = folderOf(t, {});
    const file = join(folder, "seller.keys.json");
    await KeyStore.create(file, new Secret(PASSPHRASE), { cost: RANDOM_PASSPHRASE_COST });
    const before = readFileSync(file, "utf8");
    process.env["PARLEY_PASSPHRASE"] = PASSPHRASE;
    t.after(() => delete process.env["PARLEY_PASSPHRASE"]);
    await refuses(["keys", "create", "--file", file], /there is a file [^\n]*seller\.keys\.json already/, 78);
    assert.equal(readFileSync(file, "utf8"), before);
    const nowhere = join(folder, "no", "such.keys.json");
    await refuses(
      ["keys", "create", "--file", nowhere],
      /the key file [^\n]*no\/such\.keys\.json can't be written/,
      78,
    );
    await refuses(["keys", "create", "--file", nowhere, "--import"], /PARLEY_KEY isn't set/, 78);
    assert.equal(existsSync(nowhere), false);
  });

  it("says of a new key file that it takes a passphrase, not that it is encrypted", async (t) => {
    const file = join(folderOf(t, {}), "new.keys.json");
    await refuses(["keys", "create", "--file", file], /a key file is encrypted with a passphrase, and nobody/, 78);
  });
});

describe("the command line", () => {
  it("tells its version", async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    assert.deepEqual(await parley("--version"), { code: 0, stdout: `${version}\n`, stderr: "" });
  });

  it("refuses what isn't for a bench, and says how to write what begins with a dash", async () => {
    await refuses(["bench", "engine", "--attack", "flood"], /Unknown option '--attack'/, 2);
    await refuses(["bench", "settlement", "--chain", "wat"], /--chain takes embedded or anvil, not 'wat'/, 2);
    await refuses(["bench", "settlement", "--deals", "many"], /--deals takes a whole number/, 2);
    await refuses(["bench", ""], /name a bench: dealing, hostile/, 2);
    await refuses(["bench", "toString"], /there is no bench 'toString'/, 2);
    await refuses(
      ["demo", "--pace", "-1"],
      /--pace needs a value; one that begins with '-' is written --pace=VALUE/,
      2,
    );
  });
});
