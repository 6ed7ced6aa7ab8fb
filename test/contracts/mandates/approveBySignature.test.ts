import { expect } from "chai";
import type { Signer } from "ethers";
import { commit } from "../fixtures/agreements.ts";
import { ethers } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { Manner } from "../fixtures/enums.ts";
import { deploySettlement } from "../fixtures/settlement.ts";
import { load, type World } from "../fixtures/world.ts";
import { highS } from "../sessionKey.ts";
import type { Deal } from "../typedData.ts";
import { bindBuyer, digestApproval, makeApproval, passkey, plainKey, signApproval } from "./fixtures.ts";

describe("Settlement.approveBySignature", () => {
  let world: World;
  let deal: Deal;

  beforeEach(async () => {
    world = await load();
    deal = await makeDeal(world);
  });

  type Approval = Awaited<ReturnType<typeof makeApproval>>;

  async function approve(signer: string, approval: Approval, signature: string) {
    return await world.settlement.connect(world.relayer).approveBySignature(signer, approval, signature);
  }

  async function expectRefused(signer: string, approval: Approval, signature: string, approver = signer) {
    const { settlement } = world;
    await expect(approve(signer, approval, signature))
      .to.be.revertedWithCustomError(settlement, "BadApproval")
      .withArgs(ethers.getAddress(approver), await digestApproval(world, approval));
  }

  describe("given an EOA", () => {
    it("records what it signed, whoever carries it", async () => {
      const { settlement, stranger, buyer } = world;
      await bindBuyer(world, { threshold: 0n, approver: stranger.address });
      const approval = await makeApproval(world, deal);
      await expect(approve(stranger.address, approval, await signApproval(world, stranger, approval)))
        .to.emit(settlement, "ApprovalRecorded")
        .withArgs(stranger.address, buyer, deal.negotiation, Object.values(approval));
      await commit(world, deal);
    });

    it("takes the 64 bytes of ERC-2098 too", async () => {
      const { stranger } = world;
      const approval = await makeApproval(world, deal);
      const { compactSerialized } = ethers.Signature.from(await signApproval(world, stranger, approval));
      await approve(stranger.address, approval, compactSerialized);
    });

    it("refuses somebody else's signature, the higher s and no signature", async () => {
      const { stranger, relayer } = world;
      const approval = await makeApproval(world, deal);
      const signature = await signApproval(world, stranger, approval);
      await expectRefused(stranger.address, approval, await signApproval(world, relayer, approval));
      await expectRefused(stranger.address, approval, highS(signature));
      await expectRefused(stranger.address, approval, "0x");
    });

    it("refuses any other word than was signed", async () => {
      const { stranger, buyer, relayer } = world;
      const approval = await makeApproval(world, deal);
      const signature = await signApproval(world, stranger, approval);
      const others = [
        { agent: deal.seller },
        { tenure: 2n },
        { counterparty: buyer },
        { negotiation: ethers.id("another") },
        { token: relayer.address },
        { category: ethers.ZeroHash },
        { most: approval.most + 1n },
        { until: approval.until + 1 },
        { version: 2n },
      ];
      for (const other of others) await expectRefused(stranger.address, { ...approval, ...other }, signature);
    });

    it("refuses one made for another Settlement", async () => {
      const { registry, stranger, deployer } = world;
      const approval = await makeApproval(world, deal);
      const elsewhere = { ...world, settlement: await deploySettlement(registry, deployer) };
      await expectRefused(stranger.address, approval, await signApproval(elsewhere, stranger, approval));
    });

    it("doesn't serve the zero address, which signed nothing", async () => {
      await expectRefused(ethers.ZeroAddress, await makeApproval(world, deal), `0x${"00".repeat(65)}`);
    });
  });

  describe("given an ERC-1271 wallet", () => {
    it("records what it approves, and refuses what it doesn't", async () => {
      const { stranger, relayer } = world;
      const wallet = await ethers.deployContract("ContractWallet", [stranger]);
      const approver = await wallet.getAddress();
      await bindBuyer(world, { threshold: 0n, approver });
      const approval = await makeApproval(world, deal);
      await expectRefused(approver, approval, await signApproval(world, relayer, approval));
      const signature = await signApproval(world, stranger, approval);
      await wallet.setManner(Manner.Refusing);
      await expectRefused(approver, approval, signature);
      await wallet.setManner(Manner.Honest);
      await approve(approver, approval, signature);
      await commit(world, deal);
    });
  });

  for (const [what, make] of [
    ["a bare P-256 key", plainKey],
    ["a passkey", passkey],
  ] as const) {
    describe(`given ${what}, by a verifier of ERC-7913`, () => {
      it("records what it signed, under the address that its signer's hash gives", async () => {
        const { settlement, buyer } = world;
        const { signer, address, sign } = await make();
        await bindBuyer(world, { threshold: 0n, approver: address });
        const approval = await makeApproval(world, deal);
        await expect(approve(signer, approval, sign(await digestApproval(world, approval))))
          .to.emit(settlement, "ApprovalRecorded")
          .withArgs(address, buyer, deal.negotiation, Object.values(approval));
        await commit(world, deal);
      });

      it("refuses another word than was signed, and another key's", async () => {
        const [one, other] = [await make(), await make()];
        const approval = await makeApproval(world, deal);
        const signature = one.sign(await digestApproval(world, approval));
        await expectRefused(one.signer, { ...approval, most: approval.most + 1n }, signature, one.address);
        await expectRefused(other.signer, approval, signature, other.address);
      });

      it("counts under no other address if another verifier or key is named", async () => {
        const { settlement, stranger } = world;
        const mine = await make();
        await bindBuyer(world, { threshold: 0n, approver: mine.address });
        // a verifier of the forger's own, that says yes to everything for the very same key
        const theirs = await ethers.deployContract("YesVerifier");
        const forged = ethers.concat([await theirs.getAddress(), ethers.dataSlice(mine.signer, 20)]);
        const approval = await makeApproval(world, deal);
        await settlement.connect(stranger).approveBySignature(forged, approval, "0x");
        await expect(commit(world, deal)).to.be.revertedWithCustomError(settlement, "ApprovalMissing");
      });
    });
  }

  it("given a passkey whose user wasn't verified, refuses", async () => {
    const { signer, address, sign } = await passkey(0x01);
    const approval = await makeApproval(world, deal);
    await expectRefused(signer, approval, sign(await digestApproval(world, approval)), address);
  });

  it("given a signer too short to be one, or a verifier without code, refuses", async () => {
    const { stranger } = world;
    const approval = await makeApproval(world, deal);
    const signature = await signApproval(world, stranger, approval);
    const short = ethers.dataSlice(stranger.address, 0, 19);
    for (const signer of ["0x", short, ethers.concat([stranger.address, "0x01"])]) {
      const approver = ethers.dataSlice(ethers.keccak256(signer), 12);
      await expectRefused(signer, approval, signature, approver);
    }
  });

  describe("given a later word of the approver", () => {
    let approval: Approval;
    let signature: string;
    let approver: Signer & { address: string };

    beforeEach(async () => {
      approver = world.stranger;
      await bindBuyer(world, { threshold: 0n, approver: approver.address });
      approval = await makeApproval(world, deal);
      signature = await signApproval(world, approver, approval);
    });

    async function expectStale(latest: bigint) {
      await expect(approve(approver.address, approval, signature))
        .to.be.revertedWithCustomError(world.settlement, "ApprovalStale")
        .withArgs(approver.address, 1n, latest);
    }

    it("that takes it back, refuses the old signature, whether it was shown before or not", async () => {
      const { settlement } = world;
      await settlement.connect(approver).approve({ ...approval, most: 0n, version: 2n });
      await expectStale(2n);
      await expect(commit(world, deal))
        .to.be.revertedWithCustomError(settlement, "ApprovalMissing")
        .withArgs(deal.price + deal.buyerBond, 0n);
    });

    it("that takes it back by signature, refuses it too", async () => {
      await approve(approver.address, approval, signature);
      const nothing = { ...approval, most: 0n, version: 2n };
      await approve(approver.address, nothing, await signApproval(world, approver, nothing));
      await expectStale(2n);
    });

    it("that is smaller, or larger again, lets no former one come back", async () => {
      const { settlement } = world;
      await settlement.connect(approver).approve({ ...approval, most: 0n, version: 2n });
      await settlement.connect(approver).approve({ ...approval, most: 1n, version: 3n });
      await expectStale(3n);
      const anew = { ...approval, version: 4n };
      await approve(approver.address, anew, await signApproval(world, approver, anew));
      await commit(world, deal);
    });

    it("given the same again, refuses", async () => {
      await approve(approver.address, approval, signature);
      await expectStale(1n);
    });
  });
});
