import type { Inclusion } from "../../ports/chain.ts";
import type { RunningSaga, SagaOffice, Statement } from "./office.ts";
import type { Task } from "./tasks.ts";

/**
 * A task is only done where the newest block is known, and whether a deal can be delivered or accepted depends on its own record, and on whose the
 * wallet is. Where that has changed since, gas is lost once: after one that reverted the next is tried first.
 */
const BY_EVENTS = { isSure: true } as const;

/** Does a task that is a transaction. Null where there is nothing to send, as what it needs isn't there. */
export async function actOnChain(task: Task, saga: RunningSaga, office: SagaOffice): Promise<Inclusion | null> {
  const { chain, remedies, policy, onProduced } = office;
  const { undertaking, evidence, finding } = saga.memory;
  const { deal, transcript, proofs } = undertaking;
  const stated = async (usual: Statement) => (await office.stating?.(saga, usual)) ?? usual;
  switch (task) {
    case "commit":
      return proofs && chain.commit(deal, proofs);
    case "declare":
      return proofs && remedies.commitOrDeclare(deal, proofs);
    case "cure":
    case "penalise":
    case "refer":
    case "execute":
    case "lapse":
      return remedies[task](deal, transcript);
    case "accept":
      return chain.accept(deal, transcript, BY_EVENTS);
    case "claim":
    case "refund":
      return chain[task](deal, transcript);
    case "collect":
    case "close": {
      const receipt = office.receipt?.(saga) ?? null;
      return receipt && chain.claimReceipt(deal, transcript, receipt, task === "close");
    }
    case "deliver":
      if (evidence === null) return null;
      await onProduced?.(saga, evidence);
      return chain.deliver(deal, transcript, evidence, BY_EVENTS);
    case "dispute": {
      if (finding === null || finding.good) return null;
      const said = await stated({ share: finding.share, evidence: finding.evidence });
      return remedies.dispute(deal, transcript, said.share, said.evidence);
    }
    case "answer": {
      const said = await stated({ share: policy.defendedShare, evidence: evidence ?? transcript });
      return remedies.answer(deal, transcript, said.share, said.evidence);
    }
    default:
      return null;
  }
}
