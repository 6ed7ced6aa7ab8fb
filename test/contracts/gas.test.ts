import { expect } from "chai";
import type { ContractTransactionResponse } from "ethers";
import { agree, agreeBySession, ethers, load, makeDeal, TRANSCRIPT, type World } from "./fixtures.ts";

/**
 * Most gas that each operation may take, for the whole transaction with its intrinsic 21,000 and calldata. The balances
 * touched are neither zero before nor after, and both bonds are locked. Set PARLEY_GAS to see the figures.
 */
const LIMITS = {
  register: 85_000n,
  registerWithURI: 156_000n,
  registerWithMetadata: 184_500n,
  registerMany: 1_275_000n,
  giveFeedback: 179_500n,
  giveDealFeedback: 232_000n,
  deposit: 61_000n,
  withdraw: 60_500n,
  commit: 103_500n,
  commitBySession: 129_000n,
  deliver: 42_500n,
  accept: 54_000n,
  claim: 50_500n,
  refund: 50_500n,
};

describe("gas", () => {
  let world: World;

  beforeEach(async () => {
    world = await load();
  });

  async function measure(name: keyof typeof LIMITS, sending: Promise<ContractTransactionResponse>) {
    const gas = (await (await sending).wait())?.gasUsed;
    if (process.env["PARLEY_GAS"]) console.log(`      ${name}: ${gas}`);
    expect(gas, name).to.be.at.most(LIMITS[name]);
  }

  it("of an agent's second registration", async () => {
    await measure("register", world.registry.connect(world.buyerOwner)["register()"]());
  });

  it("of registrations with a URI of two words, with an entry of one, and of ten at once", async () => {
    const registry = world.registry.connect(world.buyerOwner);
    const uri = "https://agent.example/agent-registration.json";
    const entry = { metadataKey: "agentName", metadataValue: "0x12" };
    await measure("registerWithURI", registry["register(string)"](uri));
    await measure("registerWithMetadata", registry["register(string,(string,bytes)[])"](uri, [entry]));
    await measure("registerMany", registry.registerMany(new Array<string>(10).fill(uri)));
  });

  it("of an agent's first feedback, and of its second from the other side of a deal, with short tags", async () => {
    const { registry, settlement, seller, buyerWallet, stranger } = world;
    const reputation = await ethers.deployContract("ReputationRegistry", [registry, settlement]);
    const deal = await makeDeal(world);
    await settlement.commit(...(await agree(world, deal)));
    await settlement.connect(buyerWallet).accept(deal, TRANSCRIPT);
    const texts = ["starred", "week", "https://agent.example/a2a", "ipfs://feedback"] as const;
    const [tag1, tag2, endpoint, feedbackURI] = texts;
    const rating = { value: 90n, valueDecimals: 0n, tag1, tag2, endpoint, feedbackURI, feedbackHash: ethers.ZeroHash };
    const giving = reputation.connect(stranger).giveFeedback(seller, 90n, 0n, ...texts, ethers.ZeroHash);
    await measure("giveFeedback", giving);
    await measure("giveDealFeedback", reputation.connect(buyerWallet).giveDealFeedback(deal, TRANSCRIPT, rating));
  });

  it("of the treasury, in a token that both sides hold already", async () => {
    const { settlement, token, buyer, buyerOwner } = world;
    await token.mint(buyerOwner, 10n);
    await measure("deposit", settlement.connect(buyerOwner).deposit(buyer, token, 1n, false));
    await measure("withdraw", settlement.connect(buyerOwner).withdraw(buyer, token, buyerOwner, 1n));
  });

  it("of a deal committed by wallets that are EOAs, without mandates", async () => {
    const { settlement, buyerWallet, sellerWallet } = world;
    const deal = await makeDeal(world);
    await measure("commit", settlement.commit(...(await agree(world, deal))));
    await measure("deliver", settlement.connect(sellerWallet).deliver(deal, TRANSCRIPT, ethers.id("evidence")));
    await measure("accept", settlement.connect(buyerWallet).accept(deal, TRANSCRIPT));
  });

  it("of a deal committed by session keys, without mandates", async () => {
    await measure(
      "commitBySession",
      world.settlement.commitBySession(...(await agreeBySession(world, await makeDeal(world))).args),
    );
  });

  it("of timeouts", async () => {
    const { settlement, sellerWallet } = world;
    const [delivered, silent] = [await makeDeal(world), await makeDeal(world)];
    for (const deal of [delivered, silent]) await settlement.commit(...(await agree(world, deal)));
    await settlement.connect(sellerWallet).deliver(delivered, TRANSCRIPT, ethers.ZeroHash);
    await ethers.provider.send("evm_increaseTime", [10 * 86_400]);
    await measure("claim", settlement.claim(delivered, TRANSCRIPT));
    await measure("refund", settlement.refund(silent, TRANSCRIPT));
  });
});
