import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { folderOf, parley, refuses } from "./parley.ts";

const HASH = `0x${"5c".repeat(32)}`;

describe("parley court and parley dispute", () => {
  it("explain themselves", async () => {
    for (const name of ["court", "dispute", "fault"]) {
      const { code, stdout } = await parley(name, "--help");
      assert.equal(code, 0);
      assert.match(stdout, /\nexample: parley /);
    }
  });

  it("say what is wrong with how they were called", async () => {
    await refuses(["court"], /one of list, show, auto, register, vote/, 2);
    await refuses(["court", "list"], /--config FILE is missing/, 2);
    await refuses(["court", "vote", "--config", "x"], /the number of a DISPUTE is missing/, 2);
    await refuses(["court", "vote", "7", "--config", "x"], /either --share N, in basis points.*or --refuse/, 2);
    await refuses(["court", "vote", "7", "--config", "x", "--share", "1", "--refuse"], /either --share N/, 2);
    await refuses(["court", "vote", "7", "--config", "x", "--share", "10001"], /from 0 to 10000/, 2);
    await refuses(["court", "show", "--config", "x"], /a DISPUTE, or --deal HASH/, 2);
    await refuses(["court", "frob"], /there is no 'frob': it is one of list, show, auto/, 2);
    await refuses(["court", "withdraw", "--config", "x", "--to", "me"], /--to takes an address/, 2);
    await refuses(["dispute"], /one of open, answer, evidence/, 2);
    await refuses(["dispute", "open", "--config", "x", "--deal", HASH], /--share N is missing/, 2);
    await refuses(["dispute", "open", "--config", "x", "--share", "1"], /--deal HASH is missing/, 2);
    await refuses(["dispute", "evidence", "--config", "x", "--uri", "y"], /--bundle FILE is missing/, 2);
    await refuses(["dispute", "evidence", "--config", "x", "--bundle", "y"], /--uri URI is missing/, 2);
    await refuses(["dispute", "refer", "--config", "x"], /--deal HASH is missing/, 2);
    await refuses(["fault"], /one of show, file/, 2);
    await refuses(["fault", "file"], /--bundle FILE is missing/, 2);
  });

  it("find the dispute's number after a flag that takes no value, and not in a flag's own", async () => {
    for (const args of [
      ["show", "--json", "7"],
      ["show", "7", "--json"],
      ["vote", "--refuse", "7"],
    ]) {
      await refuses(["court", ...args, "--config", "none.json"], /\[BadConfig\]/, 78);
    }
    await refuses(["court", "vote", "--share", "7", "--config", "none.json"], /the number of a DISPUTE is missing/, 2);
    await refuses(["court", "show", "--decimals", "7", "--config", "none.json"], /a DISPUTE, or --deal HASH/, 2);
  });

  it("say what is wrong with a configuration, by their exit code too", async (t) => {
    const folder = folderOf(t, { "bad.json": "{}" });
    await refuses(["court", "list", "--config", join(folder, "bad.json")], /\[BadConfig\]/, 78);
    await refuses(["court", "list", "--config", join(folder, "none.json")], /\[BadConfig\]/, 78);
    const none = join(folder, "none.json");
    await refuses(["dispute", "refer", "--config", none, "--deal", HASH], /\[BadConfig\]/, 78);
  });
});
