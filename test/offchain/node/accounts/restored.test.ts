import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { MemoryJournal } from "../../../../offchain/adapters/journal/memory/journal.ts";
import { SqliteJournal } from "../../../../offchain/adapters/journal/sqlite/journal.ts";
import { FileWitness } from "../../../../offchain/adapters/witness/file.ts";
import type { Bytes32 } from "../../../../offchain/kernel/ids.ts";
import { Account } from "../../../../offchain/node/accounts/account.ts";
import type { AccountConfig } from "../../../../offchain/node/accounts-config.ts";
import { Tab } from "../../../../offchain/settlement/tab/tab.ts";
import { HIGHER, LOWER, TwoSides } from "../../settlement/tab/two-sides.ts";
import { CONFIG } from "./two-accounts.ts";

const other = (byte: string): AccountConfig => ({ ...CONFIG, salt: `0x${byte.repeat(32)}` as Bytes32 });

describe("running accounts in a journal that was restored", () => {
  let folder: string;
  let file: string;
  let sides: TwoSides;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "parley-accounts-"));
    file = join(folder, "journal.accounts");
    sides = await TwoSides.make();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("sign nothing where all that was signed came after the backup", async () => {
    await run([CONFIG], async () => undefined);
    await lose(() => run([CONFIG], async ([account]) => void (await account?.newest.owe(7n))));
    await run([CONFIG], refuses);
  });

  it("sign nothing where they were configured after the backup, not even later", async () => {
    await run([other("01")], async () => undefined);
    await lose(() => run([other("01"), CONFIG], async ([, account]) => void (await account?.newest.owe(7n))));
    for (let start = 0; start < 3; start++) {
      await run([CONFIG], async (accounts) => {
        await refuses(accounts);
        // What is begun in the journal since is in no doubt of its own.
        const peer = await Tab.open(sides.options(HIGHER, new MemoryJournal()));
        if (start === 0) await accounts[0]?.newest.hear(await peer.owe(2n));
      });
    }
  });

  it("sign nothing where the backup is of a journal that kept no list yet", async () => {
    const journal = open();
    await journal.append("tab:0x00", 0, Uint8Array.of(1), "machine");
    await journal.close();
    await lose(() => run([CONFIG], async ([account]) => void (await account?.newest.owe(7n))));
    for (const _ of [1, 2]) await run([CONFIG], refuses);
  });

  it("go on under another salt, over restarts too, until something is lost once more", async () => {
    await run([CONFIG], async () => undefined);
    await lose(() => run([CONFIG], async ([account]) => void (await account?.newest.owe(7n))));
    await run([CONFIG], refuses);
    const signs = async ([account]: readonly Account[]) => void (await account?.newest.owe(1n));
    for (const _ of [1, 2]) await run([other("02")], signs);
    await run([CONFIG], refuses);
    await lose(() => run([other("03")], signs));
    for (const config of [other("02"), other("03")]) await run([config, other("03")], refuses);
    await run([other("04")], signs);
  });

  it("are in no doubt while nothing was lost, and new ones are as good as old ones", async () => {
    for (const configs of [[CONFIG], [CONFIG, other("05")], [other("05"), other("06")]]) {
      await run(configs, async (accounts) => {
        for (const { newest } of accounts) await newest.owe(1n);
      });
    }
  });

  async function refuses([account]: readonly Account[]): Promise<void> {
    assert.ok(account !== undefined);
    await assert.rejects(account.newest.owe(1n), { code: "TabDoubted" });
  }

  function open(): SqliteJournal {
    return new SqliteJournal(file, { witness: new FileWitness(join(folder, "witness")) });
  }

  /** One life of an agent with these accounts. */
  async function run(
    configs: readonly AccountConfig[],
    life: (accounts: readonly Account[]) => Promise<void>,
  ): Promise<void> {
    const journal = open();
    try {
      const { terms: _, ...office } = sides.options(LOWER, journal);
      await life(await Account.openAll(configs, office));
    } finally {
      await journal.close();
    }
  }

  /** Does something that the journal, put back to what it was before, knows nothing of. The witness does. */
  async function lose(what: () => Promise<void>): Promise<void> {
    const backup = readFileSync(file);
    await what();
    writeFileSync(file, backup);
  }
});
