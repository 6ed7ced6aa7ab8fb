// What all contract tests share: one simulated chain, a world of two funded agents, and the off-chain half of the
// protocol in its plainest form.
import { expect } from "chai";
import type { AddressLike, BaseContract, Interface, Signer, TypedDataDomain } from "ethers";
import { network } from "hardhat";
import type {
  ActAuthStruct,
  ISettlement,
  MandateStruct,
  SessionAuthStruct,
  WalletAuthStruct,
} from "../../types/ethers-contracts/interfaces/ISettlement.ts";
import { SessionKey } from "./sessionKey.ts";
import { agreementTypes, type Deal, hashAct, hashDeal, splitTypes, walletTypes } from "./typedData.ts";

export const { ethers, networkHelpers } = await network.create();

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const NATIVE = ethers.ZeroAddress;
export const FUNDS = 1_000_000_000n;

export const Status = {
  None: 0n,
  Committed: 1n,
  Delivered: 2n,
  Disputed: 3n,
  Settled: 4n,
  Declared: 5n,
  Defaulted: 6n,
} as const;
export const Outcome = {
  Accepted: 0n,
  Claimed: 1n,
  Refunded: 2n,
  Closed: 3n,
  Split: 4n,
  Agreed: 5n,
  Ruled: 6n,
  Lapsed: 7n,
} as const;
export const Kind = {
  Open: 0,
  Join: 1,
  Offer: 2,
  Accept: 3,
  End: 4,
  Deliver: 5,
  Receipt: 6,
  Cancel: 7,
  Dispute: 8,
} as const;
export const Manner = {
  Honest: 0,
  Refusing: 1,
  Reverting: 2,
  Short: 3,
  GasEating: 4,
  Flooding: 5,
  Approving: 6,
} as const;

/**
 * A Settlement of both its halves, with everything that can be called, emitted or thrown at its one address.
 * `guardian` may pause it.
 */
export async function deploySettlement(registry: BaseContract, guardian: Signer): Promise<ISettlement> {
  const extension = await ethers.deployContract("SettlementExtension", [registry, guardian], guardian);
  const settlement = await ethers.deployContract("Settlement", [registry, extension, META_EVIDENCE], guardian);
  return await settlementAt(await settlement.getAddress(), guardian);
}

export const META_EVIDENCE = "ipfs://meta-evidence";

/** The Settlement at an address. Its errors stand in the ABIs of the two contracts that make it up. */
export async function settlementAt(address: string, runner: Signer): Promise<ISettlement> {
  const parts = await Promise.all(
    (["ISettlement", "Settlement", "SettlementExtension"] as const).map((name) => ethers.getContractAt(name, address)),
  );
  const fragments = parts
    .flatMap((part) => [...part.interface.fragments])
    .filter(({ type }) => type !== "constructor" && type !== "fallback");
  const abi = [...new Map(fragments.map((fragment) => [fragment.format(), fragment])).values()];
  return new ethers.Contract(address, abi, runner) as unknown as ISettlement;
}

/**
 * Two agents with wallets of their own, each in its second key epoch, with free balances in token and native coin, and
 * owners who set no limits.
 */
export async function world() {
  const [deployer, buyerOwner, sellerOwner, buyerWallet, sellerWallet, relayer, stranger] = await signers(7);
  const registry = await ethers.deployContract("AgentRegistry", deployer);
  const settlement = await deploySettlement(registry, deployer);
  const token = await ethers.deployContract("TestToken", deployer);

  const parties = { registry, settlement };
  const buyer = await registerAgent(parties, buyerOwner, buyerWallet);
  const seller = await registerAgent(parties, sellerOwner, sellerWallet);
  for (const [agent, owner] of [
    [buyer, buyerOwner],
    [seller, sellerOwner],
  ] as const) {
    await token.mint(owner, FUNDS);
    await token.connect(owner).approve(settlement, ethers.MaxUint256);
    await settlement.connect(owner).deposit(agent, token, FUNDS, false);
    await settlement.connect(owner).depositNative(agent, false, { value: FUNDS });
    await settlement.connect(owner).setUnlimited(agent, true);
  }
  return {
    ...parties,
    token,
    buyer,
    seller,
    deployer,
    buyerOwner,
    sellerOwner,
    buyerWallet,
    sellerWallet,
    relayer,
    stranger,
  };
}

export type World = Awaited<ReturnType<typeof world>>;
export type Parties = Pick<World, "registry" | "settlement">;

