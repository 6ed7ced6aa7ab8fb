import { join } from "node:path";
import { BatchRelay } from "../../offchain/adapters/chain/batch-relay.ts";
import { Litigant } from "../../offchain/adapters/chain/litigant.ts";
import { connectRpc } from "../../offchain/adapters/chain/rpc.ts";
import { Sender } from "../../offchain/adapters/chain/sender.ts";
import { SettlementChain } from "../../offchain/adapters/chain/settlement.ts";
import { SqliteJournal } from "../../offchain/adapters/journal/sqlite/journal.ts";
import type { Bytes32 } from "../../offchain/kernel/ids.ts";
import { openChainView } from "../../offchain/node/chain-view.ts";
import { SystemClock } from "../../offchain/node/clock.ts";
import type { Deployment, Inclusion } from "../../offchain/ports/chain.ts";
import type { RunningSaga, SagaOffice } from "../../offchain/settlement/saga/office.ts";
import { USUAL_POLICY } from "../../offchain/settlement/saga/plan.ts";
import { Saga } from "../../offchain/settlement/saga/saga.ts";
import type { Task } from "../../offchain/settlement/saga/tasks.ts";
import type { Role } from "../../offchain/terms/proposal.ts";
import { type Agreement, EVIDENCE } from "../../scripts/lib/scenario/stage.ts";

export interface SideOptions {
  readonly url: string;
  readonly deployment: Deployment;
  readonly role: Role;
  readonly wallet: Bytes32;
  readonly folder: string;
  /** Most commitments that go together; null where each goes by itself. */
  readonly batch: number | null;
}

/** One side as an agent runs it: its own key, journal and view of the chain. */
export interface Side {
  /** Carries a deal to its end; `onCommitted` is told once it is known to be on the chain. Resolves with the gas that it took. */
  settle(agreement: Agreement, onCommitted?: () => void): Promise<bigint>;
  stop(): Promise<void>;
}

export async function openSide({ url, deployment, role, wallet, folder, batch }: SideOptions): Promise<Side> {
  const rpc = await connectRpc(url);
  const clock = new SystemClock();
  const journal = new SqliteJournal(join(folder, `${role}.sqlite`));
  const sender = new Sender(rpc, wallet, { journal, onTrouble: fail });
  const view = await openChainView({
    ...{ rpc, deployment, journal, clock, live: null, pollMs: 20, onTrouble: fail, onLost: fail },
  });
  const relay = batch === null ? null : new BatchRelay(rpc, sender, deployment, clock, { most: batch, waitMs: 20 });
  const common = {
    chain: new SettlementChain(rpc, sender, deployment, relay),
    history: view.deals,
    remedies: new Litigant(rpc, sender, deployment),
    ...{ clock, journal, policy: { ...USUAL_POLICY, leaveCommitS: 3_000 }, clearances: [] },
    supply: { reserve: async () => null, deliver: async () => EVIDENCE, release: async () => undefined },
    intake: { inspect: async () => ({ good: true }) as const },
    ...{ rate: null, finalDepth: 0, pollMs: 30_000 },
    onTrouble: (_saga: RunningSaga, error: Error) => fail(error),
  };
  return {
    settle: async (agreement, onCommitted = () => undefined) => {
      let gas = 0n;
      const onDone = (_saga: RunningSaga, _task: Task, inclusion: Inclusion | null) => {
        gas += inclusion?.gasUsed ?? 0n;
      };
      const office: SagaOffice = { ...common, onCommitted, onDone };
      const saga = await Saga.begin(office, { role, ...agreement, terms: null });
      const outcome = await saga.run(new AbortController().signal);
      if (outcome.kind !== "settled") throw new Error(`a deal was ${outcome.kind}`);
      return gas;
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
