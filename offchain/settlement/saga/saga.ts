import { wakeAt } from "../../kernel/clock.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { Address } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { DealPosition, Inclusion, Payout } from "../../ports/chain.ts";
import type { Order } from "../../ports/connector.ts";
import { hashDeal } from "../../terms/deal.ts";
import { KEY_LIABILITY_S } from "../claiming.ts";
import { actOnChain } from "./act.ts";
import { decodeFact, encodeFact } from "./fact-codec.ts";
import { type Fact, type Memory, remember, type Undertaking } from "./memory.ts";
import type { RunningSaga, SagaOffice } from "./office.ts";
import type { InDoubt, Outcome } from "./outcome.ts";
import { isConcluding, isForGood, type Plan, planFor, type Receipt } from "./plan.ts";
import type { Task } from "./tasks.ts";

/** Between two tries of what fails, in milliseconds: longer each time. */
const [FIRST_RETRY_MS, LONGEST_RETRY_MS] = [250, 60_000];

/** Between two questions to a system that has no answer yet: longer each time. */
const [FIRST_ASK_MS, LONGEST_ASK_MS] = [250, 5_000];

/** What is waited for where a clearance doesn't say what. */
const LEAVE = "leave to commit it";

/** Refusals that mean only that somebody was faster, or the chain's clock slower, than it looked. */
const RACES: readonly string[] = [
  ...["NegotiationUsed", "StatusMismatch", "DeadlinePassed", "DeadlineNotPassed", "Reverted", "AlreadyReferred"],
  "Displaced",
];

/** One deal on its way from agreement to money, as one side sees to it. */
export class Saga implements RunningSaga {
  readonly #office: SagaOffice;
  #memory: Memory;
  #records: number;
  #wake: () => void = () => undefined;
  /** Something has happened since it last looked at the chain. */
  #hasNews = true;
  #askMs = FIRST_ASK_MS;
  /** The last transaction of ours that was included. */
  #included: Inclusion | null = null;
  #isCommitted = false;
  #isDisputed = false;
  /** What the last try failed of, and what is to be done about it; null where it did not. */
  #trouble: string | null = null;

  private constructor(office: SagaOffice, memory: Memory, records: number) {
    this.#office = office;
    this.#memory = memory;
    this.#records = records;
  }

  /** Takes a deal on, or takes it up again where the journal knows it. */
  static async begin(office: SagaOffice, undertaking: Undertaking): Promise<Saga> {
    const known = await Saga.restore(office, streamOf(undertaking));
    if (known !== null) return known;
    const fact: Fact = { type: "begun", at: office.clock.now(), undertaking };
    await office.journal.append(streamOf(undertaking), 0, encodeFact(fact), "machine");
    return new Saga(office, remember(null, fact), 1);
  }

  /** Brings a settlement back from its journal; null where the stream holds none. */
  static async restore(office: SagaOffice, stream: string): Promise<Saga | null> {
    const records = await office.journal.read(stream);
    let memory: Memory | null = null;
    for (const record of records) memory = remember(memory, decodeFact(record));
    return memory === null ? null : new Saga(office, memory, records.length);
  }

  get memory(): Memory {
    return this.#memory;
  }

