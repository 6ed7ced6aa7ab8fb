import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NodeCrypto } from "../../../../offchain/adapters/crypto/node/crypto.ts";
import { ZERO_ADDRESS } from "../../../../offchain/kernel/ids.ts";
import { hashDeal } from "../../../../offchain/terms/deal.ts";
import type { Bundle, ChainAccount } from "../../../../offchain/transcript/evidence/bundle.ts";
import { examine, holds } from "../../../../offchain/transcript/evidence/examine.ts";
import { DEPLOYMENT, NOW } from "../../../vectors/actors.ts";
import { BUYER, PROPOSAL, SELLER, wholeLife } from "../../../vectors/scene.ts";

const crypto = new NodeCrypto();
const scene = wholeLife();
const ACCEPT = 3;
const deal = scene.dealAt(105_000_000n);
const { buyerBond, sellerBond, price } = deal;
const committed = { dealHash: hashDeal(deal), transcript: scene.hash("opener", ACCEPT), price };

/** What an honest file says once the deal is settled. */
const SETTLED: ChainAccount = {
  asOf: NOW + 1_000,
  opener: { wallet: BUYER.wallet, epoch: 1 },
  responder: { wallet: SELLER.wallet, epoch: 1 },
  position: { status: "Settled", since: NOW + 500, ours: true },
  committed,
  payout: { outcome: "Accepted", toBuyer: buyerBond, toSeller: price + sellerBond },
};

function bundle(chain: ChainAccount | null, transcript: Bundle["transcript"] = scene.transcript): Bundle {
  return { deployment: DEPLOYMENT, transcript, beside: [], terms: PROPOSAL.terms, chain };
}

const WITHOUT_ACCEPT = {
  opener: scene.transcript.opener.slice(0, ACCEPT),
  responder: scene.transcript.responder.slice(0, 3),
};

async function found(chain: ChainAccount, asked: ChainAccount | null = null, transcript?: Bundle["transcript"]) {
  const findings = await examine(crypto, bundle(chain, transcript), asked);
  const { discrepancies } = findings;
  return { at: discrepancies.map(({ at, kind }) => `${kind} ${at}`), isGood: holds(findings), discrepancies };
}

describe("what a file says of the chain, held against its messages", () => {
  it("is taken where it fits", async () => {
    assert.deepEqual(await found(SETTLED), { at: [], isGood: true, discrepancies: [] });
    assert.deepEqual((await found({ ...SETTLED, payout: null })).at, []);
  });

  it("is refuted by another price, deal or payout than was signed", async () => {
    const { payout } = SETTLED;
    if (payout === null) return assert.fail();
    for (const [changes, at] of [
      [{ committed: { ...committed, price: price + 1n } }, "chain.committed.price"],
      [{ committed: { ...committed, dealHash: committed.transcript } }, "chain.committed.dealHash"],
      [{ payout: { ...payout, toSeller: payout.toSeller + 1n } }, "chain.payout"],
      [{ payout: { ...payout, toSeller: payout.toSeller - 1n } }, "chain.payout"],
      [{ payout: { ...payout, toBuyer: 0n, toSeller: payout.toSeller + buyerBond } }, "chain.payout.toBuyer"],
      [{ payout: { ...payout, outcome: "Refunded" as const } }, "chain.payout.toBuyer"],
      [{ position: { status: "Delivered" as const, since: NOW, ours: true } }, "chain.payout"],
      [{ position: { status: "None" as const, since: 0, ours: true }, payout: null }, "chain.position.status"],
      [{ position: { status: "Settled" as const, since: NOW, ours: false } }, "chain.position.ours"],
    ] as const) {
      const { at: places, isGood } = await found({ ...SETTLED, ...changes });
      assert.deepEqual([places[0], isGood], [`contradicted ${at}`, false]);
    }
  });

  it("takes a payout that is less by what a RECEIPT had paid before, and a refund of the rest", async () => {
    const receipt = scene.transcript.opener.find(({ body }) => body.kind === "RECEIPT");
    if (receipt?.body.kind !== "RECEIPT") return assert.fail();
    const before = receipt.body.total;
    const accepted = { outcome: "Accepted", toBuyer: buyerBond, toSeller: price + sellerBond - before } as const;
    assert.deepEqual((await found({ ...SETTLED, payout: accepted })).at, []);
    const toSeller = (sellerBond * before) / price;
    const refunded = {
      outcome: "Refunded",
      toBuyer: price + buyerBond + sellerBond - before - toSeller,
      toSeller,
    } as const;
    assert.deepEqual((await found({ ...SETTLED, payout: refunded })).at, []);
  });

  it("is refuted where it names a deal that was cut off the messages", async () => {
    const { isGood, discrepancies } = await found(SETTLED, null, WITHOUT_ACCEPT);
    assert.equal(isGood, false);
    assert.match(discrepancies[0]?.says ?? "", /the chain account names a deal that the messages don't contain/);
    const hidden = { ...SETTLED, committed: null, payout: null };
    assert.deepEqual((await found(hidden, null, WITHOUT_ACCEPT)).at, ["contradicted chain.position"]);
  });

  it("says that an ACCEPT is missing where another deal was committed than any agreed here", async () => {
    const other = { ...SETTLED, position: { status: "Committed", since: NOW, ours: false }, payout: null } as const;
    const { at, isGood } = await found(other, null, WITHOUT_ACCEPT);
    assert.deepEqual([at, isGood], [["missing chain.committed.transcript"], true]);
  });
});

describe("what a file says of the chain, held against the chain", () => {
  it("is named where it differs", async () => {
    const forged: ChainAccount = {
      ...SETTLED,
      opener: { wallet: ZERO_ADDRESS, epoch: 1 },
      responder: { wallet: SELLER.wallet, epoch: 9 },
      position: { status: "Settled", since: NOW + 501, ours: true },
      committed: { ...committed, price: 1n },
    };
    const { at, isGood } = await found(forged, SETTLED);
    assert.equal(isGood, false);
    assert.deepEqual(at, [
      "contradicted chain.opener.wallet",
      "contradicted chain.responder.epoch",
      "contradicted chain.position.since",
      "contradicted chain.committed.price",
    ]);
  });

  it("may have been so before: what has changed since is no lie", async () => {
    const then: ChainAccount = {
      ...SETTLED,
      asOf: NOW + 400,
      position: { status: "Committed", since: NOW + 100, ours: true },
      payout: null,
    };
    const { at, isGood } = await found(then, { ...SETTLED, opener: { wallet: ZERO_ADDRESS, epoch: 2 } });
    assert.deepEqual(at, ["changed chain.opener.epoch", "changed chain.position.status", "changed chain.payout"]);
    assert.equal(isGood, true);
    assert.equal((await found({ ...then, asOf: NOW + 900 }, SETTLED)).isGood, false);
  });

  it("shows that messages are missing from a file that says nothing of it", async () => {
    const asked = { ...SETTLED, position: { status: "Settled", since: NOW + 500, ours: false } } as const;
    const { discrepancies } = await examine(crypto, bundle(null, WITHOUT_ACCEPT), asked);
    assert.deepEqual(
      discrepancies.map(({ at, kind }) => [at, kind]),
      [["chain.committed.transcript", "missing"]],
    );
  });
});
