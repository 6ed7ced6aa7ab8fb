import { expect } from "chai";
import { agree, commit, ethers, load, makeDeal, networkHelpers, TRANSCRIPT, type World } from "../fixtures.ts";
import { type Deal, dealTypes, hashDeal } from "../typedData.ts";

/** The deal with one bit of one field turned over. */
function flip(deal: Deal, field: string, bit: number): Deal {
  const type = dealTypes.Deal.find(({ name }) => name === field)?.type ?? "";
  const value = Object.entries(deal).find(([name]) => name === field)?.[1];
  const flipped = BigInt(value) ^ (1n << BigInt(bit));
  if (type.startsWith("uint")) return { ...deal, [field]: flipped };
  return { ...deal, [field]: ethers.toBeHex(flipped, type === "address" ? 20 : 32) };
}

describe("Settlement, given another deal than was committed", () => {
  let world: World;
  let deal: Deal;

  beforeEach(async () => {
    world = await load();
    deal = await makeDeal(world);
    await commit(world, deal);
  });

  function acts(deal: Deal, transcript: string) {
    const { settlement, buyerOwner, sellerOwner } = world;
    return {
      deliver: () => settlement.connect(sellerOwner).deliver(deal, transcript, ethers.ZeroHash),
      accept: () => settlement.connect(buyerOwner).accept(deal, transcript),
      claim: () => settlement.claim(deal, transcript),
      refund: () => settlement.refund(deal, transcript),
    };
  }

  async function expectMismatch(deal: Deal, transcript: string, what: string) {
    const { settlement } = world;
    const probe = await ethers.deployContract("HashProbe");
    const given = await probe.fingerprint(hashDeal(deal), transcript);
    const { fingerprint } = await settlement.recordOf(deal);
    for (const [name, act] of Object.entries(acts(deal, transcript))) {
      await expect(act(), `${name}, ${what}`)
        .to.be.revertedWithCustomError(settlement, "DealMismatch")
        .withArgs(hashDeal(deal), given, fingerprint);
    }
  }

  const fields = dealTypes.Deal.filter(({ name }) => name !== "buyer" && name !== "seller");
  for (const { name, type } of fields) {
    it(`refuses every act if one bit of ${name} differs`, async () => {
      const size = type === "address" ? 160 : Number(/\d+/.exec(type)) * (type.startsWith("bytes") ? 8 : 1);
      for (const bit of [0, size - 1]) await expectMismatch(flip(deal, name, bit), TRANSCRIPT, `bit ${bit}`);
    });
  }

  it("refuses every act if buyer and seller are exchanged", async () => {
    const { settlement, buyer, seller } = world;
    const exchanged = { ...deal, buyer: seller, seller: buyer };
    for (const act of [settlement.claim, settlement.refund]) {
      await expect(act(exchanged, TRANSCRIPT)).to.be.revertedWithCustomError(settlement, "DealMismatch");
    }
  });

  it("refuses every act if one bit of the transcript differs", async () => {
    for (const bit of [0n, 255n]) {
      const transcript = ethers.toBeHex(BigInt(TRANSCRIPT) ^ (1n << bit), 32);
      await expectMismatch(deal, transcript, `bit ${bit}`);
    }
  });

  it("refuses every act on a deal that was never committed, and shows that nothing was", async () => {
    const { settlement } = world;
    const other = await makeDeal(world);
    expect((await settlement.recordOf(other)).fingerprint).to.equal(ethers.dataSlice(ethers.ZeroHash, 0, 26));
    await expectMismatch(other, TRANSCRIPT, "never committed");
  });

  it("refuses fields with bits beyond their type", async () => {
    const { settlement, relayer } = world;
    const data = settlement.interface.encodeFunctionData("commit", await agree(world, await makeDeal(world)));
    const clean = ethers.getBytes(data);
    for (const { name, type } of dealTypes.Deal) {
      const word = 4 + 32 * dealTypes.Deal.findIndex((field) => field.name === name);
      if (type === "uint256" || type === "bytes32") continue;
      const dirty = Uint8Array.from(clean);
      dirty[word] = 1;
      const sending = relayer.sendTransaction({ to: settlement, data: ethers.hexlify(dirty) });
      await expect(sending, name).to.be.revertedWithoutReason(ethers);
    }
    await networkHelpers.mine();
  });
});
