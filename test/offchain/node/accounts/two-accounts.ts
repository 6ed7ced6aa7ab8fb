import { afterEach } from "node:test";
import { MemoryJournal } from "../../../../offchain/adapters/journal/memory/journal.ts";
import type { AgentId } from "../../../../offchain/kernel/ids.ts";
import { Account, type AccountOffice } from "../../../../offchain/node/accounts/account.ts";
import type { AccountConfig } from "../../../../offchain/node/accounts-config.ts";
import type { Doubt } from "../../../../offchain/ports/journal.ts";
import { HIGHER, LOWER, TERMS, TwoSides } from "../../settlement/tab/two-sides.ts";

/** The lower agent's side: it may owe 1,000, and the other one 400. */
export const CONFIG: AccountConfig = {
  ...{ agent: HIGHER, token: TERMS.token, salt: TERMS.salt, ours: 1_000n, theirs: 400n, settleAt: 300n },
  ...{ url: "http://127.0.0.1:1", address: "ws://127.0.0.1:1" },
};

/** A journal that may have lost something: it doubts the streams that it knows, as real ones do, and no other. */
export class DoubtedJournal extends MemoryJournal {
  isDoubted = false;

  override async doubt(stream: string): Promise<Doubt | null> {
    const isKnown = (await this.read(stream)).length > 0;
    return this.isDoubted && isKnown ? { code: "RecordsMissing", says: "a backup was restored" } : null;
  }
}

function officeOf(sides: TwoSides, agent: AgentId, journal: MemoryJournal): AccountOffice {
  const { terms: _, ...office } = sides.options(agent, journal);
  return office;
}

async function openOne(config: AccountConfig, office: AccountOffice): Promise<Account> {
  const [account] = await Account.openAll([config], office);
  return account as Account;
}

/** Both sides of one account, with the journals that they are kept in. */
export async function twoAccounts() {
  const sides = await TwoSides.make();
  const journals = { lower: new DoubtedJournal(), higher: new MemoryJournal() };
  const { ours, theirs } = CONFIG;
  const mirrored = { ...CONFIG, agent: LOWER, ours: theirs, theirs: ours };
  const reopen = (journal = new MemoryJournal(journals.lower), config = CONFIG, asksFirst = false) =>
    openOne(config, { ...officeOf(sides, LOWER, journal), asksFirst });
  return {
    ...{ sides, reopen, journals, journal: journals.lower },
    lower: await openOne(CONFIG, officeOf(sides, LOWER, journals.lower)),
    higher: await openOne(mirrored, officeOf(sides, HIGHER, journals.higher)),
  };
}

/** What runs beside the tests of one `describe`, each until its end: call it there. */
export function besideTests() {
  let stopping = new AbortController();
  const running: Promise<void>[] = [];
  afterEach(async () => {
    stopping.abort();
    await Promise.all(running.splice(0));
    stopping = new AbortController();
  });
  return {
    running,
    get signal() {
      return stopping.signal;
    },
    stop: () => stopping.abort(),
  };
}
