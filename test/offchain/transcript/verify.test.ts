// The vectors hold one transcript for each rule; here are the ones that no file could hold.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { NodeCrypto } from "../../../offchain/adapters/crypto/node/crypto.ts";
import { WebCrypto } from "../../../offchain/adapters/crypto/web/crypto.ts";
import type { Crypto } from "../../../offchain/ports/crypto.ts";
import { hashDeal } from "../../../offchain/terms/deal.ts";
import { decodeMessage, encodeMessage, type Message } from "../../../offchain/terms/message.ts";
import { Refusal } from "../../../offchain/terms/refusal.ts";
import { type Transcript, verifyTranscript } from "../../../offchain/transcript/verify.ts";
import { actor, SETTLEMENT } from "../../vectors/actors.ts";
import { Scene, type Side, wholeLife } from "../../vectors/scene.ts";

const crypto = new NodeCrypto();

/** Says that every signature is good, so that only the rest is judged. */
const CREDULOUS: Crypto = {
  generateSessionSecret: () => crypto.generateSessionSecret(),
  sessionSigner: (secret) => crypto.sessionSigner(secret),
  verify: () => true,
  sealTo: (key, content, context) => crypto.sealTo(key, content, context),
};

const verify = (transcript: Transcript, by: Crypto = crypto) => verifyTranscript(by, SETTLEMENT, transcript);

describe("verifyTranscript", () => {
  it("proves the agreement, with the messages that made it, by either crypto", async () => {
    const { transcript } = wholeLife();
    for (const by of [crypto, new WebCrypto()]) {
      const { agreement, certificates, signatures } = await verify(transcript, by);
      assert.equal(signatures, 11);
      assert.equal(agreement?.offer, transcript.responder[2]);
      assert.equal(agreement?.accept, transcript.opener[3]);
      assert.equal(agreement?.deal.price, 105_000_000n);
      assert.equal(certificates.opener.key.agent, 1n);
      assert.equal(certificates.responder.key.agent, 2n);
    }
  });

  it("takes any conversation in which messages cross on the wire", async () => {
    const step = fc.record({ who: fc.constantFrom<Side>("opener", "responder"), delay: fc.nat(3) });
    const property = fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const scene = new Scene().introduce();
      const seen = { opener: 0, responder: 0 };
      for (const { who, delay } of steps) {
        const other = who === "opener" ? "responder" : "opener";
        // What was sent lately may not have arrived yet, but what has been seen stays seen.
        seen[who] = Math.max(seen[who], scene[other].messages.length - 1 - delay);
        scene.offer(who, 100n, (envelope) => ({ ...envelope, seen: scene.hash(other, seen[who]) }));
      }
      const { agreement, signatures } = await verify(scene.transcript, CREDULOUS);
      assert.equal(agreement, null);
      assert.equal(signatures, steps.length + 2);
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it("refuses a transcript in which one bit of one message was turned over", async () => {
    const life = wholeLife().transcript;
    const messages = [...life.opener, ...life.responder];
    const property = fc.asyncProperty(fc.nat(messages.length - 1), fc.nat(), fc.nat(7), async (which, random, bit) => {
      const bytes = encodeMessage(messages[which] as Message);
      const at = random % bytes.length;
      // A wallet's signature stands outside what the session key signed; the registry's check is what it is for.
      fc.pre(!isCertificateSignature(messages[which] as Message, at));
      bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
      const altered = (message: Message) => (message === messages[which] ? decodeMessage(bytes) : message);
      const verifying = async () => {
        return await verify({ opener: life.opener.map(altered), responder: life.responder.map(altered) });
      };
      await assert.rejects(verifying, Refusal);
    });
    await fc.assert(property, { numRuns: 300 });
  });

  it("trusts no content that the envelope wasn't signed for, wherever the message comes from", async () => {
    const { opener, responder } = wholeLife().transcript;
    const [open, offer] = opener as [Message, Message];
    assert.ok(open.body.kind === "OPEN" && offer.body.kind === "OFFER");
    const forged: Message[] = [
      { ...offer, body: { kind: "OFFER", deal: { ...offer.body.deal, price: 1n } } },
      { ...offer, body: { kind: "ACCEPT", deal: hashDeal(offer.body.deal) } },
      { ...offer, envelope: { ...offer.envelope, kind: "ACCEPT" } },
    ];
    for (const message of forged) {
      const altered = { opener: [open, message, ...opener.slice(2)], responder };
      await assert.rejects(verify(altered, CREDULOUS), { code: "BodyMismatch" });
    }
    const stolen = { ...open, body: { ...open.body, certificate: actor(1n, { epoch: 2 }).certificate } };
    await assert.rejects(verify({ opener: [stolen, ...opener.slice(1)], responder }), { code: "BodyMismatch" });
  });

  it("finds the first of several agreements, and isn't misled by an ACCEPT of nothing", async () => {
    const scene = new Scene().introduce();
    scene.offer("opener", 80n);
    scene.offer("responder", 120n);
    scene.say("opener", { kind: "ACCEPT", deal: `0x${"ba".repeat(32)}` });
    scene.accept("responder");
    const { agreement } = await verify(scene.transcript);
    assert.equal(agreement?.accept, scene.responder.messages[2]);
  });

  it("takes a second OPEN or JOIN for what it is: something said out of turn", async () => {
    const scene = wholeLife();
    const [open, join] = [scene.opener.messages[0], scene.responder.messages[0]] as [Message, Message];
    scene.say("opener", open.body);
    scene.say("responder", { ...join.body, kind: "JOIN", open: scene.negotiation } as typeof join.body);
    const { agreement } = await verify(scene.transcript);
    assert.notEqual(agreement, null);
  });

  it("refuses what is empty", async () => {
    const { opener, responder } = wholeLife().transcript;
    for (const transcript of [
      { opener: [], responder: [] },
      { opener, responder: [] },
      { opener: [], responder },
    ]) {
      await assert.rejects(verify(transcript), { code: "Malformed" });
    }
  });
});

/** Whether that byte of an OPEN or JOIN belongs to the wallet's signature over the certificate. */
function isCertificateSignature({ body }: Message, at: number): boolean {
  if (body.kind !== "OPEN" && body.kind !== "JOIN") return false;
  const start = 238 + 64 + 138;
  return at >= start && at < start + 65;
}
