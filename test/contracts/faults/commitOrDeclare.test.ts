import { expect } from "chai";
import { expectBooks } from "../disputes/fixtures.ts";
import { agreeBySession, commit, type SessionOptions } from "../fixtures/agreements.ts";
import { ethers, NATIVE, networkHelpers, type TestSigner } from "../fixtures/chain.ts";
import { escrowOf, expectStatus, makeDeal } from "../fixtures/deals.ts";
import { Status } from "../fixtures/enums.ts";
import { at, DAY, HOUR, MINUTE } from "../fixtures/time.ts";
import { FUNDS, type World } from "../fixtures/world.ts";
import { type Deal, hashDeal } from "../typedData.ts";
import {
  declare,
  empty,
  exposureOf,
  loadStaked,
  otherOf,
  ownerOf,
  restrict,
  type Side,
  STAKE,
  walletOf,
} from "./fixtures.ts";

/** What can stand in the way on one side, and the error that says so. */
const OBSTACLES: Record<
  string,
  [string | Record<Side, string>, (world: World, side: Side, deal: Deal) => Promise<unknown>]
> = {
  "too little money": [
    { buyer: "BuyerFundsTooLow", seller: "SellerFundsTooLow" },
    (world, side, deal) => empty(world, side, deal.token, exposureOf(deal, side) - 1n),
  ],
  "no mandate": ["MandateMissing", (world, side) => restrict(world, side)],
  "a mandate that has expired": [
    "MandateExpired",
    async (world, side) => {
      const expiry = (await networkHelpers.time.latest()) + MINUTE;
      await restrict(world, side, { expiry });
      await networkHelpers.time.increaseTo(expiry);
    },
  ],
  "a mandate for smaller deals": [
    "DealLimitExceeded",
    (world, side, deal) => restrict(world, side, { limit: exposureOf(deal, side) - 1n }),
  ],
  "a budget that is too small": [
    "BudgetExceeded",
    (world, side, deal) => restrict(world, side, { budget: exposureOf(deal, side) - 1n }),
  ],
  "no approval": [
    "ApprovalMissing",
    (world, side, deal) =>
      restrict(world, side, { threshold: exposureOf(deal, side) - 1n, approver: world.stranger.address }),
  ],
  "a lock": [
    "AgentLocked",
    async ({ registry, ...world }, side) => {
      const until = (await networkHelpers.time.latest()) + DAY;
      return await registry.connect(world[`${side}Owner`]).lock(world[side], until);
    },
  ],
  "keys revoked by the wallet": [
    "WrongEpoch",
    ({ registry, ...world }, side) => registry.connect(world[`${side}Wallet`]).revokeKeys(world[side]),
  ],
  "no wallet any more": [
    "WrongEpoch",
    ({ registry, ...world }, side) => registry.connect(world[`${side}Owner`]).unsetAgentWallet(world[side]),
  ],
  "another owner": [
    "WrongEpoch",
    ({ registry, stranger, ...world }, side) => {
      const owner = world[`${side}Owner`];
      return registry.connect(owner).transferFrom(owner, stranger, world[side]);
    },
  ],
};

