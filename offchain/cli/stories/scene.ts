import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toHex, utf8 } from "../../kernel/bytes.ts";
import { sha256 } from "../../kernel/hash.ts";
import { type AgentId, type Bytes32, ZERO_32, ZERO_ADDRESS } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import { SeededEntropy } from "../../kernel/random.ts";
import { Secret } from "../../kernel/secret.ts";
import { type PriceStrategy, strategyToJson } from "../../negotiation/price/strategy.ts";
import type { TimeDependent } from "../../negotiation/price/time-dependent.ts";
import type { AgentEvent } from "../../node/agent-event.ts";
import { DEVELOPMENT_KEY, type EmbeddedChain, startEmbeddedChain } from "../../node/embedded-chain.ts";
import { KeyStore } from "../../node/keys/key-store.ts";
import { RANDOM_PASSPHRASE_COST } from "../../node/keys/scrypt.ts";
import { type Participant, prepareRehearsal, type Rehearsal } from "../../node/principal.ts";
import type { JsonObject } from "../../terms/canonical-json.ts";
import { encodeProposal, type Proposal } from "../../terms/proposal.ts";
import { TERMS_SCHEMA } from "../../terms/standard-terms.ts";
import { AgentProcess } from "../agent-process.ts";

/** Decimals of the test token that stories are paid in. */
export const DECIMALS = 6;

/** Name of the test token, for people. */
export const TOKEN = "tUSD";

/** One of it. */
export const UNIT = 10n ** BigInt(DECIMALS);

/** Signals that end a story early, and what shells expect as exit code of each. */
const STOPPED_BY = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** What a story starts from. */
export interface SceneOptions {
  /** A chain's node; null starts one in this process. */
  readonly network: string | null;
  /** Port of the embedded chain; 0 takes any. */
  readonly port: number;
  readonly key: `0x${string}` | null;
  readonly seed: number | null;
  readonly rounds: number;
  readonly paceMs: number;
}

/** What a story changes of the stage before its agents come on. */
export interface Staging {
  /** Terms of the deal that differ from the usual ones. */
  readonly deal?: Partial<Proposal["deal"]>;
  /** Most that the buyer's mandate allows in a deal; without it, all it has. */
  readonly buyerLimit?: Amount;
}

/** What the seller hands over: what was agreed, something else, or nothing. */
export type Delivery = "agreed" | "other" | "none";

export interface Scene {
  readonly rehearsal: Rehearsal;
  readonly buyer: Participant;
  readonly seller: Participant;
  readonly proposal: Proposal;
  readonly limits: { readonly buyer: TimeDependent; readonly seller: TimeDependent };
  readonly funds: { readonly buyer: Amount; readonly seller: Amount };
  /** Starts both agents, each in its own process; the seller first, since the buyer comes to it. */
  play(delivery: Delivery, onEvent: (who: "buyer" | "seller", event: AgentEvent) => void): Promise<Cast>;
  /** Starts the seller alone; resolves with where it listens, too. */
  playSeller(
    delivery: Delivery,
    onEvent: (event: AgentEvent) => void,
  ): Promise<{ seller: AgentProcess; address: string }>;
  /** Where the seller keeps its journal. */
  readonly sellerJournal: string;
  /** Kills the seller's process without warning, and starts it again in its place. */
  restartSeller(cast: Cast): Promise<void>;
  close(): Promise<void>;
}

export interface Cast {
  readonly buyer: AgentProcess;
  seller: AgentProcess;
}

const GOODS = "a data set of 40,000 labelled street scenes, in 8 shards";

