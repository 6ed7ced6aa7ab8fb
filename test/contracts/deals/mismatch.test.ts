import { expect } from "chai";
import { receipt } from "../fixtures/acts.ts";
import { agree, commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { load, type World } from "../fixtures/world.ts";
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
    given = await receipt(world, deal, 1n);
  });

  /** Held against the record before anybody asks whose receipt it is. */
  let given: Awaited<ReturnType<typeof receipt>>;

  function acts(deal: Deal, transcript: string) {
    const { settlement, buyerOwner, sellerOwner } = world;
    return {
      deliver: () => settlement.connect(sellerOwner).deliver(deal, transcript, ethers.ZeroHash),
      accept: () => settlement.connect(buyerOwner).accept(deal, transcript),
      claim: () => settlement.claim(deal, transcript),
      refund: () => settlement.refund(deal, transcript),
      claimReceipt: () => settlement.connect(sellerOwner).claimReceipt(deal, transcript, 1n, given, true),
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

  describe("given fields with bits beyond their type", () => {
    /** Calls with one bit too much in one field each; the deal is the first argument and lies in the calldata as it is. */
    function dirty(data: string) {
      return dealTypes.Deal.flatMap(({ name, type }, index) => {
        if (type === "uint256" || type === "bytes32") return [];
        const size = type === "address" ? 160 : Number(/\d+/.exec(type));
        return [size, 255].map((bit) => {
          const bytes = ethers.getBytes(data);
          const place = 4 + 32 * index + 31 - Math.floor(bit / 8);
          bytes[place] = (bytes[place] ?? 0) ^ (1 << (bit % 8));
          return { name, bit, data: ethers.hexlify(bytes), deal: ethers.dataSlice(bytes, 4, 4 + 32 * 16) };
        });
      });
    }

    it("refuses every act, before it reads any of them", async () => {
      const { settlement, buyerOwner } = world;
      const type = ethers.TypedDataEncoder.from(dealTypes).encodeType("Deal");
      for (const { name, bit, data, deal: encoded } of dirty(
        settlement.interface.encodeFunctionData("accept", [deal, TRANSCRIPT]),
      )) {
        const sending = buyerOwner.sendTransaction({ to: settlement, data });
        await expect(sending, `${name}, bit ${bit}`)
          .to.be.revertedWithCustomError(settlement, "DealMalformed")
          .withArgs(ethers.keccak256(ethers.concat([ethers.id(type), encoded])));
      }
    });

    it("refuses to commit, by name unless the decoder was faster", async () => {
      const { settlement, relayer } = world;
      const read = ["token", "price", "buyerBond", "sellerBond", "commitBy", "lapseShare"];
      const args = await agree(world, await makeDeal(world));
      for (const { name, bit, data } of dirty(settlement.interface.encodeFunctionData("commit", args))) {
        const sending = expect(relayer.sendTransaction({ to: settlement, data }), `${name}, bit ${bit}`);
        if (read.includes(name)) await sending.to.be.revertedWithoutReason(ethers);
        else await sending.to.be.revertedWithCustomError(settlement, "DealMalformed");
      }
      await settlement.commit(...args);
    });
  });
});
