import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Operator } from "../../offchain/adapters/chain/operator.ts";
import { connectRpc, type Rpc } from "../../offchain/adapters/chain/rpc.ts";
import { Sender } from "../../offchain/adapters/chain/sender.ts";
import { toHex, utf8 } from "../../offchain/kernel/bytes.ts";
import { sha256 } from "../../offchain/kernel/hash.ts";
import { SeededEntropy } from "../../offchain/kernel/random.ts";
import { Secret } from "../../offchain/kernel/secret.ts";
import { strategyToJson } from "../../offchain/negotiation/price/strategy.ts";
import type { AgentEvent } from "../../offchain/node/agent-event.ts";
import { DEVELOPMENT_KEY } from "../../offchain/node/embedded-chain.ts";
import { KeyStore } from "../../offchain/node/keys/key-store.ts";
import { RANDOM_PASSPHRASE_COST } from "../../offchain/node/keys/scrypt.ts";
import { type Participant, prepareRehearsal, type Rehearsal } from "../../offchain/node/principal.ts";
import type { JsonObject } from "../../offchain/terms/canonical-json.ts";
import { encodeProposal, type Proposal } from "../../offchain/terms/proposal.ts";
import { type Anvil, startAnvil } from "../e2e/anvil.ts";
import { proposalFor } from "../proposal.ts";
import { Actor } from "./actor.ts";
import { type Kill, type Plan, SIDES, type Side } from "./plan.ts";
import { Storm } from "./storm.ts";
import { judge, type Verdict } from "./verdict.ts";

/** What came of one run. */
export interface Run extends Verdict {
  readonly plan: Plan;
  /** How it ended for each side, by its own account; null where it gave none. */
  readonly ends: Readonly<Record<Side, string | null>>;
  readonly starts: number;
  readonly frames: number;
  readonly ms: number;
}

const PASSPHRASE = "the keys of these runs are worth nothing";
const GOODS = sha256(utf8.encode("goods"));

/** For so long both sides may take, once the storm is over, to come to an end by themselves. */
const PATIENCE_MS = 60_000;

/** The storm is over once no frame has come for so long: long enough for a process to start. */
const STILL_MS = 2_500;

/** Without a word from either side for so long, nothing more is to be expected before `commitBy`. */
const QUIET_MS = 4_000;

/** More than either clock is wrong by, so that a wrong clock does not end what could be agreed. */
const COMMIT_WITHIN_S = 900;

/** Runs one negotiation after the other on a chain of its own, each between the same two agents with fresh journals. */
export class Lane {
  readonly #anvil: Anvil;
  readonly #rpc: Rpc;
  readonly #rehearsal: Rehearsal;
  readonly #agents: Readonly<Record<Side, Participant>>;
  readonly #folder: string;
  #runs = 0;

  private constructor(
    anvil: Anvil,
    rpc: Rpc,
    rehearsal: Rehearsal,
    agents: Readonly<Record<Side, Participant>>,
    folder: string,
  ) {
    this.#anvil = anvil;
    this.#rpc = rpc;
    this.#rehearsal = rehearsal;
    this.#agents = agents;
    this.#folder = folder;
  }

  static async open(): Promise<Lane> {
    const anvil = await startAnvil();
    const rehearsal = await prepareRehearsal(anvil.url, DEVELOPMENT_KEY);
    const agents = { buyer: await rehearsal.enroll(10_000_000n), seller: await rehearsal.enroll(10_000_000n) };
    const folder = await mkdtemp(join(tmpdir(), "parley-chaos-"));
    return new Lane(anvil, await connectRpc(anvil.url), rehearsal, agents, folder);
  }