/** Prepares a chain with two agents whose limits overlap, and processes ready to run them. */
export async function setScene(
  options: SceneOptions,
  stage: (rehearsal: Rehearsal) => Promise<Staging>,
  narrate: (line: string) => void,
): Promise<Scene> {
  narrate(options.network === null ? "starting a chain in this process" : `reaching the chain at ${options.network}`);
  const embedded: EmbeddedChain | null = options.network === null ? await startEmbeddedChain(options.port) : null;
  const folder = await mkdtemp(join(tmpdir(), "parley-"));
  const running: AgentProcess[] = [];
  // The keys last as long as the scene, and so does what opens them.
  const passphrase = new Secret(toHex(randomBytes(32)));
  const clear = async () => {
    for (const agent of running) agent.kill();
    await Promise.all(running.map((agent) => agent.exited));
    await embedded?.close();
    await rm(folder, { recursive: true, force: true });
  };
  let closing: Promise<void> | null = null;
  const close = () => {
    closing ??= clear();
    return closing;
  };
  // Whoever stops the show takes the agents and their keys with them.
  for (const [signal, code] of Object.entries(STOPPED_BY)) {
    process.once(signal, () => void close().finally(() => process.exit(code)));
  }
  try {
    const url = options.network ?? (embedded as EmbeddedChain).url;
    narrate("deploying the contracts and a test token");
    const rehearsal = await prepareRehearsal(url, options.key ?? DEVELOPMENT_KEY);
    const staging = await stage(rehearsal);
    narrate("registering both agents, filling their treasuries and setting their mandates");
    const funds = { buyer: 2_000n * UNIT, seller: 300n * UNIT };
    const buyer = await rehearsal.enroll(funds.buyer, staging.buyerLimit);
    const seller = await rehearsal.enroll(funds.seller);
    const limits = limitsOf(options.seed);
    const now = await rehearsal.chain.time();
    const proposal = proposalFor(rehearsal, options, now, staging);
    const common = {
      rpc: url,
      deployment: rehearsal.deployment as unknown as JsonObject,
      paceMs: options.paceMs,
      ...(options.seed === null ? {} : { seed: options.seed }),
    };
    const start = async (name: "buyer" | "seller", who: Participant, config: JsonObject, onEvent: Listener) => {
      const file = (kind: string) => join(folder, `${name}.${kind}`);
      const made = { wallet: new Secret(who.wallet), cost: RANDOM_PASSPHRASE_COST };
      await KeyStore.create(file("keys.json"), passphrase, made);
      const agent = { agent: who.agent.toString(), keys: file("keys.json"), journal: file("sqlite") };
      const configure = (more: JsonObject) =>
        writeFile(file("json"), JSON.stringify({ ...common, ...agent, ...config, ...more }));
      const run = () => {
        const started = new AgentProcess(name, file("json"), passphrase, (event) => onEvent(name, event));
        running.push(started);
        return started;
      };
      await configure({});
      return { configure, run };
    };
    let runSeller: (() => AgentProcess) | null = null;
    const playSeller = async (delivery: Delivery, onEvent: Listener) => {
      const { run, configure } = await start(
        "seller",
        seller,
        sellerConfig(rehearsal, limits.seller, proposal.deal, delivery),
        onEvent,
      );
      const started = run();
      const { address } = await started.event("ready");
      // Where it is found again if it has to start once more.
      await configure({ listen: address });
      runSeller = run;
      return { seller: started, address: address ?? "" };
    };
    return {
      rehearsal,
      buyer,
      seller,
      proposal,
      limits,
      funds,
      close,
      sellerJournal: join(folder, "seller.sqlite"),
      playSeller: (delivery, onEvent) => playSeller(delivery, (_who, event) => onEvent(event)),
      play: async (delivery, onEvent) => {
        const { seller: sellerProcess, address } = await playSeller(delivery, onEvent);
        const open = buyerConfig(seller.agent, address, proposal, limits.buyer);
        const ofBuyer = await start("buyer", buyer, open, onEvent);
        return { seller: sellerProcess, buyer: ofBuyer.run() };
      },
      restartSeller: async (cast) => {
        if (runSeller === null) throw new Error("nobody plays yet");
        cast.seller.kill();
        await cast.seller.exited;
        cast.seller = runSeller();
        await cast.seller.event("ready");
      },
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

type Listener = (who: "buyer" | "seller", event: AgentEvent) => void;

/** Both sides' opening prices and limits; a seed moves them about, always with room for a deal. */
function limitsOf(seed: number | null): Scene["limits"] {
  const random = new SeededEntropy(seed ?? 7);
  const around = (price: number, spread: number) =>
    BigInt(Math.round(price + (random.fraction() - 0.5) * spread)) * UNIT;
  return {
    buyer: { kind: "time-dependent", from: around(700, 100), limit: around(1_250, 150), pace: 0.9 },
    seller: { kind: "time-dependent", from: around(1_600, 100), limit: around(950, 150), pace: 0.7 },
  };
}

function proposalFor({ token }: Rehearsal, { rounds, seed }: SceneOptions, now: number, { deal }: Staging): Proposal {
  const salt = seed === null ? randomBytes(32) : new SeededEntropy(seed ^ 0xa5a5).bytes(32);
  return {
    role: "buyer",
    protocol: { name: "alternating-offers", rounds },
    deal: {
      token,
      buyerBond: 50n * UNIT,
      sellerBond: 150n * UNIT,
      commitBy: now + 3_600,
      deliverWithin: 3_600,
      reviewPeriod: 86_400,
      arbitrator: ZERO_ADDRESS,
      maxFee: 0n,
      rulingWithin: 0,
      lapseShare: 5_000,
      category: ZERO_32,
      ...deal,
    },
    terms: {
      schema: TERMS_SCHEMA,
      category: "data",
      lines: [{ what: GOODS, amount: "40000", unit: "each", details: { licence: "use in one product, worldwide" } }],
      digest: digestOf(GOODS),
      salt: toHex(salt),
    },
  };
}

/** What a seller might hope to pass off. */
const OTHER_GOODS = "the same data set, with 5 of its 8 shards";

function digestOf(goods: string): Bytes32 {
  return sha256(utf8.encode(goods));
}

function sellerConfig(
  { token }: Rehearsal,
  strategy: PriceStrategy,
  { arbitrator }: Proposal["deal"],
  delivery: Delivery,
): JsonObject {
  const goods = { agreed: GOODS, other: OTHER_GOODS, none: null }[delivery];
  return {
    listen: "ws://127.0.0.1:0",
    respond: {
      ...{ role: "seller", token, mostBond: (200n * UNIT).toString(), strategy: strategyToJson(strategy) },
      arbitrators: arbitrator === ZERO_ADDRESS ? [] : [arbitrator],
    },
    deliver: goods === null ? null : digestOf(goods),
  };
}

function buyerConfig(peer: AgentId, address: string, proposal: Proposal, strategy: PriceStrategy): JsonObject {
  const document = JSON.parse(encodeProposal(proposal)) as JsonObject;
  return { open: { peer: peer.toString(), address, proposal: document, strategy: strategyToJson(strategy) } };
}