  get stream(): string {
    return streamOf(this.#memory.undertaking);
  }

  /** How the deal has ended, or what it waits for. */
  get standing(): Outcome | InDoubt {
    const { outcome, waits } = this.#memory;
    if (outcome !== null) return outcome;
    if (this.#trouble !== null) return { kind: "inDoubt", resolvedBy: this.#trouble, until: null };
    const { reason, until } = waits ?? { reason: "the next look at the chain", until: null };
    return { kind: "inDoubt", resolvedBy: reason, until };
  }

  /** Looks at the chain now: something has happened there, or to what it waits for. */
  wake(): void {
    this.#hasNews = true;
    this.#wake();
  }

  /** Carries the deal to its end. Stopped by `signal`, it goes on from there the next time. */
  async run(signal: AbortSignal): Promise<Outcome> {
    const { deal } = this.#memory.undertaking;
    // All the time, and not only while it rests: what happens in between must not be missed.
    const unwatch = this.#office.history.watch(deal, Number.POSITIVE_INFINITY, () => this.wake());
    try {
      return await this.#carry(signal);
    } finally {
      unwatch();
    }
  }

  async #carry(signal: AbortSignal): Promise<Outcome> {
    for (let failures = 0; this.#memory.outcome === null; ) {
      signal.throwIfAborted();
      try {
        const wait = await this.#step(signal);
        failures = 0;
        this.#trouble = null;
        if (wait !== null) await this.#rest(wait, signal);
      } catch (thrown) {
        signal.throwIfAborted();
        if (!(thrown instanceof ParleyError)) throw thrown;
        if (!RACES.includes(thrown.code)) {
          this.#trouble = thrown.hint === undefined ? thrown.message : `${thrown.message}; ${thrown.hint}`;
          this.#office.onTrouble(this, thrown, !isForGood(thrown.code));
        }
        const ms = Math.min(FIRST_RETRY_MS * 2 ** failures, LONGEST_RETRY_MS);
        await this.#rest({ ms, until: Number.POSITIVE_INFINITY }, signal);
        failures = Math.min(failures + 1, 16);
      }
    }
    return this.#memory.outcome;
  }

  /** Does what is next. Resolves with what has to be waited for then; null where nothing has. */
  async #step(signal: AbortSignal): Promise<Wait | null> {
    const { history, pollMs } = this.#office;
    const { deal, transcript } = this.#memory.undertaking;
    this.#askMs = this.#hasNews ? FIRST_ASK_MS : Math.min(2 * this.#askMs, LONGEST_ASK_MS);
    this.#hasNews = false;
    const position = history.position(deal, transcript, 0);
    const isBehind = this.#included !== null && history.height() < Number(this.#included.block);
    // What we have sent ourselves has to be seen before it can be said what is next.
    if (position === null || isBehind) return { ms: pollMs, until: null };
    await this.#notice(position);
    this.#announce(position);
    const { plan, payout } = await this.#plan(position);
    signal.throwIfAborted();
    if ("end" in plan) {
      await this.#note({ type: "ended", outcome: plan.end });
      return null;
    }
    if ("wait" in plan) {
      await this.#waitFor(plan.wait, plan.until);
      return { ms: pollMs, until: plan.until };
    }
    if (await this.#perform(plan, position, payout)) return null;
    return { ms: Math.min(this.#askMs, pollMs), until: Number.POSITIVE_INFINITY };
  }

  async #waitFor(reason: string, until: number | null): Promise<void> {
    const { waits } = this.#memory;
    if (waits?.reason !== reason || waits.until !== until) await this.#note({ type: "waits", reason, until });
  }

  #announce({ ours, status }: DealPosition): void {
    const { onCommitted, onDisputed } = this.#office;
    if (!this.#isCommitted && ours && status !== "Declared" && status !== "Defaulted") {
      this.#isCommitted = true;
      onCommitted?.(this);
    }
    if (this.#isDisputed || !ours || status !== "Disputed") return;
    this.#isDisputed = true;
    onDisputed?.(this);
  }

  async #plan(position: DealPosition, depth = 0): Promise<{ plan: Plan; payout: Payout | null }> {
    const { history, policy, finalDepth } = this.#office;
    const { deal, transcript } = this.#memory.undertaking;
    const payout = position.status === "Settled" && position.ours ? history.payout(hashDeal(deal), depth) : null;
    const receipt = await this.#receipt();
    const claimCost = receipt === null ? null : await this.#claimCost(deal.token);
    const plan = planFor({ memory: this.#memory, position, payout, policy, receipt, claimCost });
    if (!isConcluding(plan) || depth === finalDepth) return { plan, payout };
    const deep = history.position(deal, transcript, finalDepth);
    const confirmed = deep === null ? null : await this.#plan(deep, finalDepth);
    if (confirmed !== null && isConcluding(confirmed.plan)) return confirmed;
    return { plan: { wait: "its last block to be final", until: null }, payout };
  }

  /** Resolves with whether it had an effect; what has none yet is asked again. */
  async #perform({ do: task, by }: Doing, { now: chainTime }: DealPosition, payout: Payout | null): Promise<boolean> {
    const { supply, intake, rate, onDone } = this.#office;
    const order = this.#order();
    let inclusion: Inclusion | null = null;
    switch (task) {
      case "clear": {
        const verdict = await this.#clear(order);
        if (verdict === "pending" || (verdict !== null && "waitsFor" in verdict)) {
          await this.#waitFor(verdict === "pending" ? LEAVE : verdict.waitsFor, by);
          return false;
        }
        await this.#note({ type: "cleared", rejection: verdict, chainTime });
        break;
      }
      case "produce": {
        const evidence = (await supply?.deliver(order)) ?? null;
        if (evidence === null) return false;
        await this.#note({ type: "produced", evidence });
        break;
      }
      case "inspect": {
        const finding = (await intake?.inspect(order)) ?? null;
        if (finding === null) return false;
        await this.#note({ type: "found", finding });
        break;
      }
      case "release":
        await supply?.release(order);
        await this.#note({ type: "released" });
        break;
      case "rate":
        if (payout !== null) await rate?.(order, payout);
        await this.#note({ type: "rated" });
        break;
      default:
        inclusion = await this.#act(task);
        // Known from before, and not to be seen on the chain: a reorganisation has taken it, and it is on its way again.
        if (inclusion === null || inclusion.transaction === this.#included?.transaction) return false;
        this.#included = inclusion;
    }
    onDone(this, task, inclusion);
    return true;
  }

  async #clear(order: Order) {
    const { clearances, supply } = this.#office;
    for (const clearance of clearances) {
      const verdict = await clearance.clear(order);
      if (verdict !== null) return verdict;
    }
    return this.#memory.undertaking.role === "seller" ? ((await supply?.reserve(order)) ?? null) : null;
  }

  async #act(task: Task): Promise<Inclusion | null> {
    try {
      return await actOnChain(task, this, this.#office);
    } catch (thrown) {
      const isNew = this.#memory.refused?.task !== task || this.#memory.refused.code !== (thrown as ParleyError).code;
      if (thrown instanceof ParleyError && !thrown.retryable && !RACES.includes(thrown.code) && isNew) {
        await this.#note({ type: "refused", task, code: thrown.code });
      }
      throw thrown;
    }
  }

  /** It only helps to choose the time: where it can't be asked, the receipt is claimed all the same. */
  async #claimCost(token: Address): Promise<Amount | null> {
    try {
      return (await this.#office.claimCost?.(token)) ?? null;
    } catch {
      return null;
    }
  }

  /** What the newest receipt is worth. Once the buyer has revoked its keys, a day of that is left at most: it counts as over by now. */
  async #receipt(): Promise<Receipt | null> {
    const { chain, history, receipt } = this.#office;
    const proof = receipt?.(this) ?? null;
    if (proof === null || proof.message.body.kind !== "RECEIPT") return null;
    const { key } = proof.certificate;
    const { epoch } = await chain.authority(key.agent);
    const now = history.time(0) ?? 0;
    const until = epoch === key.epoch ? key.notAfter + KEY_LIABILITY_S : now + KEY_LIABILITY_S / 24;
    return { total: proof.message.body.total, until };
  }

  /** Who declared the deal stands in its record only as long as it is declared. */
  async #notice({ status, declaration }: DealPosition): Promise<void> {
    if (this.#memory.declarer !== null) return;
    if (declaration !== null) await this.#note({ type: "declared", by: declaration.declarer });
    if (status !== "Defaulted") return;
    const { deal } = this.#memory.undertaking;
    const culprit = this.#office.history.atFault(hashDeal(deal));
    if (culprit === null) return;
    await this.#note({ type: "declared", by: culprit === deal.buyer ? deal.seller : deal.buyer });
  }

  async #note(fact: Fact): Promise<void> {
    // What a power failure takes is found out again: the chain tells of acts, and other systems do nothing twice.
    await this.#office.journal.append(this.stream, this.#records, encodeFact(fact), "process");
    this.#records++;
    this.#memory = remember(this.#memory, fact);
  }

  #order(): Order {
    const { deal, transcript, terms } = this.#memory.undertaking;
    return { id: this.stream, deal, dealHash: hashDeal(deal), transcript, terms };
  }

  /** Until then, or until there is news. */
  async #rest({ ms, until }: Wait, signal: AbortSignal): Promise<void> {
    const { clock, history } = this.#office;
    if (this.#hasNews) return;
    const unwatch = history.watch(this.#memory.undertaking.deal, until, () => this.wake());
    await wakeAt(clock, clock.now() + ms, signal, (wake) => {
      this.#wake = wake;
    });
    unwatch();
  }
}

/** For how long there is nothing to do, if nothing is heard of meanwhile; `until` is of the chain's clock, as for `History.watch`. */
interface Wait {
  readonly ms: number;
  readonly until: number | null;
}

type Doing = Extract<Plan, { readonly do: Task }>;

/** Names a deal's settlement: its stream in the journal, and its id wherever something is asked for it. */
export function streamOf({ deal, transcript }: Pick<Undertaking, "deal" | "transcript">): string {
  return `settlement:${hashDeal(deal)}:${transcript}`;
}
