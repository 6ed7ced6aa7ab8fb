// The foreign arbitrator that other tests lean on does what it says, and its malice is what they think it is.
import { expect } from "chai";
import type { CentralArbitrator, TestArbitrable } from "../../../types/ethers-contracts/index.ts";
import { ethers, type TestSigner } from "../fixtures/chain.ts";

const COST = 1_000n;
const Malice = { None: 0, ReusesId: 1, RulesWhileAsked: 2, RaisesCost: 3, RulesTwice: 4, Reenters: 5 } as const;

describe("CentralArbitrator", () => {
  let owner: TestSigner;
  let arbitrator: CentralArbitrator;
  let arbitrable: TestArbitrable;

  beforeEach(async () => {
    const [, second] = await ethers.getSigners();
    if (!second) throw new Error("too few accounts");
    owner = second;
    arbitrator = (await ethers.deployContract("CentralArbitrator", [owner, COST])).connect(owner);
    arbitrable = await ethers.deployContract("TestArbitrable");
  });

  async function dispute(value = COST) {
    return await arbitrable.dispute(arbitrator, 10_003n, "0x1234", { value });
  }

  it("creates disputes for its cost, counted from 0", async () => {
    await expect(dispute())
      .to.emit(arbitrator, "DisputeCreation")
      .withArgs(0n, await arbitrable.getAddress());
    expect(await arbitrable.dispute.staticCall(arbitrator, 2n, "0x", { value: COST + 1n })).to.equal(1n);
    expect(await arbitrator.lastExtraData()).to.equal("0x1234");
    await arbitrator.setCost(COST + 1n);
    expect(await arbitrator.arbitrationCost("0x")).to.equal(COST + 1n);
    await expect(dispute())
      .to.be.revertedWithCustomError(arbitrator, "CostNotPaid")
      .withArgs(COST, COST + 1n);
  });

  it("rules each dispute once, as its owner says", async () => {
    await dispute();
    expect([await arbitrator.disputeStatus(0n), await arbitrator.currentRuling(0n)]).to.deep.equal([0n, 0n]);
    await expect(arbitrator.giveRuling(0n, 10_004n)).to.be.revertedWithCustomError(arbitrator, "RulingUnknown");
    await arbitrator.giveRuling(0n, 5_003n);
    expect((await arbitrable.taken(arbitrator, 0n)).ruling).to.equal(5_003n);
    expect([await arbitrator.disputeStatus(0n), await arbitrator.currentRuling(0n)]).to.deep.equal([2n, 5_003n]);
    for (const id of [0n, 1n]) {
      await expect(arbitrator.giveRuling(id, 1n))
        .to.be.revertedWithCustomError(arbitrator, "NothingToRule")
        .withArgs(id);
    }
  });

  it("obeys nobody else", async () => {
    const [stranger] = await ethers.getSigners();
    const other = arbitrator.connect(stranger);
    for (const acting of [
      () => other.setCost(1n),
      () => other.setMalice(Malice.None),
      () => other.setCall(arbitrable, "0x"),
      () => other.giveRuling(0n, 1n),
      () => other.forceRuling(arbitrable, 0n, 1n),
    ]) {
      await expect(acting()).to.be.revertedWithCustomError(arbitrator, "NotArbitrator").withArgs(stranger?.address);
    }
  });

  it("knows no appeals", async () => {
    await dispute();
    expect(await arbitrator.appealCost(0n, "0x")).to.equal(ethers.MaxUint256);
    expect(await arbitrator.appealPeriod(0n)).to.deep.equal([0n, 0n]);
    await expect(arbitrator.appeal(0n, "0x")).to.be.revertedWithCustomError(arbitrator, "AppealUnknown").withArgs(0n);
  });

  it("given a malice, does that", async () => {
    await dispute();
    await arbitrator.setMalice(Malice.ReusesId);
    expect(await arbitrable.dispute.staticCall(arbitrator, 2n, "0x", { value: COST })).to.equal(0n);

    await arbitrator.setMalice(Malice.RulesWhileAsked);
    await dispute();
    expect((await arbitrable.taken(arbitrator, 1n)).ruling).to.equal(1n);

    await arbitrator.setMalice(Malice.RaisesCost);
    await expect(dispute())
      .to.be.revertedWithCustomError(arbitrator, "CostNotPaid")
      .withArgs(COST, 2n * COST);

    await arbitrator.setMalice(Malice.RulesTwice);
    await arbitrator.giveRuling(0n, 7n);
    const { ruling, times } = await arbitrable.taken(arbitrator, 0n);
    expect([ruling, times]).to.deep.equal([8n, 2n]);

    await arbitrator.setCall(arbitrable, arbitrable.interface.encodeFunctionData("rule", [77n, 5n]));
    await dispute();
    expect((await arbitrable.taken(arbitrator, 77n)).ruling).to.equal(5n);
    await arbitrable.setTaking(1);
    await expect(dispute()).to.be.revertedWithCustomError(arbitrable, "RulingUnwelcome").withArgs(77n);
    await arbitrable.setTaking(0);
    await arbitrator.forceRuling(arbitrable, 3n, 9n);
    expect((await arbitrable.taken(arbitrator, 3n)).ruling).to.equal(9n);
  });
});