/** The world afresh. Its latest block is of this moment: the simulated chain's clock runs on between tests. */
export async function load(): Promise<World> {
  const fresh = await networkHelpers.loadFixture(world);
  await networkHelpers.mine();
  return fresh;
}

type Signers = Awaited<ReturnType<typeof ethers.getSigners>>;
export type TestSigner = Signers[number];

/** The first `count` accounts, as a tuple. */
async function signers(count: 7) {
  const [a, b, c, d, e, f, g] = await ethers.getSigners();
  if (!(a && b && c && d && e && f && g)) throw new Error(`fewer than ${count} accounts`);
  return [a, b, c, d, e, f, g] as const;
}

/** Registers an agent and, if another wallet is given, makes that its wallet. */
export async function registerAgent({ registry }: Parties, owner: Signer, wallet?: Signer): Promise<bigint> {
  await registry.connect(owner)["register()"]();
  const agent = await registry.agentCount();
  if (wallet) await setWallet(registry, owner, agent, wallet);
  return agent;
}

/** Lets `newWallet` prove itself and makes it the agent's wallet. */
export async function setWallet(
  registry: World["registry"],
  owner: Signer,
  agentId: bigint,
  wallet: Signer,
  newWallet: AddressLike = wallet,
) {
  const deadline = (await networkHelpers.time.latest()) + 4 * MINUTE;
  const message = { agentId, newWallet, owner: await owner.getAddress(), deadline };
  const resolved = { ...message, newWallet: await ethers.resolveAddress(newWallet) };
  const signature = await wallet.signTypedData(await registryDomain(registry), walletTypes, resolved);
  await registry.connect(owner).setAgentWallet(agentId, newWallet, deadline, signature);
}

export async function registryDomain(registry: BaseContract): Promise<TypedDataDomain> {
  return await domain("ERC8004IdentityRegistry", registry);
}

export async function settlementDomain(settlement: BaseContract): Promise<TypedDataDomain> {
  return await domain("Parley Settlement", settlement);
}

async function domain(name: string, contract: BaseContract): Promise<TypedDataDomain> {
  const provider = contract.runner?.provider ?? ethers.provider;
  const { chainId } = await provider.getNetwork();
  return { name, version: "1", chainId, verifyingContract: await contract.getAddress() };
}

let negotiations = 0;

/** A deal between the world's agents in its token, one hour to commit, a day to deliver, two to review. */
export async function makeDeal(world: World, changes: Partial<Deal> = {}): Promise<Deal> {
  negotiations += 1;
  const negotiation = ethers.id(`negotiation ${negotiations}`);
  return {
    buyer: world.buyer,
    seller: world.seller,
    token: await world.token.getAddress(),
    price: 100_000_000n,
    buyerBond: 5_000_000n,
    sellerBond: 20_000_000n,
    commitBy: (await networkHelpers.time.latest()) + HOUR,
    deliverWithin: DAY,
    reviewPeriod: 2 * DAY,
    arbitrator: world.deployer.address,
    maxFee: 1_000_000n,
    rulingWithin: 7 * DAY,
    lapseShare: 5_000,
    category: ethers.id("research"),
    terms: ethers.id("terms"),
    negotiation,
    ...changes,
  };
}

export const TRANSCRIPT = ethers.id("transcript");

export interface AgreementOptions {
  transcript?: string;
  settlement?: BaseContract;
  buyerEpoch?: bigint;
  sellerEpoch?: bigint;
  buyerSigner?: Signer;
  sellerSigner?: Signer;
}

/** Arguments of `commit`, each side having signed with its wallet. */
export async function agree(
  world: World,
  deal: Deal,
  options: AgreementOptions = {},
): Promise<[Deal, string, WalletAuthStruct, WalletAuthStruct]> {
  const transcript = options.transcript ?? TRANSCRIPT;
  const buyerEpoch = options.buyerEpoch ?? (await world.registry.keyEpoch(deal.buyer));
  const sellerEpoch = options.sellerEpoch ?? (await world.registry.keyEpoch(deal.seller));
  const domain = await settlementDomain(options.settlement ?? world.settlement);
  const message = { deal, transcript, buyerEpoch, sellerEpoch };
  const sign = async (signer: Signer) => await signer.signTypedData(domain, agreementTypes, message);
  return [
    deal,
    transcript,
    { epoch: buyerEpoch, signature: await sign(options.buyerSigner ?? world.buyerWallet) },
    { epoch: sellerEpoch, signature: await sign(options.sellerSigner ?? world.sellerWallet) },
  ];
}

