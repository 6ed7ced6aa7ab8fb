import { expect } from "chai";
import { setWallet } from "../fixtures/agents.ts";
import { agree, agreeBySession } from "../fixtures/agreements.ts";
import { balances, expectOwed } from "../fixtures/balances.ts";
import { ethers } from "../fixtures/chain.ts";
import { escrowOf, makeDeal } from "../fixtures/deals.ts";
import { Status } from "../fixtures/enums.ts";
import { FUNDS, load, type World } from "../fixtures/world.ts";
import type { Deal } from "../typedData.ts";

describe("Settlement.commitMany", () => {
  let world: World;
  let deals: [Deal, Deal, Deal];

  beforeEach(async () => {
    world = await load();
    deals = [await makeDeal(world), await makeDeal(world), await makeDeal(world)];
  });

  async function byWallets(deal: Deal): Promise<string> {
    return world.settlement.interface.encodeFunctionData("commit", await agree(world, deal));
  }

  async function bySession(deal: Deal, buyerAccepts = true): Promise<string> {
    const { args } = await agreeBySession(world, deal, { buyerAccepts });
    return world.settlement.interface.encodeFunctionData("commitBySession", args);
  }

  /** By the relayer: what it would return, and what it does. */
  async function commitMany(commitments: string[], atomic: boolean) {
    const batch = world.settlement.connect(world.relayer).commitMany;
    return { committed: await batch.staticCall(commitments, atomic), sending: batch(commitments, atomic) };
  }

  async function statuses(): Promise<bigint[]> {
    return await Promise.all(deals.map(async (deal) => (await world.settlement.recordOf(deal)).status));
  }

  const { Committed, None } = Status;

  for (const atomic of [true, false]) {
    describe(`given ${atomic ? "all or none" : "leave to skip"}`, () => {
      it("commits agreements of wallets and of session keys alike, and says how many", async () => {
        const [a, b, c] = deals;
        const batch = [await byWallets(a), await bySession(b), await bySession(c, false)];
        const { committed, sending } = await commitMany(batch, atomic);
        expect(committed).to.equal(3n);
        await expect(sending).to.emit(world.settlement, "Committed");
        await expect(sending).not.to.emit(world.settlement, "CommitmentSkipped");
        expect(await statuses()).to.deep.equal([Committed, Committed, Committed]);
        expect(await balances(world, a.token)).to.deep.equal({
          buyer: FUNDS - 3n * (a.price + a.buyerBond),
          seller: FUNDS - 3n * a.sellerBond,
        });
        await expectOwed(world, a.token, 3n * escrowOf(a));
      });

      it("given nothing to commit, commits nothing", async () => {
        const { committed, sending } = await commitMany([], atomic);
        await sending;
        expect(committed).to.equal(0n);
      });

      it("given anything but a commitment, refuses the whole", async () => {
        const { settlement, buyer, token, relayer } = world;
        const [a] = deals;
        const { interface: functions } = settlement;
        const good = await byWallets(a);
        const others = [
          functions.encodeFunctionData("depositNative", [buyer, false]),
          functions.encodeFunctionData("withdraw", [buyer, await token.getAddress(), relayer.address, 1n]),
          functions.encodeFunctionData("accept", [a, ethers.ZeroHash]),
          functions.encodeFunctionData("commitMany", [[good], atomic]),
          ethers.dataSlice(good, 0, 3),
          "0x",
        ];
        for (const other of others) {
          const selector = ethers.zeroPadBytes(ethers.dataSlice(other, 0, Math.min(4, ethers.dataLength(other))), 4);
          await expect(settlement.connect(relayer).commitMany([good, other], atomic))
            .to.be.revertedWithCustomError(settlement, "NotACommitment")
            .withArgs(1n, selector);
        }
        expect(await statuses()).to.deep.equal([None, None, None]);
      });
    });
  }

  /** A batch whose second item is refused, and what it would have reverted with by itself. */
  async function spoiled(): Promise<{ batch: string[]; reason: string }> {
    const { settlement, relayer, buyer, buyerWallet } = world;
    const [a, b, c] = deals;
    const args = await agree(world, b, { buyerSigner: relayer });
    const batch = [await byWallets(a), settlement.interface.encodeFunctionData("commit", args), await bySession(c)];
    const reason = settlement.interface.encodeErrorResult("BadWalletSignature", [buyer, buyerWallet.address]);
    return { batch, reason };
  }

  it("given all or none, and one that is refused, names it with its error and commits none", async () => {
    const { settlement, relayer } = world;
    const { batch, reason } = await spoiled();
    await expect(settlement.connect(relayer).commitMany(batch, true))
      .to.be.revertedWithCustomError(settlement, "CommitmentFailed")
      .withArgs(1n, reason);
    expect(await statuses()).to.deep.equal([None, None, None]);
    await expectOwed(world, deals[0].token, 0n);
  });

  it("given leave to skip, and one that is refused, commits the others and tells of it", async () => {
    const { batch, reason } = await spoiled();
    const { committed, sending } = await commitMany(batch, false);
    expect(committed).to.equal(2n);
    await expect(sending).to.emit(world.settlement, "CommitmentSkipped").withArgs(1n, reason);
    expect(await statuses()).to.deep.equal([Committed, None, Committed]);
    await expectOwed(world, deals[0].token, 2n * escrowOf(deals[0]));
  });

  it("given the same twice, commits it once", async () => {
    const [a] = deals;
    const item = await byWallets(a);
    const { committed, sending } = await commitMany([item, item], false);
    expect(committed).to.equal(1n);
    const reason = world.settlement.interface.encodeErrorResult("NegotiationUsed", [Committed, None]);
    await expect(sending).to.emit(world.settlement, "CommitmentSkipped").withArgs(1n, reason);
    await expectOwed(world, a.token, escrowOf(a));
  });

  it("given money for the first only, refuses the second by what the first left", async () => {
    const { settlement } = world;
    const price = FUNDS - 10n;
    const [a, b] = deals.map((deal) => ({ ...deal, price, buyerBond: 0n }));
    if (!(a && b)) throw new Error("too few deals");
    const { committed, sending } = await commitMany([await byWallets(a), await bySession(b)], false);
    expect(committed).to.equal(1n);
    const reason = settlement.interface.encodeErrorResult("BuyerFundsTooLow", [10n, price]);
    await expect(sending).to.emit(settlement, "CommitmentSkipped").withArgs(1n, reason);
  });

  it("given one that can't be decoded, skips it without a reason", async () => {
    const [a, b] = deals;
    const cut = ethers.dataSlice(await byWallets(a), 0, 100);
    const { committed, sending } = await commitMany([cut, await byWallets(b)], false);
    expect(committed).to.equal(1n);
    await expect(sending).to.emit(world.settlement, "CommitmentSkipped").withArgs(0n, "0x");
  });

  it("given coin with it, refuses", async () => {
    const { settlement, relayer } = world;
    const data = settlement.interface.encodeFunctionData("commitMany", [[await byWallets(deals[0])], false]);
    await expect(relayer.sendTransaction({ to: settlement, data, value: 1n })).to.be.revertedWithoutReason(ethers);
  });

  it("given a wallet that calls back when it is asked, lets it change nothing", async () => {
    const { registry, settlement, buyer, buyerOwner, stranger } = world;
    const [a, b] = deals;
    const inner = await bySession(b);
    const wallet = await ethers.deployContract("ReenteringWallet");
    await setWallet(registry, buyerOwner, buyer, stranger, wallet);
    const batch = settlement.interface.encodeFunctionData("commitMany", [[inner], false]);
    await wallet.setCall(settlement, batch);

    // it says yes only because its own call wasn't let through
    const { committed, sending } = await commitMany([await byWallets(a)], true);
    await sending;
    expect(committed).to.equal(1n);
    expect(await statuses()).to.deep.equal([Committed, None, None]);
    await expectOwed(world, a.token, escrowOf(a));
  });
});
