import { ParleyError } from "../../kernel/errors.ts";
import type { Bytes32 } from "../../kernel/ids.ts";
import type { Journal } from "../../ports/journal.ts";
import { isClosed, isDue } from "../../settlement/tab/carrying.ts";
import { replayTab, tabStream } from "../../settlement/tab/replay.ts";
import { balanceOf, isEnded, type TabState, withDoubt } from "../../settlement/tab/state.ts";
import type { TabTerms } from "../../settlement/tab/terms.ts";
import { domainSeparator, settlementDomain } from "../../terms/eip712.ts";
import { leftBehind } from "../accounts/left-behind.ts";
import { readOpenings } from "../accounts/openings.ts";
import { firstTerms, successionOf } from "../accounts/succession.ts";
import type { AccountConfig } from "../accounts-config.ts";
import type { AgentConfig } from "../agent-config.ts";
import { hasAccountsJournal, openAccountsJournal } from "../journal.ts";
import { openUnlocked } from "./unlocked.ts";

/** How far a running account has come. */
export type AccountStage =
  | "open"
  /** It takes nothing new: it has come to the balance at which it is paid. */
  | "due"
  /** One side has closed it, and the other has not, or not been heard. */
  | "closing"
  /** Both have closed it; one of them has to pay. */
  | "unpaid"
  /** It was paid, or came to nothing. */
  | "over"
  /** Nothing more is signed on it. */
  | "halted";

/** A running account as the agent's journal shows it. */
export interface AccountView {
  readonly config: AccountConfig;
  readonly terms: TabTerms;
  readonly state: TabState;
  /** Whether no other has followed it. */
  readonly isNewest: boolean;
  readonly stage: AccountStage;
}

export interface AccountsView {
  /** Those of one agent and token together, the newest first. */
  readonly accounts: readonly AccountView[];
  /** What is open on accounts that are configured no more. */
  readonly left: readonly ParleyError[];
}

/** The running accounts of an agent, by its own journal; the agent must be stopped, since that is for one process. */
export async function viewAccounts(config: AgentConfig): Promise<AccountsView> {
  // To open one that isn't there would make it.
  if (!hasAccountsJournal(config)) throw noAccounts(config);
  const hint =
    "stop the agent meanwhile; while it runs its `account` events tell when an account is opened, closed and paid";
  const journal = openUnlocked(() => openAccountsJournal(config), "the accounts lie", hint);
  try {
    return await readAccounts(config, journal);
  } finally {
    await journal.close();
  }
}

async function readAccounts(config: AgentConfig, journal: Journal): Promise<AccountsView> {
  const { agent, deployment } = config;
  const separator = domainSeparator(settlementDomain(deployment.chainId, deployment.settlement));
  const openings = await readOpenings(journal);
  const accounts: AccountView[] = [];
  const known: Bytes32[] = [];
  for (const one of config.accounts?.with ?? []) {
    const begun = await successionOf(firstTerms(one, agent), separator, journal);
    const first = begun[0]?.[0] as Bytes32;
    const lost = openings.known.has(first) ? (openings.known.get(first) ?? null) : openings.doubt;
    for (const [place, [id, terms]] of [...begun.entries()].reverse()) {
      known.push(id);
      const { state: found } = await replayTab({ terms, agent, separator }, journal);
      const isNewest = place === begun.length - 1;
      const doubt = (await journal.doubt(tabStream(id), "machine"))?.says ?? (isNewest ? lost : null);
      const state = doubt === null ? found : withDoubt(found, `entries of this account may be lost: ${doubt}`);
      accounts.push({ config: one, terms, state, isNewest, stage: isNewest ? stageOf(state, one) : "over" });
    }
  }
  return { accounts, left: await leftBehind(journal, known) };
}

function stageOf(state: TabState, { settleAt }: AccountConfig): AccountStage {
  if (state.halt !== null) return "halted";
  if (isClosed(state)) return balanceOf(state) === 0n ? "over" : "unpaid";
  if (isEnded(state.ours) || isEnded(state.theirs)) return "closing";
  return isDue(state, settleAt) ? "due" : "open";
}

function noAccounts({ accounts, journal }: AgentConfig): ParleyError<"NoAccounts"> {
  const says =
    accounts === null
      ? "the configuration has no `accounts`"
      : journal === ":memory:"
        ? "the journal is in memory, and gone with the agent"
        : `there is no journal ${journal}.accounts yet`;
  return new ParleyError("NoAccounts", `there are no running accounts: ${says}`, {
    hint: "the agent makes its journal when it starts; give the same configuration, in the folder that it runs in",
  });
}
