import type { Clock } from "../../kernel/clock.ts";
import type { ParleyError } from "../../kernel/errors.ts";
import type { Address, Bytes32 } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { Chain, Inclusion, Payout, Remedies, SessionProof } from "../../ports/chain.ts";
import type { Clearance } from "../../ports/clearance.ts";
import type { Intake, Order, Supply } from "../../ports/connector.ts";
import type { Journal } from "../../ports/journal.ts";
import type { History } from "../history.ts";
import type { Memory } from "./memory.ts";
import type { Policy } from "./plan.ts";
import type { Task } from "./tasks.ts";

/** A settlement, for whoever it tells of itself. */
export interface RunningSaga {
  /** Its stream in the journal, and its id wherever something is asked for it. */
  readonly stream: string;
  readonly memory: Memory;
}

/** What all settlements of one agent share. */
export interface SagaOffice {
  readonly chain: Chain;
  readonly history: History;
  readonly remedies: Remedies;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly policy: Policy;
  /** Asked in this order before money is committed. */
  readonly clearances: readonly Clearance[];
  readonly supply: Supply | null;
  readonly intake: Intake | null;
  /** The newest RECEIPT of the buyer; for sellers. */
  readonly receipt?: (saga: RunningSaga) => SessionProof | null;
  /** What claiming a receipt costs at present, in a token; null where that can't be told. */
  readonly claimCost?: (token: Address) => Promise<Amount | null>;
  /** Gives the other side its rating. */
  readonly rate: ((order: Order, outcome: Payout) => Promise<void>) | null;
  /** Blocks after which no reorganisation takes back what a block holds: a deal is over only then. */
  readonly finalDepth: number;
  /** Most milliseconds between two looks at the chain, where nothing is heard of it meanwhile. */
  readonly pollMs: number;
  /** Told of each task that had its effect; of an act on the chain with its inclusion. */
  readonly onDone: (saga: RunningSaga, task: Task, inclusion: Inclusion | null) => void;
  /** Asked to tell the other side of a delivery before it is recorded on the chain. */
  readonly onProduced?: (saga: RunningSaga, evidence: Bytes32) => Promise<void>;
  /** Told once it is known that the deal is on the chain, whoever brought it there. */
  readonly onCommitted?: (saga: RunningSaga) => void;
  /** Asked before a dispute is opened or answered: what is stated then in place of the usual. What shows it has to lie ready. */
  readonly stating?: (saga: RunningSaga, usual: Statement) => Promise<Statement>;
  /** Told once it is seen that the deal is in dispute. */
  readonly onDisputed?: (saga: RunningSaga) => void;
  /** Told of what stood in the way, and whether it is tried again. */
  readonly onTrouble: (saga: RunningSaga, error: ParleyError, retried: boolean) => void;
}

/** What one side states in a dispute. */
export interface Statement {
  /** The seller's part of the price, in basis points. */
  readonly share: number;
  /** Hash of what shows it. */
  readonly evidence: Bytes32;
}
