import { expect } from "chai";
import { setWallet } from "../fixtures/agents.ts";
import { agree, agreeBySession, type SessionOptions } from "../fixtures/agreements.ts";
import { balances, expectConserved } from "../fixtures/balances.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { escrowOf, expectStatus, makeDeal } from "../fixtures/deals.ts";
import { settlementDomain } from "../fixtures/domains.ts";
import { Kind, Status } from "../fixtures/enums.ts";
import { unsigned } from "../fixtures/envelopes.ts";
import { deploySettlement } from "../fixtures/settlement.ts";
import { at, MINUTE } from "../fixtures/time.ts";
import { FUNDS, load, type World } from "../fixtures/world.ts";
import { certificateTypes, SessionKey } from "../sessionKey.ts";
import type { Deal } from "../typedData.ts";

describe("Settlement.commitBySession", () => {
  let world: World;
  let deal: Deal;
  let now: number;

  beforeEach(async () => {
    world = await load();
    deal = await makeDeal(world);
    now = await networkHelpers.time.latest();
  });

  async function expectRefused(options: SessionOptions, error: string, ...args: unknown[]) {
    const agreement = await agreeBySession(world, deal, options);
    await expect(world.settlement.commitBySession(...agreement.args))
      .to.be.revertedWithCustomError(world.settlement, error)
      .withArgs(...args);
  }

  describe("given an offer and an acceptance", () => {
    for (const buyerAccepts of [true, false]) {
      it(`commits, the ${buyerAccepts ? "buyer" : "seller"} accepting`, async () => {
        const { settlement, relayer } = world;
        const { args, transcript } = await agreeBySession(world, deal, { buyerAccepts });
        await settlement.connect(relayer).commitBySession(...args);
        await expectStatus(settlement, deal, Status.Committed, await networkHelpers.time.latest());
        expect(await balances(world, deal.token)).to.deep.equal({
          buyer: FUNDS - deal.price - deal.buyerBond,
          seller: FUNDS - deal.sellerBond,
        });
        await expectConserved(world, deal.token, escrowOf(deal));
        const probe = await ethers.deployContract("HashProbe");
        const { fingerprint } = await settlement.recordOf(deal);
        expect(fingerprint).to.equal(await probe.fingerprint(await probe.dealHash(deal), transcript));
      });
    }

    it("emits the acceptance's hash as transcript, which the later acts take", async () => {
      const { settlement, buyer, seller, buyerWallet } = world;
      const { args, transcript } = await agreeBySession(world, deal);
      const probe = await ethers.deployContract("HashProbe");
      await expect(settlement.commitBySession(...args))
        .to.emit(settlement, "Committed")
        .withArgs(
          await probe.dealHash(deal),
          buyer,
          seller,
          deal.negotiation,
          transcript,
          deal.token,
          deal.price,
          deal.buyerBond,
          deal.sellerBond,
        );
      await settlement.connect(buyerWallet).accept(deal, transcript);
    });

    it("never judges what the sender's clock said", async () => {
      const { settlement } = world;
      const options = { buyer: { sentAt: 0n }, seller: { sentAt: 2n ** 64n - 1n } };
      await settlement.commitBySession(...(await agreeBySession(world, deal, options)).args);
    });

    it("takes a key whose certificate was made after another's: keys rotate by overlap", async () => {
      const { settlement } = world;
      await settlement.commitBySession(...(await agreeBySession(world, deal)).args);
      const next = await makeDeal(world);
      await settlement.commitBySession(...(await agreeBySession(world, next)).args);
    });
  });

  describe("given a certificate's validity", () => {
    for (const side of ["buyer", "seller"] as const) {
      it(`counts from the first to the last second, the ${side}'s`, async () => {
        const { settlement } = world;
        const first = await agreeBySession(world, deal, { [side]: { notBefore: now + 10 } });
        await at(now + 10, () => settlement.commitBySession(...first.args));
        const next = await makeDeal(world);
        const last = await agreeBySession(world, next, { [side]: { notAfter: now + 20 } });
        await at(now + 20, () => settlement.commitBySession(...last.args));
      });

      it(`refuses a second before, the ${side}'s`, async () => {
        const { settlement } = world;
        const { args } = await agreeBySession(world, deal, { [side]: { notBefore: now + 10 } });
        await expect(at(now + 9, () => settlement.commitBySession(...args)))
          .to.be.revertedWithCustomError(settlement, "CertificateNotYetValid")
          .withArgs(world[side], now + 9, now + 10);
      });

      it(`refuses a second after, the ${side}'s`, async () => {
        const { settlement } = world;
        const { args } = await agreeBySession(world, deal, { [side]: { notAfter: now + 20 } });
        await expect(at(now + 21, () => settlement.commitBySession(...args)))
          .to.be.revertedWithCustomError(settlement, "CertificateExpired")
          .withArgs(world[side], now + 21, now + 20);
      });
    }

    it("refuses other bounds than were certified", async () => {
      const { settlement, buyer, buyerWallet } = world;
      const { args } = await agreeBySession(world, deal, { buyer: { notAfter: now + 1 } });
      const [, , , buyerAuth, sellerAuth] = args;
      const longer = { ...buyerAuth, notAfter: now + MINUTE };
      await expect(settlement.commitBySession(deal, true, args[2], longer, sellerAuth))
        .to.be.revertedWithCustomError(settlement, "BadCertificate")
        .withArgs(buyer, buyerWallet.address);
    });
  });

  describe("given another key epoch", () => {
    it("refuses certificates from before the keys were revoked", async () => {
      const { registry, settlement, seller, sellerWallet } = world;
      const { args } = await agreeBySession(world, deal);
      await registry.connect(sellerWallet).revokeKeys(seller);
      await expect(settlement.commitBySession(...args))
        .to.be.revertedWithCustomError(settlement, "WrongEpoch")
        .withArgs(seller, 2n, 3n);
      await settlement.commitBySession(...(await agreeBySession(world, deal)).args);
    });

    it("refuses an old certificate under the new epoch's number", async () => {
      const { registry, settlement, buyer, buyerWallet } = world;
      const { args } = await agreeBySession(world, deal);
      await registry.connect(buyerWallet).revokeKeys(buyer);
      const [, , seen, buyerAuth, sellerAuth] = args;
      await expect(settlement.commitBySession(deal, true, seen, { ...buyerAuth, epoch: 3n }, sellerAuth))
        .to.be.revertedWithCustomError(settlement, "BadCertificate")
        .withArgs(buyer, buyerWallet.address);
    });
  });

  describe("given a certificate that isn't the wallet's", () => {
    it("refuses the owner's", async () => {
      const { buyer, buyerOwner, buyerWallet } = world;
      await expectRefused({ buyer: { signer: buyerOwner } }, "BadCertificate", buyer, buyerWallet.address);
    });

    it("refuses the former wallet's", async () => {
      const { registry, buyer, buyerOwner, buyerWallet, stranger } = world;
      await setWallet(registry, buyerOwner, buyer, stranger);
      await expectRefused({ buyer: { signer: buyerWallet } }, "BadCertificate", buyer, stranger.address);
      await world.settlement.commitBySession(
        ...(await agreeBySession(world, deal, { buyer: { signer: stranger } })).args,
      );
    });

    it("refuses one for another key", async () => {
      const { settlement, seller, sellerWallet } = world;
      const { args } = await agreeBySession(world, deal);
      const [, , seen, buyerAuth, sellerAuth] = args;
      const { x, y } = new SessionKey();
      await expect(settlement.commitBySession(deal, true, seen, buyerAuth, { ...sellerAuth, x, y }))
        .to.be.revertedWithCustomError(settlement, "BadCertificate")
        .withArgs(seller, sellerWallet.address);
    });

    it("refuses one for another deployment of Settlement", async () => {
      const { registry, buyer, buyerWallet, deployer } = world;
      const other = await deploySettlement(registry, deployer);
      await expectRefused({ buyer: { settlement: other } }, "BadCertificate", buyer, buyerWallet.address);
    });

    it("refuses an empty one that nobody recorded", async () => {
      const { settlement, buyer } = world;
      const [, , seen, buyerAuth, sellerAuth] = (await agreeBySession(world, deal)).args;
      const { x, y, notBefore, notAfter, epoch } = buyerAuth;
      const certificate = { agent: buyer, settlement: await settlement.getAddress(), x, y, notBefore, notAfter, epoch };
      const hash = ethers.TypedDataEncoder.hashStruct("SessionKey", certificateTypes, certificate);
      await expect(settlement.commitBySession(deal, true, seen, unsigned(buyerAuth), sellerAuth))
        .to.be.revertedWithCustomError(settlement, "CertificateNotRecorded")
        .withArgs(buyer, epoch, hash);
    });

    it("refuses half a one", async () => {
      const { settlement, buyer, buyerWallet } = world;
      const [, , seen, buyerAuth, sellerAuth] = (await agreeBySession(world, deal)).args;
      const half = { ...buyerAuth, certificateR: ethers.ZeroHash };
      await expect(settlement.commitBySession(deal, true, seen, half, sellerAuth))
        .to.be.revertedWithCustomError(settlement, "BadCertificate")
        .withArgs(buyer, buyerWallet.address);
    });

    it("refuses one of a contract wallet, which signs nothing by key", async () => {
      const { registry, buyer, buyerOwner, stranger } = world;
      const wallet = await ethers.deployContract("ContractWallet", [stranger]);
      await setWallet(registry, buyerOwner, buyer, stranger, wallet);
      await expectRefused({ buyer: { signer: stranger } }, "BadCertificate", buyer, await wallet.getAddress());
    });
  });

  describe("given an envelope that says something else", () => {
    const others: [string, SessionOptions["buyer"]][] = [
      ["another deal", { body: ethers.id("another deal") }],
      ["another negotiation", { negotiation: ethers.id("another negotiation") }],
      ["an end to the talk", { kind: Kind.End }],
      ["an offer, where it should accept", { kind: Kind.Offer }],
      ["that it accepts another offer", { seen: ethers.id("another offer") }],
    ];
    for (const [what, buyer] of others) {
      it(`refuses ${what}`, async () => {
        await expectRefused({ buyer: { ...buyer } }, "BadEnvelopeSignature", world.buyer);
      });
    }

    it("refuses an acceptance where the offer should be", async () => {
      await expectRefused({ seller: { kind: Kind.Accept } }, "BadEnvelopeSignature", world.seller);
    });

    for (const field of ["seq", "sentAt", "prev", "r", "s"] as const) {
      it(`refuses another ${field} than was signed`, async () => {
        const { settlement, buyer } = world;
        const [, , seen, buyerAuth, sellerAuth] = (await agreeBySession(world, deal)).args;
        const value = field === "seq" || field === "sentAt" ? 9n : ethers.id("another");
        await expect(settlement.commitBySession(deal, true, seen, { ...buyerAuth, [field]: value }, sellerAuth))
          .to.be.revertedWithCustomError(settlement, "BadEnvelopeSignature")
          .withArgs(buyer);
      });
    }

    it("refuses another `seen` than was offered", async () => {
      const { settlement, seller } = world;
      const [, , , buyerAuth, sellerAuth] = (await agreeBySession(world, deal)).args;
      await expect(settlement.commitBySession(deal, true, ethers.id("another"), buyerAuth, sellerAuth))
        .to.be.revertedWithCustomError(settlement, "BadEnvelopeSignature")
        .withArgs(seller);
    });

    it("refuses offer and acceptance in exchanged roles", async () => {
      const { settlement } = world;
      const [, , seen, buyerAuth, sellerAuth] = (await agreeBySession(world, deal)).args;
      await expect(settlement.commitBySession(deal, false, seen, buyerAuth, sellerAuth)).to.be.revertedWithCustomError(
        settlement,
        "BadEnvelopeSignature",
      );
    });

    it("refuses envelopes sent for another deployment of Settlement", async () => {
      const { registry, settlement, seller, deployer } = world;
      const other = await deploySettlement(registry, deployer);
      const here = { settlement };
      await expectRefused({ settlement: other, buyer: here, seller: here }, "BadEnvelopeSignature", seller);
    });

    it("refuses the same signature with the higher s", async () => {
      await expectRefused({ buyer: { highS: true } }, "BadEnvelopeSignature", world.buyer);
    });
  });

  it("refuses a deal that a field's change makes another one", async () => {
    const { settlement, seller } = world;
    const [, , seen, buyerAuth, sellerAuth] = (await agreeBySession(world, deal)).args;
    const cheaper = { ...deal, price: deal.price - 1n };
    await expect(settlement.commitBySession(cheaper, true, seen, buyerAuth, sellerAuth))
      .to.be.revertedWithCustomError(settlement, "BadEnvelopeSignature")
      .withArgs(seller);
  });

  it("refuses a negotiation that was committed by wallets", async () => {
    const { settlement } = world;
    await settlement.commit(...(await agree(world, deal)));
    await expectRefused({}, "NegotiationUsed", Status.Committed, Status.None);
  });

  it("computes envelope hashes as the off-chain side does", async () => {
    const { settlement, buyer } = world;
    const probe = await ethers.deployContract("HashProbe");
    const domain = ethers.TypedDataEncoder.hashDomain(await settlementDomain(settlement));
    const envelope = {
      negotiation: deal.negotiation,
      agent: buyer,
      seq: 3,
      kind: Kind.Offer,
      sentAt: 12n,
      prev: ethers.id("prev"),
      seen: ethers.id("seen"),
      body: ethers.id("body"),
    };
    const key = new SessionKey();
    const { hash, r, s } = key.signEnvelope(domain, envelope);
    expect(await probe.envelopeHash(domain, envelope)).to.equal(hash);
    expect(await probe.p256(hash, r, s, key.x, key.y)).to.equal(true);
    expect(await probe.p256Solidity(hash, r, s, key.x, key.y)).to.equal(true);
    const high = key.signEnvelope(domain, envelope, true);
    expect(await probe.p256(high.hash, high.r, high.s, key.x, key.y)).to.equal(false);
    expect(await probe.p256Solidity(high.hash, high.r, high.s, key.x, key.y)).to.equal(false);
  });
});
