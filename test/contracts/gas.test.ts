import { expect } from "chai";
import type { ContractTransactionResponse } from "ethers";
import { agree, agreeBySession, ethers, load, makeDeal, TRANSCRIPT, type World } from "./fixtures.ts";

/** Gas of the whole transaction, its intrinsic 21,000 and calldata included. */
async function gasOf(sending: Promise<ContractTransactionResponse>): Promise<bigint> {
  const receipt = await (await sending).wait();
  if (!receipt) throw new Error("no receipt");
  return receipt.gasUsed;
}

function expectAtMost(name: string, gas: bigint, limit: bigint): void {
  if (process.env["PARLEY_GAS"]) console.log(`      ${name}: ${gas}`);
  expect(gas, name).to.be.at.most(limit);
}

/** Balances are warm in the sense that no slot of theirs goes from zero to non-zero, or back. */
describe("gas, with balances that exist before and after", () => {
  let world: World;

  beforeEach(async () => {
    world = await load();
  });

  it("register, after the first", async () => {
    expectAtMost("register", await gasOf(world.registry.connect(world.buyerOwner)["register()"]()), 1n);
  });

  it("deposit and withdraw", async () => {
    const { settlement, token, buyer, buyerOwner } = world;
    await token.mint(buyerOwner, 10n);
    await settlement.connect(buyerOwner).deposit(buyer, token, 1n);
    expectAtMost("deposit", await gasOf(settlement.connect(buyerOwner).deposit(buyer, token, 1n)), 1n);
    expectAtMost("withdraw", await gasOf(settlement.connect(buyerOwner).withdraw(buyer, token, buyerOwner, 1n)), 1n);
  });

  it("commit by wallets, deliver, accept", async () => {
    const { settlement, buyerWallet, sellerWallet } = world;
    const deal = await makeDeal(world);
    expectAtMost("commit", await gasOf(settlement.commit(...(await agree(world, deal)))), 80_000n);
    const delivering = settlement.connect(sellerWallet).deliver(deal, TRANSCRIPT, ethers.id("evidence"));
    expectAtMost("deliver", await gasOf(delivering), 1n);
    expectAtMost("accept", await gasOf(settlement.connect(buyerWallet).accept(deal, TRANSCRIPT)), 53_500n);
  });

  it("commit by session keys", async () => {
    const { args } = await agreeBySession(world, await makeDeal(world));
    expectAtMost("commitBySession", await gasOf(world.settlement.commitBySession(...args)), 110_000n);
  });
});
