// The real thing: one Settlement with its registry, odd tokens and arbitrators, and the keys of all who take part.
import { type BaseContract, Interface, Wallet } from "ethers";
import { setWallet } from "../fixtures/agents.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { registryDomain, settlementDomain } from "../fixtures/domains.ts";
import { deploySettlement } from "../fixtures/settlement.ts";
import { SessionKey } from "../sessionKey.ts";
import { deposit } from "./ledger.ts";
import { setMandate, setUnlimited } from "./mandates.ts";
import { type Arbitrator, NATIVE, type State, type Token } from "./state.ts";

const PLENTY = 2n ** 200n;
const DEPOSITS = [
  [1_000n, false],
  [100n, true],
] as const;

function keys(role: string, count: number): Wallet[] {
  return Array.from({ length: count }, (_, index) => new Wallet(ethers.id(`${role} ${index}`)));
}

export const owners = keys("owner", 4);
export const wallets = keys("wallet", 4);
export const [guardian, approver, stranger, purse] = keys("other", 4) as [Wallet, Wallet, Wallet, Wallet];
const actors = [...owners, ...wallets, guardian, approver, stranger];
const walletOf = new Map(actors.map((wallet) => [wallet.address, wallet]));

/** Key of an actor; whoever has none signs as a stranger. */
export function keyOf(address: string): Wallet {
  return walletOf.get(address) ?? stranger;
}

export const sessionKeys = new Map([1n, 2n, 3n, 4n].map((agent) => [agent, new SessionKey()]));
export const AGENTS = [1n, 2n, 3n];

/** An agent that nobody has registered. */
export const UNREGISTERED = 9n;

async function addressOf(contract: BaseContract): Promise<string> {
  return await contract.getAddress();
}

async function deployAll() {
  const [deployer] = await ethers.getSigners();
  if (!deployer) throw new Error("no accounts");
  for (const { address } of actors) {
    await networkHelpers.impersonateAccount(address);
    await networkHelpers.setBalance(address, 10n ** 24n);
  }
  const registry = await ethers.deployContract("AgentRegistry", deployer);
  const settlement = await deploySettlement(registry, await ethers.getSigner(guardian.address));
  const lens = await ethers.deployContract("Lens", [settlement]);
  const plain = await ethers.deployContract("TestToken");
  const fee = await ethers.deployContract("FeeToken");
  const callback = await ethers.deployContract("ReenteringToken");
  const moody = await ethers.deployContract("MoodyToken");
  const ruler = await ethers.getSigner(approver.address);
  const judge = await ethers.deployContract("CentralArbitrator", [ruler, 10n], ruler);
  const rogue = await ethers.deployContract("CentralArbitrator", [ruler, 20n], ruler);
  const payer = await ethers.getSigner(stranger.address);
  for (const token of [plain, fee, callback, moody]) {
    await token.mint(payer, PLENTY);
    await token.connect(payer).approve(settlement, ethers.MaxUint256);
  }
  return { registry, settlement, lens, plain, fee, callback, moody, judge, rogue };
}

type Deployed = Awaited<ReturnType<typeof deployAll>>;

/** Everything a run needs to know of the deployment; the same in every run. */
export interface Chain extends Deployed {
  address: Record<keyof Deployed, string>;
  tokens: string[];
  errors: Interface;
  domain: string;
  settlementDomain: Awaited<ReturnType<typeof settlementDomain>>;
  registryDomain: Awaited<ReturnType<typeof registryDomain>>;
}

async function everyError(): Promise<Interface> {
  const names = ["Errors", "IRefusals", "CentralArbitrator", "MoodyToken", "AgentRegistry"] as const;
  const parts = await Promise.all(names.map((name) => ethers.getContractAt(name, NATIVE)));
  return new Interface(
    parts.flatMap(({ interface: { fragments } }) => fragments.filter(({ type }) => type === "error")),
  );
}

