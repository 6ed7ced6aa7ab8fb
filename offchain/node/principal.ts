import { randomBytes } from "node:crypto";
import { Litigant } from "../adapters/chain/litigant.ts";
import { Operator } from "../adapters/chain/operator.ts";
import { connectRpc, type Rpc } from "../adapters/chain/rpc.ts";
import { Sender } from "../adapters/chain/sender.ts";
import { SettlementChain } from "../adapters/chain/settlement.ts";
import { toHex } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import { type Address, type AgentId, type Bytes32, ZERO_ADDRESS } from "../kernel/ids.ts";
import type { Amount } from "../kernel/money.ts";
import type { Archive, Chain, Deployment, Inclusion, Mandate } from "../ports/chain.ts";
import { openCourt, type RehearsalCourt } from "./rehearsal-court.ts";

/** Native coin that a rehearsal gives each agent's wallet for gas. */
const GAS_MONEY: Amount = 10n ** 17n;

/** Seconds for which a rehearsal's mandates count. */
const MANDATE_S = 30 * 86_400;

/** An agent that a rehearsal registered and funded. */
export interface Participant {
  readonly agent: AgentId;
  readonly wallet: Bytes32;
  /** What it can lose for breaking its word. */
  readonly staked: Amount;
  readonly gas: { readonly register: number; readonly deposit: number };
}

/** An arbitrator that knows nothing of Parley but ERC-792. */
export interface ForeignArbitrator {
  readonly address: Address;
  rule(dispute: bigint, ruling: bigint): Promise<Inclusion>;
}

/** A chain with Parley and a test token deployed to it. */
export interface Rehearsal {
  readonly deployment: Deployment;
  readonly token: Address;
  readonly chain: Chain & Archive;
  /**
   * Registers an agent with a wallet of its own, puts test tokens into its treasury, and as many at stake again. It may commit up to
   * `limit` of them in a deal and in a day; without one, all.
   */
  enroll(funds: Amount, limit?: Amount): Promise<Participant>;
  /** Puts more test tokens into an agent's treasury. */
  fund(participant: Participant, amount: Amount): Promise<void>;
  /** What an agent's wallet can do where a deal does not go as agreed. */
  litigant(participant: Participant): Litigant;
  /** Opens a Court with so many jurors. */
  openCourt(jurors: number): Promise<RehearsalCourt>;
  /** Deploys an ERC-792 arbitrator of another make, which rules as it is told. */
  openForeignArbitrator(fee: Amount): Promise<ForeignArbitrator>;
  /** Moves the chain's clock on, and makes so many blocks. Only development chains can. */
  passTime(seconds: number, blocks?: number): Promise<void>;
}

/** Deploys everything afresh to the chain at `url`, paid for by the account of `key`. */
export async function prepareRehearsal(url: string, key: Bytes32): Promise<Rehearsal> {
  const rpc = await connectRpc(url);
  const principal = new Operator(rpc, new Sender(rpc, key));
  await requireCoin(rpc, principal.address);
  const deployment = await principal.deploy();
  const token = await principal.deployTestToken();
  return {
    deployment,
    token,
    chain: new SettlementChain(rpc, new Sender(rpc, key), deployment),
    enroll: async (funds, limit) => {
      const wallet = toHex(randomBytes(32));
      const owner = new Operator(rpc, new Sender(rpc, wallet));
      await principal.pay(owner.address, GAS_MONEY);
      await principal.mintTestToken(token, owner.address, 2n * funds);
      const { agent, gasUsed: register } = await owner.register(deployment);
      const { gasUsed: deposit } = await owner.deposit(deployment, agent, token, funds);
      await owner.deposit(deployment, agent, token, funds, true);
      await owner.setMandate(deployment, agent, token, mandateFor(limit ?? funds, await chainTime(rpc)));
      return { agent, wallet, staked: funds, gas: { register: Number(register), deposit: Number(deposit) } };
    },
    fund: async ({ agent, wallet }, amount) => {
      const owner = new Operator(rpc, new Sender(rpc, wallet));
      await principal.mintTestToken(token, owner.address, amount);
      await owner.deposit(deployment, agent, token, amount);
    },
    litigant: ({ wallet }) => new Litigant(rpc, new Sender(rpc, wallet), deployment),
    openCourt: (jurors) => openCourt(rpc, principal, jurors, (seconds, blocks) => passTime(rpc, seconds, blocks)),
    openForeignArbitrator: async (fee) => {
      const address = await principal.deployCentralArbitrator(fee);
      return { address, rule: (dispute, ruling) => principal.giveRuling(address, dispute, ruling) };
    },
    passTime: (seconds, blocks) => passTime(rpc, seconds, blocks),
  };
}

function mandateFor(limit: Amount, now: number): Mandate {
  return { limit, budget: limit, threshold: limit, expiry: now + MANDATE_S, approver: ZERO_ADDRESS };
}

async function chainTime({ reads }: Rpc): Promise<number> {
  return Number((await reads.getBlock()).timestamp);
}

async function requireCoin(rpc: Rpc, address: Address): Promise<void> {
  // Two agents, and what deploying and preparing takes.
  if ((await rpc.reads.getBalance({ address })) > 3n * GAS_MONEY) return;
  throw new ParleyError("NoCoin", `the account ${address} has no coin on chain ${rpc.chainId} to pay for gas with`, {
    hint: "fund it, or set PARLEY_KEY to the key of an account that has some",
  });
}

async function passTime({ reads }: Rpc, seconds: number, blocks = 1): Promise<void> {
  try {
    await reads.request({ method: "evm_increaseTime", params: [seconds] } as never);
    for (let made = 0; made < blocks; made++) await reads.request({ method: "evm_mine", params: [] } as never);
  } catch (cause) {
    throw new ParleyError("NotDevelopmentChain", "this story moves the chain's clock, which this chain can't", {
      hint: "play it on the embedded chain, Hardhat's node or anvil",
      cause,
    });
  }
}