/** Commits by wallets and returns the second at which it happened. */
export async function commit(world: World, deal: Deal, options: AgreementOptions = {}): Promise<number> {
  await world.settlement.connect(world.relayer).commit(...(await agree(world, deal, options)));
  return await networkHelpers.time.latest();
}

export interface SideOptions {
  key?: SessionKey;
  signer?: Signer;
  settlement?: BaseContract;
  agent?: bigint;
  epoch?: bigint;
  notBefore?: number;
  notAfter?: number;
  seq?: number;
  sentAt?: bigint;
  prev?: string;
  kind?: number;
  body?: string;
  negotiation?: string;
  seen?: string;
  highS?: boolean;
}

export interface SessionOptions {
  buyerAccepts?: boolean;
  seen?: string;
  buyer?: SideOptions;
  seller?: SideOptions;
  settlement?: BaseContract;
}

type SessionArguments = [Deal, boolean, string, SessionAuthStruct, SessionAuthStruct];

/** Arguments of `commitBySession`, and the transcript: one side's key offers, the other's accepts. */
export async function agreeBySession(world: World, deal: Deal, options: SessionOptions = {}) {
  const buyerAccepts = options.buyerAccepts ?? true;
  const seen = options.seen ?? ethers.id("what the offer answers");
  const buyerSide = { agent: deal.buyer, signer: world.buyerWallet, ...options.buyer };
  const sellerSide = { agent: deal.seller, signer: world.sellerWallet, ...options.seller };
  const settlement = options.settlement ?? world.settlement;
  const [offerSide, acceptSide] = buyerAccepts ? [sellerSide, buyerSide] : [buyerSide, sellerSide];
  const offer = await speak(world, settlement, deal, { kind: Kind.Offer, seen, ...offerSide });
  const acceptance = await speak(world, settlement, deal, { kind: Kind.Accept, seen: offer.hash, ...acceptSide });
  const [buyer, seller] = buyerAccepts ? [acceptance.auth, offer.auth] : [offer.auth, acceptance.auth];
  const args: SessionArguments = [deal, buyerAccepts, seen, buyer, seller];
  return { args, offer: offer.hash, transcript: acceptance.hash };
}

/** What a side says in a committed deal by its session key, as the acts that anyone may carry take it. */
export async function act(
  world: World,
  deal: Deal,
  side: SideOptions & { agent: bigint; signer: Signer; kind: number; body: string },
): Promise<ActAuthStruct> {
  const seen = side.seen ?? ethers.id("what the act answers");
  const { auth } = await speak(world, world.settlement, deal, { ...side, seen });
  return { session: auth, seen };
}

/** The same word under a certificate that brings no signature, as of a wallet that recorded it in the registry. */
export function unsigned(auth: SessionAuthStruct): SessionAuthStruct {
  return { ...auth, certificateR: ethers.ZeroHash, certificateVS: ethers.ZeroHash };
}

/** A receipt of the buyer: what it owes of the price so far, in all. */
export async function receipt(world: World, deal: Deal, total: bigint, options: SideOptions = {}) {
  const body = hashAct("Receipt", { deal: hashDeal(deal), total });
  return await act(world, deal, {
    agent: deal.buyer,
    signer: world.buyerWallet,
    kind: Kind.Receipt,
    body,
    ...options,
  });
}

/** Both wallets' signed consent to a split, each under its agent's present epoch, as `split` takes it. */
export async function consentToSplit(
  world: World,
  deal: Deal,
  toSeller: bigint,
  until: number,
  signers: { buyer?: Signer; seller?: Signer } = {},
): Promise<[WalletAuthStruct, WalletAuthStruct]> {
  const domain = await settlementDomain(world.settlement);
  const sign = async (agent: bigint, signer: Signer): Promise<WalletAuthStruct> => {
    const epoch = await world.registry.keyEpoch(agent);
    const message = { deal: hashDeal(deal), toSeller, until, epoch };
    return { epoch, signature: await signer.signTypedData(domain, splitTypes, message) };
  };
  return [
    await sign(deal.buyer, signers.buyer ?? world.buyerWallet),
    await sign(deal.seller, signers.seller ?? world.sellerWallet),
  ];
}

/** The caller's own word, in the place of its wallet's signature. */
export const OWN_WORD: WalletAuthStruct = { epoch: 0, signature: "0x" };