async function makeChain(): Promise<Chain> {
  const deployed = await deployAll();
  const entries = Object.entries(deployed).map(async ([name, contract]) => [name, await addressOf(contract)] as const);
  const address = Object.fromEntries(await Promise.all(entries)) as Chain["address"];
  const domain = await settlementDomain(deployed.settlement);
  return {
    ...deployed,
    address,
    tokens: [address.plain, address.fee, address.callback, address.moody, NATIVE],
    errors: await everyError(),
    domain: ethers.TypedDataEncoder.hashDomain(domain),
    settlementDomain: domain,
    registryDomain: await registryDomain(deployed.registry),
  };
}

const NO_CATEGORY = ethers.ZeroHash;
const MANDATE = { limit: 400n, budget: 600n, threshold: 300n, expiry: 2n ** 40n - 1n, approver: approver.address };

let chain: Chain | undefined;
let firstEpochEnded = new Map<bigint, bigint>();

/** Three agents in their second epoch, each with free balance and stake in every token; the third has mandates. */
async function fixture(): Promise<void> {
  chain = await makeChain();
  const { registry, settlement, tokens } = chain;
  const payer = await ethers.getSigner(stranger.address);
  const ended = new Map<bigint, bigint>();
  for (const [index, agent] of AGENTS.entries()) {
    const owner = await ethers.getSigner(ownerOf(index).address);
    await registry.connect(owner)["register()"]();
    await setWallet(registry, owner, agent, walletFor(index));
    ended.set(agent, BigInt(await networkHelpers.time.latest()));
    for (const token of tokens) {
      for (const [amount, toStake] of DEPOSITS) {
        if (token === NATIVE) await settlement.connect(payer).depositNative(agent, toStake, { value: amount });
        else await settlement.connect(payer).deposit(agent, token, amount, toStake);
      }
      if (agent === 3n) await settlement.connect(owner).setMandate(agent, token, NO_CATEGORY, MANDATE);
    }
    if (agent !== 3n) await settlement.connect(owner).setUnlimited(agent, true);
  }
  firstEpochEnded = ended;
}

function ownerOf(index: number): Wallet {
  return owners[index] ?? stranger;
}

function walletFor(index: number): Wallet {
  return wallets[index] ?? stranger;
}

/** The same in the model. */
function furnish(state: State): void {
  for (const [index, id] of AGENTS.entries()) {
    const owner = ownerOf(index).address;
    const ended = new Map([[1n, { wallet: owner, endedAt: firstEpochEnded.get(id) ?? 0n }]]);
    const wallet = walletFor(index).address;
    state.agents.push({ id, owner, wallet, epoch: 2n, tenure: 1n, lockedUntil: 0n, ended });
  }
  for (const { id, owner } of state.agents) {
    for (const token of [...state.tokens.keys(), NATIVE]) {
      for (const [amount, toStake] of DEPOSITS) deposit(state, { agent: id, token, amount, toStake });
      if (id === 3n) setMandate(state, owner, { agent: id, token, category: NO_CATEGORY }, MANDATE);
    }
    if (id !== 3n) setUnlimited(state, owner, id, true);
  }
}

/** The deployment afresh, and the model's picture of it before anybody has done anything. */
export async function load(): Promise<{ chain: Chain; state: State }> {
  await networkHelpers.loadFixture(fixture);
  await networkHelpers.mine();
  if (!chain) throw new Error("no chain");
  const { address } = chain;
  const tokens = [address.plain, address.fee, address.callback, address.moody].map((token): [string, Token] => [
    token,
    { address: token, takesFee: token === address.fee, broken: false },
  ]);
  const arbitrator = (at: string, cost: bigint): [string, Arbitrator] => [
    at,
    { address: at, cost, malice: 0n, trials: [] },
  ];
  const state: State = {
    now: BigInt(await networkHelpers.time.latest()),
    settlement: address.settlement,
    guardian: guardian.address,
    pausedAt: 0n,
    agents: [],
    accounts: new Map(),
    purses: new Map(),
    tokens: new Map(tokens),
    rules: new Map(),
    unlimited: new Set(),
    consents: new Map(),
    entries: new Map(),
    paidForFaults: new Map(),
    arbitrators: new Map([arbitrator(address.judge, 10n), arbitrator(address.rogue, 20n)]),
  };
  furnish(state);
  return { chain, state };
}
