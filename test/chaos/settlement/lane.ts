import { setTimeout as pause } from "node:timers/promises";
import { Litigant } from "../../../offchain/adapters/chain/litigant.ts";
import { Operator } from "../../../offchain/adapters/chain/operator.ts";
import { utf8 } from "../../../offchain/kernel/bytes.ts";
import { messageOf } from "../../../offchain/kernel/errors.ts";
import type { ForeignArbitrator } from "../../../offchain/node/principal.ts";
import type { SessionProof } from "../../../offchain/ports/chain.ts";
import type { Finding } from "../../../offchain/ports/connector.ts";
import { hashDeal } from "../../../offchain/terms/deal.ts";
import {
  type Agreement,
  type Conduct,
  type Diary,
  EVIDENCE,
  type Settled,
  Stage,
} from "../../../scripts/lib/scenario/stage.ts";
import { type Anvil, startAnvil } from "../../e2e/anvil.ts";
import { Life } from "./life.ts";
import { FINAL_DEPTH, type Plan, ROLES } from "./plan.ts";

/** What came of one plan. */
export interface Run {
  readonly seed: number;
  readonly plot: Plan["plot"];
  readonly outcome: string;
  readonly deaths: number;
  readonly reorgs: number;
  /** What must not be; empty where all is well. */
  readonly wrong: readonly string[];
}

type Role = (typeof ROLES)[number];

const BAD: Finding = { good: false, share: 2_500, evidence: EVIDENCE, note: "half of it is missing" };

/** The chain's clock moves on once nothing has happened for so long. */
const IDLE_MS = 600;

/** No deal takes longer than this here; one that does is stuck. */
const LONGEST_MS = 60_000;

/** What a side that falls silent does last. */
const SILENT_AFTER = { buyer: "commit", seller: "clear" } as const;

/** In which a block that was begun is made. */
const QUIET_MS = 20;

const FEE = 10n ** 13n;

/** ERC-792's choices are numbered from 1; those after the first two are shares in basis points. */
const FIRST_SHARE = 3n;

/** A chain on which deals are settled, one after the other. */
export class Lane {
  readonly #anvil: Anvil;
  readonly #stage: Stage;
  readonly #arbitrator: ForeignArbitrator;
  readonly #cast: Stage[] = [];
  #disputes = 0n;

