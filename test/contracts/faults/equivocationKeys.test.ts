import { expect } from "chai";
import type { ContractWallet } from "../../../types/ethers-contracts/index.ts";
import { setWallet } from "../fixtures/agents.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { registryDomain } from "../fixtures/domains.ts";
import { Manner } from "../fixtures/enums.ts";
import { at, DAY, HOUR } from "../fixtures/time.ts";
import type { World } from "../fixtures/world.ts";
import { certificateTypes, SessionKey } from "../sessionKey.ts";
import type { Deal } from "../typedData.ts";
import { type Contradiction, contradict, file } from "./contradictions.ts";
import { loadStaked, say } from "./fixtures.ts";

const LIABILITY = DAY;

describe("Settlement.equivocation, by the authority of a key", () => {
  let world: World;
  let deal: Deal;
  /** What the second envelope names instead. */
  let other: Deal;

  beforeEach(async () => {
    world = await loadStaked();
    deal = await makeDeal(world);
    other = { ...deal, price: deal.price + 1n };
  });

  it("given two keys of one agent, counts", async () => {
    const first = await say(world, deal, "seller", "Offer", deal, { key: new SessionKey() });
    const second = await say(world, deal, "seller", "Offer", other, { key: new SessionKey() });
    await expect(file(world, deal, "seller", [first, second])).to.emit(world.settlement, "Equivocated");
  });

  it("given two epochs of one agent, counts", async () => {
    const { registry, settlement, seller, sellerWallet } = world;
    const first = await say(world, deal, "seller", "Offer");
    await registry.connect(sellerWallet).revokeKeys(seller);
    const second = await say(world, deal, "seller", "Offer", other);
    expect([first.said.auth.session.epoch, second.said.auth.session.epoch]).to.deep.equal([2n, 3n]);
    await expect(file(world, deal, "seller", [first, second])).to.emit(settlement, "Equivocated");
  });

  describe("given the end of a key's authority", () => {
    const outcome = async (time: number, pair: Contradiction, end: number) => {
      const filing = at(time, () => file(world, deal, "seller", pair));
      if (time <= end) await expect(filing).to.emit(world.settlement, "Equivocated");
      else {
        await expect(filing)
          .to.be.revertedWithCustomError(world.settlement, "CertificateExpired")
          .withArgs(world.seller, time, end);
      }
    };

    for (const late of [0, 1]) {
      const title = late ? "no longer" : "still in the last second";
      it(`by revocation, counts for a day, ${title}`, async () => {
        const pair = await contradict(world, deal, "seller", {
          notAfter: (await networkHelpers.time.latest()) + 30 * DAY,
        });
        await world.registry.connect(world.sellerOwner).revokeKeys(world.seller);
        const end = (await networkHelpers.time.latest()) + LIABILITY;
        await outcome(end + late, pair, end);
      });

      it(`by its certificate, counts for a day, ${title}`, async () => {
        const notAfter = (await networkHelpers.time.latest()) + HOUR;
        const pair = await contradict(world, deal, "seller", { notAfter });
        await outcome(notAfter + LIABILITY + late, pair, notAfter + LIABILITY);
      });

      it(`by a certificate that ended before the revocation, counts for a day from there, ${title}`, async () => {
        const notAfter = (await networkHelpers.time.latest()) + HOUR;
        const pair = await contradict(world, deal, "seller", { notAfter });
        await networkHelpers.time.increaseTo(notAfter + HOUR);
        await world.registry.connect(world.sellerOwner).revokeKeys(world.seller);
        await outcome(notAfter + LIABILITY + late, pair, notAfter + LIABILITY);
      });
    }

    it("needs both envelopes to count", async () => {
      const notAfter = (await networkHelpers.time.latest()) + HOUR;
      const first = await say(world, deal, "seller", "Offer", deal, { notAfter: notAfter + 10 * DAY });
      const second = await say(world, deal, "seller", "Offer", other, { notAfter });
      await outcome(notAfter + LIABILITY + 1, [first, second], notAfter + LIABILITY);
    });
  });

  it("given a key before its time, refuses", async () => {
    const { settlement, seller } = world;
    const notBefore = (await networkHelpers.time.latest()) + HOUR;
    const pair = await contradict(world, deal, "seller", { notBefore });
    await expect(at(notBefore - 1, () => file(world, deal, "seller", pair)))
      .to.be.revertedWithCustomError(settlement, "CertificateNotYetValid")
      .withArgs(seller, notBefore - 1, notBefore);
    await at(notBefore, () => file(world, deal, "seller", pair));
  });

  it("given an epoch that hasn't come, refuses", async () => {
    const { settlement, seller } = world;
    const pair = await contradict(world, deal, "seller", { epoch: 3n });
    await expect(file(world, deal, "seller", pair))
      .to.be.revertedWithCustomError(settlement, "WrongEpoch")
      .withArgs(seller, 3n, 2n);
  });

  it("given a former wallet, still holds the agent to what that signed", async () => {
    const { registry, settlement, seller, sellerOwner } = world;
    const pair = await contradict(world, deal, "seller");
    await registry.connect(sellerOwner).unsetAgentWallet(seller);
    await expect(file(world, deal, "seller", pair)).to.emit(settlement, "Equivocated");
  });

  describe("given an ERC-1271 wallet", () => {
    let pair: Contradiction;
    let wallet: ContractWallet;
    let record: () => Promise<unknown>;

    beforeEach(async () => {
      const { registry, settlement, seller, sellerOwner, stranger } = world;
      wallet = await ethers.deployContract("ContractWallet", [stranger]);
      await setWallet(registry, sellerOwner, seller, stranger, wallet);
      const now = await networkHelpers.time.latest();
      const [key, validity] = [new SessionKey(), { notBefore: now - HOUR, notAfter: now + DAY }];
      pair = await contradict(world, deal, "seller", { key, ...validity, signer: stranger });
      for (const { said } of pair) {
        said.auth.session.certificateR = ethers.ZeroHash;
        said.auth.session.certificateVS = ethers.ZeroHash;
      }
      const place = { agent: seller, settlement: await settlement.getAddress(), epoch: 3n };
      const certificate = { ...place, x: key.x, y: key.y, ...validity };
      const signature = await stranger.signTypedData(await registryDomain(registry), certificateTypes, certificate);
      record = () => registry.recordCertificate(certificate, signature);
    });

    it("that recorded its certificate, can't disown what its key said", async () => {
      await record();
      await wallet.setManner(Manner.Refusing);
      await expect(file(world, deal, "seller", pair)).to.emit(world.settlement, "Equivocated");
    });

    it("that recorded its certificate, can't disown it by leaving either", async () => {
      const { registry, seller, sellerOwner, settlement } = world;
      await record();
      await registry.connect(sellerOwner).unsetAgentWallet(seller);
      await expect(file(world, deal, "seller", pair)).to.emit(settlement, "Equivocated");
    });

    it("that recorded none, isn't held to anything", async () => {
      await expect(file(world, deal, "seller", pair)).to.be.revertedWithCustomError(
        world.settlement,
        "CertificateNotRecorded",
      );
    });
  });

  it("given a certificate by the owner instead of the wallet, refuses", async () => {
    const { settlement, seller, sellerOwner, sellerWallet } = world;
    const pair = await contradict(world, deal, "seller", { signer: sellerOwner });
    await expect(file(world, deal, "seller", pair))
      .to.be.revertedWithCustomError(settlement, "BadCertificate")
      .withArgs(seller, sellerWallet.address);
  });
});
