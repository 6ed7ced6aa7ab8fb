// One sequence: the model and the contract side by side, compared after each step.
import { expect } from "chai";
import { type LogDescription, toQuantity } from "ethers";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { Status } from "../fixtures/enums.ts";
import type { Deal } from "../typedData.ts";
import type { Chain } from "./chain.ts";
import { load } from "./chain.ts";
import { fingerprint, type Matter } from "./deals.ts";
import { Malice } from "./disputes.ts";
import { Invariants } from "./invariants.ts";
import type { Approval } from "./mandates.ts";
import type { Plan } from "./plan.ts";
import { attempt, type Entry, type Failure, type Payout, type State } from "./state.ts";
import type { Tally } from "./tally.ts";
import type { Tape } from "./tape.ts";
import { Reader, type Readings, viewsOf } from "./views.ts";

const GAS = toQuantity(12_000_000);

/** Errors about signatures, which a preview takes as good. */
const OF_SIGNATURES = new Set([
  "WrongEpoch",
  "CertificateNotYetValid",
  "CertificateExpired",
  "BadCertificate",
  "BadWalletSignature",
]);

type Choice = () => bigint;
const MOSTLY_AFTER = (around: Choice, soon: Choice, later: Choice) => [around, around, around, around, soon, later];
const MOSTLY_BEFORE = (around: Choice, soon: Choice, later: Choice) => [
  ...Array<Choice>(20).fill(soon),
  ...Array<Choice>(4).fill(around),
  later,
];

/** What the real transaction did. */
export interface Happened {
  error: string | undefined;
  logs: LogDescription[];
}

export class Run {
  readonly chain: Chain;
  readonly tally: Tally;
  state: State;
  /** The second of the step being planned. */
  now: bigint;
  /** Deals that were drawn up, whether or not they were ever committed. */
  readonly matters: Matter[] = [];
  readonly approvals: { approver: string; approval: Approval }[] = [];
  /** What was done, in words. */
  readonly history: string[] = [];
  #invariants: Invariants;
  #reader: Reader;
  #readings: Readings = new Map();
  #serial = 0;

  private constructor(chain: Chain, state: State, tally: Tally) {
    this.chain = chain;
    this.state = state;
    this.tally = tally;
    this.now = state.now;
    this.#reader = new Reader(chain);
    this.#invariants = new Invariants(chain);
  }

  static async start(tally: Tally): Promise<Run> {
    const { chain, state } = await load();
    const run = new Run(chain, state, tally);
    run.#readings = await run.#compare("at the start", [], 0n);
    return run;
  }

  /** A number that no other thing of this run has. */
  serial(): number {
    this.#serial += 1;
    return this.#serial;
  }

  /** Chooses the second of the next step: soon, or around a deadline, before or after which it would best be. */
  at(tape: Tape, side: "before" | "after" = "before", deadline?: bigint): bigint {
    const soon = () => this.state.now + tape.pick([1n, 7n, 60n, 600n]);
    const later = () => this.state.now + tape.pick([3_600n, 20_000n, 86_400n, 200_000n]);
    const offsets = side === "after" ? [1n, 1n, 2n, 0n] : [0n, -1n, 1n];
    const around = () => (deadline === undefined ? soon() : deadline + tape.pick(offsets));
    const choices = side === "after" ? MOSTLY_AFTER(around, soon, later) : MOSTLY_BEFORE(around, soon, later);
    const chosen = tape.pick(choices)();
    this.now = chosen > this.state.now ? chosen : this.state.now + 1n;
    return this.now;
  }

  /** Entries of these states. */
  entries(...statuses: bigint[]): Entry[] {
    return [...this.state.entries.values()].filter(({ status }) => statuses.includes(status));
  }

  matterOf(entry: Entry): Matter {
    const matter = this.matters.find(
      (each) => each.deal.terms === entry.deal.terms && fingerprint(each) === entry.fingerprint,
    );
    if (!matter) throw new Error("an entry of no matter");
    return matter;
  }

  /** Sends the planned transaction, asks the model for its opinion first, and compares all there is to see. */
  async take(plan: Plan): Promise<{ failure: Failure | undefined }> {
    const outcome = attempt(this.state, this.now, plan.model);
    const failure = "error" in outcome ? outcome : undefined;
    const told = `${plan.name} at ${this.now}${failure ? ` (${failure.error})` : ""}`;

    this.history.push(`${told} by ${plan.from} of ${plan.matter?.deal.terms ?? plan.data.slice(0, 10)}`);

    await networkHelpers.time.setNextBlockTimestamp(this.now);
    const preview = await this.#preview(plan);
    const happened = await this.#send(plan);
    this.tally.count(plan.name, failure?.error);
    expect(this.#named(happened.error), told).to.equal(failure ? this.#named(this.#encode(failure)) : undefined);
    if (preview) this.#checkPreview(plan, preview, happened, failure);
    if (!failure && "state" in outcome) this.#checkPayout(plan, outcome.payout, happened);

    this.state = "state" in outcome ? outcome.state : { ...this.state, now: this.now };
    const before = this.#readings;
    const deals = plan.deals ?? (plan.matter ? [plan.matter.deal] : []);
    this.#readings = await this.#compare(told, deals, plan.preview?.amount ?? 1n);
    this.#invariants.check({ plan, told, before, after: this.#readings, happened, state: this.state });
    return { failure };
  }

  async #compare(told: string, deals: readonly Deal[], exposure: bigint): Promise<Readings> {
    const approvals = this.approvals.slice(-2);
    const views = viewsOf(this.state, this.chain, { deals, exposure, approvals });
    const readings = await this.#reader.read(views);
    for (const { name, expected } of views) {
      const actual = readings.get(name);
      const text = actual === undefined ? undefined : `${actual}`;
      if (text !== expected) expect(text, `${name} after ${told}`).to.equal(expected);
    }
    return readings;
  }