describe("Settlement.commitOrDeclare", () => {
  let world: World;
  let deal: Deal;

  beforeEach(async () => {
    world = await loadStaked();
    deal = await makeDeal(world);
  });

  async function sign(options: SessionOptions = {}, of = deal) {
    const { args, transcript } = await agreeBySession(world, of, options);
    const send = (caller: TestSigner) => world.settlement.connect(caller).commitOrDeclare(...args);
    return { args, transcript, send };
  }

  describe("given nothing in the way, commits", () => {
    for (const who of ["buyerWallet", "buyerOwner", "sellerWallet", "sellerOwner"] as const) {
      for (const buyerAccepts of [true, false]) {
        it(`for the ${who}, the ${buyerAccepts ? "buyer" : "seller"} having accepted`, async () => {
          const { settlement } = world;
          const { send, transcript } = await sign({ buyerAccepts });
          const sending = send(world[who]);
          await expect(sending)
            .to.emit(settlement, "Committed")
            .withArgs(
              hashDeal(deal),
              deal.buyer,
              deal.seller,
              deal.negotiation,
              transcript,
              deal.token,
              deal.price,
              deal.buyerBond,
              deal.sellerBond,
            );
          await expect(sending).not.to.emit(settlement, "Declared");
          await expectStatus(settlement, deal, Status.Committed, await networkHelpers.time.latest());
          await expectBooks(world, deal.token, escrowOf(deal));
          await settlement.connect(world.sellerWallet).deliver(deal, transcript, ethers.ZeroHash);
        });
      }
    }

    it("in the last second, with the last second of a certificate", async () => {
      const { send } = await sign({ buyer: { notAfter: deal.commitBy }, seller: { notAfter: deal.commitBy } });
      await at(deal.commitBy, () => send(world.buyerWallet));
      await expectStatus(world.settlement, deal, Status.Committed, deal.commitBy);
    });

    it("uses the same budget as any commitment", async () => {
      await restrict(world, "buyer", { budget: exposureOf(deal, "buyer") });
      await (await sign()).send(world.sellerWallet);
      const next = await makeDeal(world);
      const [reason] = await world.settlement.mandateRefusal(next, world.buyer, exposureOf(next, "buyer"));
      expect(reason).to.equal(world.settlement.interface.getError("BudgetExceeded")?.selector);
    });
  });

  for (const atFault of ["buyer", "seller"] as const) {
    const by = otherOf(atFault);
    for (const [obstacle, [error, put]] of Object.entries(OBSTACLES)) {
      it(`given ${obstacle} on the ${atFault}'s side, locks the ${by}'s part and declares`, async () => {
        const { settlement } = world;
        const { send, transcript } = await sign();
        await put(world, atFault, deal);
        const free = await settlement.free(deal[atFault], deal.token);
        const since = (await networkHelpers.time.latest()) + 10;
        const sending = at(since, () => send(walletOf(world, by)));
        const name = typeof error === "string" ? error : error[atFault];
        await expect(sending)
          .to.emit(settlement, "Declared")
          .withArgs(
            hashDeal(deal),
            deal[by],
            deal.buyer,
            deal.seller,
            deal.negotiation,
            transcript,
            deal.token,
            exposureOf(deal, by),
            since + HOUR,
            settlement.interface.getError(name)?.selector,
          );
        await expect(sending).not.to.emit(settlement, "Committed");
        await expectStatus(settlement, deal, Status.Declared, since);
        expect(await settlement.free(deal[by], deal.token)).to.equal(FUNDS - STAKE - exposureOf(deal, by));
        expect(await settlement.free(deal[atFault], deal.token)).to.equal(free);
        expect(await settlement.declarationOf(deal)).to.deep.equal([deal[by], 2n, BigInt(since + HOUR)]);
        await expectBooks(world, deal.token, exposureOf(deal, by));
      });

      it(`given ${obstacle} on the ${atFault}'s own side, refuses`, async () => {
        const { settlement } = world;
        const { send } = await sign();
        await put(world, atFault, deal);
        const owner = obstacle === "another owner" ? world.stranger : ownerOf(world, atFault);
        const name =
          obstacle === "no wallet any more" || obstacle === "another owner"
            ? "WalletMissing"
            : typeof error === "string"
              ? error
              : error[atFault];
        await expect(send(owner)).to.be.revertedWithCustomError(settlement, name);
        expect((await settlement.recordOf(deal)).status).to.equal(Status.None);
        await expectBooks(world, deal.token, 0n);
      });
    }
  }

  it("given an obstacle on the caller's own side, says how large and what is allowed", async () => {
    const { settlement, buyerOwner } = world;
    const { send } = await sign();
    const exposure = exposureOf(deal, "buyer");
    await restrict(world, "buyer", { limit: exposure - 7n });
    await expect(send(buyerOwner))
      .to.be.revertedWithCustomError(settlement, "DealLimitExceeded")
      .withArgs(exposure, exposure - 7n);
  });

  it("given native coin, does the same", async () => {
    const native = { ...deal, token: NATIVE };
    await empty(world, "seller", NATIVE);
    await (await sign({}, native)).send(world.buyerWallet);
    expect((await world.settlement.recordOf(native)).status).to.equal(Status.Declared);
    await expectBooks(world, NATIVE, exposureOf(native, "buyer"));
  });

  it("given both sides in the way, refuses either: nobody was ready", async () => {
    const { settlement } = world;
    const { send } = await sign();
    await empty(world, "buyer", deal.token);
    await empty(world, "seller", deal.token);
    await expect(send(world.buyerWallet)).to.be.revertedWithCustomError(settlement, "BuyerFundsTooLow");
    await expect(send(world.sellerWallet)).to.be.revertedWithCustomError(settlement, "SellerFundsTooLow");
  });

  it("given anybody else, refuses, even if all is well", async () => {
    const { settlement, seller, relayer, deployer } = world;
    const { send } = await sign();
    for (const caller of [relayer, deployer]) {
      await expect(send(caller))
        .to.be.revertedWithCustomError(settlement, "NotOwnerOrWallet")
        .withArgs(seller, caller.address);
    }
  });

  it("given the end of the offer, refuses", async () => {
    const { settlement } = world;
    const { send } = await sign();
    await empty(world, "seller", deal.token);
    await expect(at(deal.commitBy + 1, () => send(world.buyerWallet)))
      .to.be.revertedWithCustomError(settlement, "CommitByPassed")
      .withArgs(deal.commitBy + 1, deal.commitBy);
  });

  it("given its last second, declares, with an hour to cure", async () => {
    const { settlement } = world;
    const { send } = await sign();
    await empty(world, "seller", deal.token);
    await at(deal.commitBy, () => send(world.buyerWallet));
    expect((await settlement.declarationOf(deal)).cureUntil).to.equal(deal.commitBy + HOUR);
  });

  it("given what neither side can help alone, refuses", async () => {
    const { settlement, buyer } = world;
    await empty(world, "seller", deal.token);
    const far = (await networkHelpers.time.latest()) + 6 * DAY;
    for (const [changes, error] of [
      [{ commitBy: far }, "CommitByTooFar"],
      [{ lapseShare: 10_001 }, "LapseShareTooHigh"],
      [{ seller: buyer }, "BuyerIsSeller"],
    ] as const) {
      const { send } = await sign({}, { ...deal, ...changes });
      await expect(send(world.buyerWallet)).to.be.revertedWithCustomError(settlement, error);
    }
  });

  it("given a pause, refuses, to commit and to declare", async () => {
    const { settlement, deployer } = world;
    const { send } = await sign();
    await settlement.connect(deployer).pause();
    const since = await networkHelpers.time.latest();
    for (const obstacle of [false, true]) {
      if (obstacle) await empty(world, "seller", deal.token);
      const time = (await networkHelpers.time.latest()) + 10;
      await expect(at(time, () => send(world.buyerWallet)))
        .to.be.revertedWithCustomError(settlement, "CommitmentsPaused")
        .withArgs(since, time);
    }
  });

  it("given a negotiation that made its deal or its declaration, refuses", async () => {
    const { settlement, buyerWallet } = world;
    await commit(world, deal);
    await expect((await sign({}, { ...deal, price: 1n })).send(buyerWallet))
      .to.be.revertedWithCustomError(settlement, "NegotiationUsed")
      .withArgs(Status.Committed, Status.None);

    deal = await makeDeal(world);
    await empty(world, "seller", deal.token);
    await declare(world, deal, "buyer");
    await expect((await sign()).send(buyerWallet))
      .to.be.revertedWithCustomError(settlement, "NegotiationUsed")
      .withArgs(Status.Declared, Status.None);
    const { args } = await agreeBySession(world, deal);
    await expect(settlement.commitBySession(...args))
      .to.be.revertedWithCustomError(settlement, "NegotiationUsed")
      .withArgs(Status.Declared, Status.None);
  });

  describe("given a certificate", () => {
    for (const side of ["buyer", "seller"] as const) {
      it(`of the ${side} that ran out, refuses: nobody should have relied on it`, async () => {
        const { settlement } = world;
        const notAfter = deal.commitBy - 10 * MINUTE;
        const { send } = await sign({ [side]: { notAfter } });
        await empty(world, "seller", deal.token);
        await expect(at(notAfter + 1, () => send(world.buyerWallet)))
          .to.be.revertedWithCustomError(settlement, "CertificateExpired")
          .withArgs(deal[side], notAfter + 1, notAfter);
      });

      it(`of the ${side} that hasn't begun, refuses`, async () => {
        const { settlement } = world;
        const notBefore = deal.commitBy - MINUTE;
        const { send } = await sign({ [side]: { notBefore } });
        await expect(send(world.buyerWallet)).to.be.revertedWithCustomError(settlement, "CertificateNotYetValid");
      });
    }

    it("that ran out after the keys were revoked, refuses all the same", async () => {
      const { registry, settlement, seller, sellerWallet } = world;
      const notAfter = deal.commitBy - 10 * MINUTE;
      const { send } = await sign({ seller: { notAfter } });
      await registry.connect(sellerWallet).revokeKeys(seller);
      await expect(at(notAfter + 1, () => send(world.buyerWallet))).to.be.revertedWithCustomError(
        settlement,
        "CertificateExpired",
      );
    });

    for (const late of [0, 1]) {
      it(`whose epoch ended ${late ? "more than" : "just"} a day ago, ${late ? "refuses" : "declares"}`, async () => {
        const { registry, settlement, seller, sellerWallet } = world;
        const commitBy = (await networkHelpers.time.latest()) + 3 * DAY;
        deal = { ...deal, commitBy };
        const { send } = await sign({ buyer: { notAfter: commitBy }, seller: { notAfter: commitBy } });
        await registry.connect(sellerWallet).revokeKeys(seller);
        const end = (await networkHelpers.time.latest()) + DAY;
        const sending = at(end + late, () => send(world.buyerWallet));
        if (!late) await expect(sending).to.emit(settlement, "Declared");
        else {
          await expect(sending)
            .to.be.revertedWithCustomError(settlement, "CertificateExpired")
            .withArgs(seller, end + 1, end);
        }
      });
    }

    it("of an epoch that hasn't come, refuses", async () => {
      const { settlement, seller } = world;
      const { send } = await sign({ seller: { epoch: 3n } });
      await expect(send(world.buyerWallet))
        .to.be.revertedWithCustomError(settlement, "WrongEpoch")
        .withArgs(seller, 3n, 2n);
    });

    it("of the caller's own former epoch, refuses", async () => {
      const { registry, settlement, buyer, buyerWallet } = world;
      const { send } = await sign();
      await registry.connect(buyerWallet).revokeKeys(buyer);
      await expect(send(buyerWallet)).to.be.revertedWithCustomError(settlement, "WrongEpoch").withArgs(buyer, 2n, 3n);
    });
  });

  describe("given bad signatures, refuses whichever side's they are, obstacle or not", () => {
    for (const side of ["buyer", "seller"] as const) {
      it(`of the ${side}`, async () => {
        const { settlement, stranger } = world;
        for (const obstacle of [false, true]) {
          if (obstacle) await empty(world, "seller", deal.token);
          const certified = await sign({ [side]: { signer: stranger } });
          await expect(certified.send(world.buyerWallet))
            .to.be.revertedWithCustomError(settlement, "BadCertificate")
            .withArgs(deal[side], walletOf(world, side).address);
          for (const wrong of [{ body: ethers.id("other deal") }, { kind: 4 }, { highS: true }]) {
            await expect((await sign({ [side]: wrong })).send(world.buyerWallet))
              .to.be.revertedWithCustomError(settlement, "BadEnvelopeSignature")
              .withArgs(deal[side]);
          }
        }
      });
    }

    it("given roles turned round, refuses", async () => {
      const { settlement, buyerWallet } = world;
      const { args } = await sign();
      await expect(
        settlement.connect(buyerWallet).commitOrDeclare(args[0], !args[1], args[2], args[3], args[4]),
      ).to.be.revertedWithCustomError(settlement, "BadEnvelopeSignature");
    });
  });

  it("given one owner of both sides, takes the buyer's as its own", async () => {
    const { registry, settlement, seller, sellerOwner, buyerOwner } = world;
    const { send } = await sign();
    await registry.connect(sellerOwner).transferFrom(sellerOwner, buyerOwner, seller);
    await expect(send(buyerOwner)).to.emit(settlement, "Declared");
    expect((await settlement.declarationOf(deal)).declarer).to.equal(deal.buyer);
  });
});
