import { join } from "node:path";
import { BatchRelay } from "../../offchain/adapters/chain/batch-relay.ts";
import { Litigant } from "../../offchain/adapters/chain/litigant.ts";
import { Sender } from "../../offchain/adapters/chain/sender.ts";
import { SettlementChain } from "../../offchain/adapters/chain/settlement.ts";
import { SqliteJournal } from "../../offchain/adapters/journal/sqlite/journal.ts";
import { openChainView } from "../../offchain/node/chain-view.ts";
import { SystemClock } from "../../offchain/node/clock.ts";
import type { Participant } from "../../offchain/node/principal.ts";
import type { Inclusion } from "../../offchain/ports/chain.ts";
import type { RunningSaga, SagaOffice } from "../../offchain/settlement/saga/office.ts";
import { USUAL_POLICY } from "../../offchain/settlement/saga/plan.ts";
import { Saga } from "../../offchain/settlement/saga/saga.ts";
import type { Task } from "../../offchain/settlement/saga/tasks.ts";
import type { Role } from "../../offchain/terms/proposal.ts";
import { type Agreement, EVIDENCE, type Stage } from "../../scripts/lib/scenario/stage.ts";

/** One side as an agent runs it: its own key, journal and view of the chain. */
export interface Side {
  /** Gas of all that it has sent. */
  readonly gas: bigint;
  /** Carries a deal to its end; `onCommitted` is told once it is known to be on the chain. */
  settle(agreement: Agreement, onCommitted?: () => void): Promise<void>;
  stop(): Promise<void>;
}

export async function openSide(stage: Stage, role: Role, folder: string, batch: number | null): Promise<Side> {
  const { rpc, rehearsal } = stage;
  const { deployment } = rehearsal;
  const participant: Participant = stage[role];
  const clock = new SystemClock();
  const journal = new SqliteJournal(join(folder, `${role}.sqlite`));
  const sender = new Sender(rpc, participant.wallet, { journal, onTrouble: fail });
  const view = await openChainView({
    ...{ rpc, deployment, journal, clock, live: null, pollMs: 20, onTrouble: fail, onLost: fail },
  });
  const relay = batch === null ? null : new BatchRelay(rpc, sender, deployment, clock, { most: batch, waitMs: 20 });
  let gas = 0n;
  const common = {
    chain: new SettlementChain(rpc, sender, deployment, relay),
    history: view.deals,
    remedies: new Litigant(rpc, sender, deployment),
    ...{ clock, journal, policy: { ...USUAL_POLICY, leaveCommitS: 3_000 }, clearances: [] },
    supply: { reserve: async () => null, deliver: async () => EVIDENCE, release: async () => undefined },
    intake: { inspect: async () => ({ good: true }) as const },
    ...{ rate: null, finalDepth: 0, pollMs: 30_000 },
    onDone: (_saga: RunningSaga, _task: Task, inclusion: Inclusion | null) => {
      gas += inclusion?.gasUsed ?? 0n;
    },
    onTrouble: (_saga: RunningSaga, error: Error) => fail(error),
  };
  return {
    get gas() {
      return gas;
    },
    settle: async (agreement, onCommitted = () => undefined) => {
      const office: SagaOffice = { ...common, onCommitted };
      const saga = await Saga.begin(office, { role, ...agreement, terms: null });
      const outcome = await saga.run(new AbortController().signal);
      if (outcome.kind !== "settled") throw new Error(`a deal was ${outcome.kind}`);
    },
    stop: async () => {
      await view.stop();
      await sender.stop();
      await journal.close();
    },
  };
}

/** Nothing stands in the way here: whatever does would make the figures those of something else. */
function fail(error: Error): void {
  console.error(error);
}