  async #send({ from, to, data, value = 0n }: Plan): Promise<Happened> {
    try {
      const hash = await ethers.provider.send("eth_sendTransaction", [
        { from, to, data, value: toQuantity(value), gas: GAS },
      ]);
      const receipt = await ethers.provider.send("eth_getTransactionReceipt", [hash]);
      return { error: undefined, logs: this.#logs(receipt.logs) };
    } catch (thrown) {
      if (!(thrown instanceof Error && "data" in thrown && typeof thrown.data === "string")) throw thrown;
      return { error: thrown.data, logs: [] };
    }
  }

  #logs(logs: { address: string; topics: string[]; data: string }[]): LogDescription[] {
    const { settlement, address } = this.chain;
    return logs
      .filter(({ address: by }) => by.toLowerCase() === address.settlement.toLowerCase())
      .map((log) => settlement.interface.parseLog(log))
      .filter((log) => log !== null);
  }

  #encode({ error, args }: Failure): string {
    if (error === "") return "0x";
    const encoded = args.map((arg) => (isFailure(arg) ? this.#encode(arg) : arg));
    return this.chain.errors.encodeErrorResult(error, encoded);
  }

  /** An error with its name in front of its bytes, for whoever reads that two differ. */
  #named(data: string | undefined): string | undefined {
    if (data === undefined) return undefined;
    const parsed = data === "0x" ? null : this.chain.errors.parseError(data);
    return `${parsed?.name ?? "?"}(${parsed?.args ?? ""}) ${data}`;
  }

  async #preview({ matter, preview }: Plan) {
    if (!matter || !preview) return undefined;
    const { lens } = this.chain;
    const { act, by, amount } = preview;
    return await lens.preview(act, matter.deal, matter.transcript, by, amount, { blockTag: "pending" });
  }

  /** What was previewed is what happened, save what no view can tell: signatures, and an arbitrator's malice. */
  #checkPreview(
    { name, matter }: Plan,
    [passes, reason, toBuyer, toSeller]: readonly [boolean, string, bigint, bigint],
    { error, logs }: Happened,
    failure: Failure | undefined,
  ): void {
    if (failure && OF_SIGNATURES.has(failure.error)) return;
    const arbitrator = this.state.arbitrators.get(matter?.deal.arbitrator ?? "");
    const isUnforeseen = passes && arbitrator?.malice !== Malice.None;
    if (name === "refer" && isUnforeseen && failure) return;
    expect(this.#named(passes ? undefined : reason), `preview of ${name}`).to.equal(this.#named(error));
    expect([toBuyer, toSeller], `preview of what ${name} pays`).to.deep.equal(paidIn(logs, matter?.deal));
    this.tally.previewed += 1;
  }

  /** What the model pays is what the event says. */
  #checkPayout({ name, matter }: Plan, payout: Payout | undefined, { logs }: Happened): void {
    const settled = logs.find((log) => log.name === "Settled");
    if (!settled) return;
    expect([payout?.toBuyer, payout?.toSeller], `payout of ${name}`).to.deep.equal(paidIn(logs, matter?.deal));
  }

  /** The whole sequence, for whoever has to find out why it failed. */
  story(): string {
    return ["After", ...this.history].join("\n  ");
  }

  /** Whether nothing is open any more. */
  isOver(): boolean {
    return this.entries(Status.Committed, Status.Delivered, Status.Disputed, Status.Declared).length === 0;
  }
}

/** What an ended deal paid from escrow, by its events. */
function paidIn(logs: readonly LogDescription[], deal: Deal | undefined): [bigint, bigint] {
  for (const { name, args } of logs) {
    if (name === "Settled") return [args["toBuyer"], args["toSeller"]];
    if (name === "Defaulted") return args["agent"] === deal?.seller ? [args["returned"], 0n] : [0n, args["returned"]];
  }
  return [0n, 0n];
}

function isFailure(arg: unknown): arg is Failure {
  return typeof arg === "object" && arg !== null && "error" in arg && "args" in arg;
}