  private constructor(anvil: Anvil, stage: Stage, arbitrator: ForeignArbitrator) {
    [this.#anvil, this.#stage, this.#arbitrator] = [anvil, stage, arbitrator];
  }

  static async open(): Promise<Lane> {
    const anvil = await startAnvil("--slots-in-an-epoch", "1");
    const stage = await Stage.prepare(anvil.url);
    return new Lane(anvil, stage, await stage.rehearsal.openForeignArbitrator(FEE));
  }

  async run(plan: Plan): Promise<Run> {
    const poor = plan.plot === "poor" || plan.plot === "broke";
    const stage = await this.#stage.recast(poor ? { buyerFunds: 20n, buyerLimit: 1_000n } : {});
    this.#cast.push(stage);
    const before = await this.#sums(stage);
    const agreement = await this.#agree(stage, plan);
    // What was prepared is not part of the story, and no reorganisation is to reach it.
    await this.#request("anvil_mine", `0x${(FINAL_DEPTH + 1).toString(16)}`);
    const ended = new AbortController();
    const story = {
      plan,
      stage,
      agreement,
      done: 0,
      reorgs: 0,
      diaries: { buyer: stage.diary(), seller: stage.diary() },
    };
    const heaven = this.#befall(story, ended.signal);
    const wrong: string[] = [];
    let outcomes: readonly (Settled | null)[] = [];
    try {
      const living = Promise.all(ROLES.map((role) => this.#live(role, story, ended.signal)));
      outcomes = await Promise.race([living, late(ended.signal)]);
    } catch (thrown) {
      wrong.push(messageOf(thrown));
      for (const role of ROLES) wrong.push(`${role}: ${await lastOf(story.diaries[role])}`);
    } finally {
      ended.abort();
      const fallen = heaven.then(
        () => null,
        (thrown: unknown) => `heaven: ${messageOf(thrown)}`,
      );
      const fate = await Promise.race([fallen, pause(5_000, "heaven never ended")]);
      if (fate !== null) wrong.push(fate);
      stage.stop();
    }
    wrong.push(...(await this.#judge(story, outcomes, before)));
    const outcome = outcomes.map(told).find((one) => one !== "silent") ?? "nothing";
    const deaths = plan.deaths.buyer.length + plan.deaths.seller.length;
    return { seed: plan.seed, plot: plan.plot, outcome, deaths, reorgs: story.reorgs, wrong };
  }

  /** After all that, every token can be taken out by its owner: what stays behind is what was burnt. */
  async close(): Promise<readonly string[]> {
    try {
      const { rehearsal, rpc } = this.#stage;
      const { deployment, token, chain } = rehearsal;
      const everybody = [this.#stage, ...this.#cast].flatMap((stage) =>
        [stage.buyer, stage.seller].map((participant) => ({ participant, sender: stage.sender(participant) })),
      );
      for (const { participant, sender } of everybody) {
        const owner = new Operator(rpc, sender);
        const staked = await chain.staked(participant.agent, token);
        if (staked > 0n) await owner.unstake(deployment, participant.agent, token, staked);
      }
      await rehearsal.passTime(7 * 86_400 + 2);
      for (const { participant, sender } of everybody) {
        const { agent } = participant;
        const owner = new Operator(rpc, sender);
        const { leaving } = await new Litigant(rpc, sender, deployment).stakeOf(agent, token);
        if (leaving > 0n) await owner.release(deployment, agent, token);
        await owner.withdraw(deployment, agent, token, owner.address, await chain.free(agent, token));
      }
      const { held, burnt } = await new Litigant(rpc, everybody[0]?.sender ?? missing(), deployment).solvency(token);
      return held === burnt ? [] : [`${held - burnt} tokens are stuck`];
    } finally {
      this.#stage.stop();
      await this.#anvil.stop();
    }
  }

  /** One side, in as many processes as its plan gives it. */
  async #live(role: Role, story: Story, signal: AbortSignal): Promise<Settled | null> {
    const { plan, stage, agreement } = story;
    const diary = story.diaries[role];
    const deaths: readonly (Plan["deaths"][Role][number] | null)[] = [...plan.deaths[role], null];
    for (const [number, death] of deaths.entries()) {
      signal.throwIfAborted();
      const life = await Life.begin(this.#anvil.url, diary.journal, plan.weather, death, plan.seed * 100 + number);
      try {
        const conduct = { ...conductOf(role, story), rpc: life.rpc, finalDepth: FINAL_DEPTH };
        const isSilent = plan.plot === (role === "buyer" ? "silentBuyer" : "silentSeller");
        const settling = stage.settle(
          role,
          agreement,
          { ...diary, journal: life.journal },
          conduct,
          (task) => {
            story.done++;
            return isSilent && task === SILENT_AFTER[role];
          },
          life.dying,
        );
        const outcome = await Promise.race([settling, aborted(life.dying.signal)]);
        if (outcome !== "died") return outcome;
        if (isSilent && diary.tasks.includes(SILENT_AFTER[role])) return null;
      } finally {
        await life.end();
      }
    }
    return "died";
  }

  /** Time, reorganisations, fees, and whoever else carries what anybody may. */
  async #befall(story: Story, signal: AbortSignal): Promise<void> {
    const { plan, stage, agreement } = story;
    const begin = performance.now();
    const due = [
      ...plan.reorgs.map(({ atMs, depth }) => ({
        atMs,
        act: () => this.#reorganise(story, depth),
      })),
      ...plan.feeSpikes.map(({ atMs, times }) => ({ atMs, act: () => this.#spike(times) })),
    ].sort((one, other) => one.atMs - other.atMs);
    const { chain } = stage.rehearsal;
    const { deal, transcript, proofs } = agreement;
    let [done, idleSince, leap] = [-1, performance.now(), 0];
    while (!signal.aborted) {
      await pause(25);
      while (due[0] !== undefined && performance.now() - begin > due[0].atMs) await due.shift()?.act();
      if (plan.hasRacer) {
        const any = [chain.commit(deal, proofs), chain.refund(deal, transcript), chain.claim(deal, transcript)];
        await Promise.allSettled(any);
      }
      if (plan.plot === "bad") await this.#rule(plan.share);
      if (story.done !== done) [done, idleSince] = [story.done, performance.now()];
      if (performance.now() - idleSince < IDLE_MS) continue;
      await stage.rehearsal.passTime(plan.leaps[leap++ % plan.leaps.length] ?? 60, FINAL_DEPTH + 1);
      if (plan.plot === "poor" && leap === 2) await stage.rehearsal.fund(stage.buyer, 1_000n);
      idleSince = performance.now();
    }
  }

  async #rule(share: number): Promise<void> {
    const ruled = await this.#arbitrator.rule(this.#disputes, FIRST_SHARE + BigInt(share)).then(
      () => true,
      () => false,
    );
    if (ruled) this.#disputes++;
  }

  async #reorganise(story: Story, depth: number): Promise<void> {
    // What anvil puts into a block while it takes others back keeps its receipt, and loses its effect.
    await this.#request("evm_setAutomine", false);
    await pause(QUIET_MS);
    await this.#request("anvil_reorg", depth, []);
    await this.#request("evm_setAutomine", true);
    await this.#request("anvil_mine", "0x1");
    story.reorgs++;
  }

  async #spike(times: number): Promise<void> {
    const { baseFeePerGas } = await this.#stage.rpc.reads.getBlock();
    await this.#request("anvil_setNextBlockBaseFeePerGas", `0x${((baseFeePerGas ?? 1n) * BigInt(times)).toString(16)}`);
    await this.#request("anvil_mine", "0x1");
  }

  #agree(stage: Stage, { plot }: Plan): Promise<Agreement> {
    if (plot === "metered") return stage.agree({ price: 1_000n, reviewPeriod: 0 });
    if (plot === "poor" || plot === "broke") return stage.agree({ price: 500n, buyerBond: 20n });
    if (plot !== "bad" && plot !== "badUnruled") return stage.agree();
    return stage.agree({ arbitrator: this.#arbitrator.address, maxFee: FEE, rulingWithin: 86_400, lapseShare: 5_000 });
  }

  async #judge({ stage, agreement }: Story, outcomes: readonly (Settled | null)[], before: Sums): Promise<string[]> {
    const wrong: string[] = [];
    const known = outcomes.map(told).filter((one) => one !== "silent");
    if (new Set(known).size !== 1 || known.includes("nothing"))
      wrong.push(`outcomes: ${outcomes.map(told).join(" and ")}`);
    const { deal, transcript } = agreement;
    const { status } = await stage.rehearsal.chain.position(deal, transcript);
    if (!["Settled", "Defaulted", "None"].includes(status)) wrong.push(`it is still ${status}`);
    const now = await this.#sums(stage);
    const [held, gained] = [now.held - before.held, now.burnt - before.burnt + now.sides - before.sides];
    if (held !== gained) wrong.push(`the two sides and the fire gained ${gained}, the treasury ${held}`);
    if (now.held !== now.owed) wrong.push(`the treasury holds ${now.held} and owes ${now.owed}`);
    return wrong;
  }

  async #sums(stage: Stage): Promise<Sums> {
    const { deployment, token } = stage.rehearsal;
    const { buyer, seller } = await stage.balances();
    return {
      sides: buyer + seller,
      ...(await new Litigant(stage.rpc, stage.sender(stage.seller), deployment).solvency(token)),
    };
  }

  #request(method: string, ...params: readonly unknown[]): Promise<unknown> {
    return this.#stage.rpc.reads.request({ method, params } as never);
  }
}

interface Sums {
  readonly sides: bigint;
  readonly held: bigint;
  readonly owed: bigint;
  readonly burnt: bigint;
}

interface Story {
  readonly plan: Plan;
  readonly stage: Stage;
  readonly agreement: Agreement;
  readonly diaries: Readonly<Record<Role, Diary>>;
  done: number;
  reorgs: number;
}

function conductOf(role: Role, { plan, stage, agreement: { deal } }: Story): Conduct {
  const strict = { leaveCommitS: 0, declareBeforeS: plan.plot === "poor" || plan.plot === "broke" ? 3_600 : 600 };
  if (role === "buyer") return plan.plot.startsWith("bad") ? { inspect: () => BAD } : {};
  switch (plan.plot) {
    case "outOfStock":
      return { reserve: () => ({ code: "OutOfStock", note: "the last one is gone" }), policy: strict };
    case "neverReady":
      return { deliver: () => null, policy: strict };
    case "metered": {
      let receipt: SessionProof | null = null;
      const total = (deal.price * BigInt(plan.share)) / 10_000n;
      void stage.say(stage.buyer, deal, { kind: "RECEIPT", deal: hashDeal(deal), total }).then((said) => {
        receipt = said;
      });
      return { receipt: () => receipt, policy: strict };
    }
    default:
      return { policy: strict };
  }
}

function aborted(signal: AbortSignal): Promise<"died"> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve("died")));
}

/** What a side had done, and what stood in its way last. */
async function lastOf({ tasks, troubles, journal }: Diary): Promise<string> {
  const stream = (await journal.streams()).find((name) => name.startsWith("settlement:")) ?? "";
  const fact = (await journal.read(stream)).at(-1);
  const known = fact === undefined ? "nothing" : utf8.decode(fact);
  const trouble = troubles.slice(-2).map(({ message }) => message);
  return `${tasks.join(", ")}; then ${trouble.join(", then ")}; knows ${known}`;
}

async function late(signal: AbortSignal): Promise<never> {
  await pause(LONGEST_MS, undefined, { signal });
  throw new Error(`it was not over after ${LONGEST_MS / 1000} seconds`);
}

function told(outcome: Settled | null): string {
  if (outcome === null) return "silent";
  if (outcome === "died") return "nothing";
  if (outcome.kind === "forfeited") return `forfeited by ${outcome.by}`;
  return "toBuyer" in outcome
    ? `${outcome.kind} ${outcome.how} ${outcome.toBuyer}:${outcome.toSeller}`
    : `${outcome.kind} ${outcome.how}`;
}

function missing(): never {
  throw new Error("nobody was ever on this stage");
}