/** Takes both sides' freedom from limits away and gives each a mandate for the deals of `makeDeal`. */
export async function limit(world: World, terms: Partial<MandateStruct> = {}, category = ethers.id("research")) {
  const mandate = {
    limit: 10n ** 12n,
    budget: 10n ** 13n,
    threshold: 10n ** 12n,
    expiry: (await networkHelpers.time.latest()) + 30 * DAY,
    approver: ethers.ZeroAddress,
    ...terms,
  };
  for (const [agent, owner] of [
    [world.buyer, world.buyerOwner],
    [world.seller, world.sellerOwner],
  ] as const) {
    await world.settlement.connect(owner).setUnlimited(agent, false);
    await world.settlement.connect(owner).setMandate(agent, world.token, category, mandate);
  }
}

/** One side's certificate and envelope, signed. */
async function speak(
  { registry }: World,
  settlement: BaseContract,
  deal: Deal,
  side: SideOptions & { agent: bigint; signer: Signer; kind: number; seen: string },
): Promise<{ auth: SessionAuthStruct; hash: string }> {
  const now = await networkHelpers.time.latest();
  const key = side.key ?? new SessionKey();
  const epoch = side.epoch ?? (await registry.keyEpoch(side.agent));
  const validity = { notBefore: side.notBefore ?? now - HOUR, notAfter: side.notAfter ?? now + DAY };
  const place = { seq: side.seq ?? 4, sentAt: side.sentAt ?? 1_700_000_000_000n, prev: side.prev ?? ethers.id("prev") };
  const certificate = await key.certify(side.signer, await registryDomain(registry), {
    agent: side.agent,
    settlement: await (side.settlement ?? settlement).getAddress(),
    ...validity,
    epoch,
  });
  const { r, s, hash } = key.signEnvelope(
    ethers.TypedDataEncoder.hashDomain(await settlementDomain(settlement)),
    {
      negotiation: side.negotiation ?? deal.negotiation,
      agent: side.agent,
      ...place,
      kind: side.kind,
      seen: side.seen,
      body: side.body ?? hashDeal(deal),
    },
    side.highS,
  );
  return { auth: { epoch, ...validity, x: key.x, y: key.y, ...certificate, ...place, r, s }, hash };
}

/** The contract's name of what a call was refused with, whether or not the simulated chain knows the contract. */
export function refusalOf({ interface: known }: { interface: Interface }, thrown: unknown): string | undefined {
  const data = /return data: (0x[0-9a-f]+)/.exec(String(thrown))?.[1];
  return data ? known.parseError(data)?.name : /custom error '(\w+)\(/.exec(String(thrown))?.[1];
}

/** Sends a transaction in a block of exactly this time. */
export async function at<T>(time: number, send: () => Promise<T>): Promise<T> {
  await networkHelpers.time.setNextBlockTimestamp(time);
  return await send();
}

export async function balances({ settlement, buyer, seller }: World, token: AddressLike) {
  return { buyer: await settlement.free(buyer, token), seller: await settlement.free(seller, token) };
}

/** Free balances of the world's agents and this much escrow are all that Settlement holds. */
export async function expectConserved(world: World, token: string, escrow: bigint): Promise<void> {
  const held =
    token === NATIVE
      ? await ethers.provider.getBalance(world.settlement)
      : await (await ethers.getContractAt("TestToken", token)).balanceOf(world.settlement);
  const { buyer, seller } = await balances(world, token);
  expect(buyer + seller + escrow).to.equal(held);
}

/** What both agents have free and at stake and this much escrow are all that Settlement says it owes, and it has that. */
export async function expectOwed(world: World, token: string, escrow: bigint): Promise<void> {
  const { settlement, buyer, seller } = world;
  const free = await balances(world, token);
  let sum = free.buyer + free.seller + escrow;
  for (const agent of [buyer, seller]) {
    const { bonded, leaving } = await settlement.stakeOf(agent, token);
    sum += bonded + leaving;
  }
  const { holds, held, owed, burnt } = await settlement.solvent(token);
  expect([holds, held, owed]).to.deep.equal([true, sum + burnt, sum + burnt]);
}

export function escrowOf(deal: Deal): bigint {
  return deal.price + deal.buyerBond + deal.sellerBond;
}

export async function expectStatus(settlement: ISettlement, deal: Deal, status: bigint, since: number): Promise<void> {
  const record = await settlement.recordOf(deal);
  expect([record.status, record.since]).to.deep.equal([status, BigInt(since)]);
}
