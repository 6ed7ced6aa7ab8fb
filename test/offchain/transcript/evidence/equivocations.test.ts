import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NodeCrypto } from "../../../../offchain/adapters/crypto/node/crypto.ts";
import { type Hex, toHex } from "../../../../offchain/kernel/bytes.ts";
import { ZERO_32 } from "../../../../offchain/kernel/ids.ts";
import { encodeMessage, type Message } from "../../../../offchain/terms/message.ts";
import type { Bundle } from "../../../../offchain/transcript/evidence/bundle.ts";
import { bondOf, equivocationsIn } from "../../../../offchain/transcript/evidence/equivocations.ts";
import { DEPLOYMENT } from "../../../vectors/actors.ts";
import { BUYER, Scene } from "../../../vectors/scene.ts";

const crypto = new NodeCrypto();

function bundleOf(scene: Scene, beside: readonly Hex[] = []): Bundle {
  return { deployment: DEPLOYMENT, transcript: scene.transcript, beside, terms: null, chain: null };
}

function hexOf(message: Message): Hex {
  return toHex(encodeMessage(message));
}

/** The buyer's first offer, in a scene that is the same until then. */
function offering(price: bigint): { readonly scene: Scene; readonly offer: Message } {
  const scene = new Scene().introduce();
  return { scene, offer: scene.offer("opener", price) };
}

describe("who signed two binding things as one", () => {
  const { scene, offer } = offering(100n);
  const rival = offering(90n);

  it("is found within a bundle, with all that the contract wants to see", async () => {
    const [fault, ...others] = await equivocationsIn(crypto, [bundleOf(scene, [hexOf(rival.offer)])]);
    assert.ok(fault);
    assert.equal(others.length, 0);
    assert.deepEqual([fault.agent, fault.seq, fault.negotiation], [BUYER.agent, 1, scene.negotiation]);
    assert.deepEqual(new Set([fault.first.message, fault.second.message]), new Set([offer, rival.offer]));
    assert.ok(fault.first.message.body.kind === "OFFER");
    assert.deepEqual(fault.first.message.body.deal, fault.deal);
    assert.equal(fault.first.certificate, BUYER.certificate);
  });

  it("is found between what the two sides hold, of which neither proves it alone", async () => {
    const [one, other] = [bundleOf(scene), bundleOf(rival.scene)];
    assert.deepEqual(await equivocationsIn(crypto, [one]), []);
    assert.deepEqual(await equivocationsIn(crypto, [other]), []);
    assert.equal((await equivocationsIn(crypto, [one, other])).length, 1);
    assert.deepEqual(await equivocationsIn(crypto, [one, one]), [], "the same twice is no fault");
  });

  it("pays the larger of the bonds that it named", async () => {
    const dearer = new Scene().introduce();
    const deal = { ...dearer.dealAt(90n), buyerBond: dearer.dealAt(90n).buyerBond + 1n };
    const second = dearer.say("opener", { kind: "OFFER", deal });
    for (const bundle of [bundleOf(scene, [hexOf(second)]), bundleOf(dearer, [hexOf(offer)])]) {
      const [fault] = await equivocationsIn(crypto, [bundle]);
      assert.equal(fault && bondOf(BUYER.agent, fault.deal), deal.buyerBond);
    }
  });

  it("is nobody where the other frame is forged, doesn't bind, or is of another number", async () => {
    const { signature } = offer;
    const forged = { ...rival.offer, signature };
    const later = scene.say("responder", { kind: "OFFER", deal: scene.dealAt(200n) });
    const end = new Scene().introduce().say("opener", { kind: "END", code: "Withdrawn", subject: ZERO_32, note: "" });
    for (const frame of [hexOf(forged), hexOf(later), hexOf(end), "0x00" as const]) {
      assert.deepEqual(await equivocationsIn(crypto, [bundleOf(scene, [frame])]), []);
    }
  });
});