  async close(): Promise<void> {
    await this.#anvil.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async run(plan: Plan): Promise<Run> {
    const begin = performance.now();
    const name = join(this.#folder, `${this.#runs++}`);
    const seller = new Actor(await this.#configure(name, "seller", plan, await this.#sellerConfig()), PASSPHRASE);
    const disk = (side: Side) => (plan.disk?.side === side ? plan.disk.kib : null);
    seller.start(disk("seller"));
    let storm: Storm | null = null;
    let buyer: Actor | null = null;
    try {
      const ready = await seller.until(
        () => seller.events.find((event) => event.event === "ready") ?? null,
        PATIENCE_MS,
      );
      if (ready?.event !== "ready" || ready.address === null)
        throw new Error(`the seller did not start: ${seller.errors}`);
      await this.#configure(name, "seller", plan, { ...(await this.#sellerConfig()), listen: ready.address });
      storm = await Storm.before(ready.address, plan.network, plan.seed);
      buyer = new Actor(
        await this.#configure(name, "buyer", plan, await this.#buyerConfig(plan, storm.address)),
        PASSPHRASE,
      );
      buyer.start(disk("buyer"));
      const actors = { buyer, seller };
      const raging = storm;
      await Promise.all([
        raging.quiet(STILL_MS),
        ...plan.kills.map(async (kill) => this.#strike(actors[kill.side], kill, raging.until(kill.at))),
        plan.revocation === null ? null : this.#revoke(plan.revocation.side, raging.until(plan.revocation.at)),
      ]);
      storm.calm();
      for (const side of SIDES) actors[side].start();
      await this.#awaitEnds(actors);
      await this.#passCommitBy();
      await this.#awaitEnds(actors);
      await Promise.all(SIDES.map((side) => actors[side].stop()));
      const journals = { buyer: `${name}.buyer.sqlite`, seller: `${name}.seller.sqlite` };
      const wire = storm.carried.map(({ frame }) => frame);
      const verdict = await judge({ chain: this.#rehearsal.chain, journals, wire });
      const ends = { buyer: endOf(buyer.events), seller: endOf(seller.events) };
      const starts = buyer.starts + seller.starts;
      return { ...verdict, plan, ends, starts, frames: wire.length, ms: Math.round(performance.now() - begin) };
    } finally {
      await Promise.all([buyer?.kill(), seller.kill()]);
      await storm?.close();
    }
  }

  async #strike(actor: Actor, { deadMs }: Kill, moment: Promise<void>): Promise<void> {
    await moment;
    await actor.kill();
    await sleep(deadMs);
    actor.start();
  }

  async #revoke(side: Side, moment: Promise<void>): Promise<void> {
    await moment;
    const { agent, wallet } = this.#agents[side];
    await new Operator(this.#rpc, new Sender(this.#rpc, wallet)).revokeKeys(this.#rehearsal.deployment, agent);
  }

  /** Until both have come to an end, or neither has said anything for a while. */
  async #awaitEnds(actors: Readonly<Record<Side, Actor>>): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    let heard = -1;
    while (performance.now() < deadline && SIDES.some((side) => !isOver(actors[side].events))) {
      const now = actors.buyer.events.length + actors.seller.events.length;
      if (now === heard && !SIDES.some((side) => actors[side].isStarting)) return;
      heard = now;
      await Promise.race(
        SIDES.map(async (side) => {
          const before = actors[side].events.length;
          const over = () => (isOver(actors[side].events) || actors[side].events.length > before ? true : null);
          if (isOver(actors[side].events)) return await sleep(QUIET_MS);
          return await actors[side].until(over, QUIET_MS);
        }),
      );
    }
  }

  /** Moves the chain past the moment up to which anything could be committed. */
  async #passCommitBy(): Promise<void> {
    await this.#rehearsal.passTime(COMMIT_WITHIN_S + 1);
  }

  async #configure(name: string, side: Side, { skewMs, paceMs, seed }: Plan, more: JsonObject): Promise<string> {
    const { agent, wallet } = this.#agents[side];
    const keys = join(this.#folder, `${side}.keys`);
    await KeyStore.create(keys, new Secret(PASSPHRASE), {
      wallet: new Secret(wallet),
      cost: RANDOM_PASSPHRASE_COST,
    }).catch((thrown: unknown) => {
      if (!(thrown instanceof Error && "code" in thrown && thrown.code === "KeysExist")) throw thrown;
    });
    const file = `${name}.${side}.json`;
    const common = {
      agent: agent.toString(),
      rpc: this.#anvil.url,
      deployment: { ...this.#rehearsal.deployment },
      keys,
      journal: `${name}.${side}.sqlite`,
      paceMs,
      seed,
      clockSkewMs: skewMs[side],
    };
    await writeFile(file, JSON.stringify({ ...common, ...more }));
    return file;
  }

  async #sellerConfig(): Promise<JsonObject> {
    const { token } = this.#rehearsal;
    const strategy = strategyToJson({ kind: "time-dependent", from: 2_000n, limit: 990n, pace: 1 });
    return {
      listen: "ws://127.0.0.1:0",
      respond: { role: "seller", token, mostBond: "1000", strategy },
      deliver: GOODS,
    };
  }

  async #buyerConfig({ rounds, seed }: Plan, address: string): Promise<JsonObject> {
    const now = Math.max(await this.#rehearsal.chain.time(), Math.floor(Date.now() / 1000));
    const proposal: Proposal = proposalFor({
      rounds,
      commitBy: now + COMMIT_WITHIN_S,
      token: this.#rehearsal.token,
      terms: { digest: GOODS, salt: toHex(new SeededEntropy(seed).bytes(32)) },
    });
    const strategy = strategyToJson({ kind: "time-dependent", from: 100n, limit: 1_010n, pace: 1 });
    const document = JSON.parse(encodeProposal(proposal)) as JsonObject;
    return { open: { peer: this.#agents.seller.agent.toString(), address, proposal: document, strategy } };
  }
}

function endOf(events: readonly AgentEvent[]): string | null {
  const outcome = events.findLast((event) => event.event === "outcome");
  if (outcome?.event === "outcome") return outcome.outcome;
  const ended = events.findLast((event) => event.event === "ended" || event.event === "agreed");
  return ended?.event === "ended" ? `ended: ${ended.code}` : null;
}

function isOver(events: readonly AgentEvent[]): boolean {
  return endOf(events) !== null;
}
