import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Bytes32, ZERO_32 } from "../../../offchain/kernel/ids.ts";
import { hashDeal } from "../../../offchain/terms/deal.ts";
import { type Envelope, hashEnvelope } from "../../../offchain/terms/envelope.ts";
import type { Message } from "../../../offchain/terms/message.ts";
import type { RefusalCode } from "../../../offchain/terms/refusal.ts";
import {
  acceptedOffer,
  append,
  type Chain,
  checkPlace,
  headHash,
  linkAt,
  nextSeq,
  type Place,
} from "../../../offchain/transcript/chain.ts";
import { flip, SETTLEMENT } from "../../vectors/actors.ts";
import { Scene } from "../../vectors/scene.ts";

function chainOf(messages: readonly Message[]): Chain {
  let chain: Chain = null;
  for (const { envelope, body } of messages) chain = append(chain, envelope, hashEnvelope(SETTLEMENT, envelope), body);
  return chain;
}

/** Five messages of the opener's, four of the responder's; the opener is to speak next, having seen all. */
function stage(): { scene: Scene; place: Place; next: Envelope } {
  const scene = new Scene().introduce();
  for (const price of [80n, 85n, 90n]) {
    scene.offer("opener", price);
    scene.offer("responder", 200n - price);
  }
  const [speaker, listener] = [chainOf(scene.opener.messages), chainOf(scene.responder.messages)];
  const place = { negotiation: scene.negotiation, agent: 1n, speaker, listener, seen: 2 };
  const { envelope: next } = scene.offer("opener", 95n);
  return { scene, place, next };
}

function refuses(code: RefusalCode, changes: Partial<Envelope>, placed: Partial<Place> = {}): void {
  const { place, next } = stage();
  assert.throws(() => checkPlace({ ...next, ...changes }, { ...place, ...placed }), { name: "Refusal", code });
}

describe("a chain", () => {
  it("begins with nothing", () => {
    assert.equal(nextSeq(null), 0);
    assert.equal(headHash(null), ZERO_32);
    assert.equal(linkAt(null, 0), null);
  });

  it("counts, and finds what it holds", () => {
    const { place, scene } = stage();
    assert.equal(nextSeq(place.speaker), 4);
    assert.equal(headHash(place.speaker), scene.hash("opener", 3));
    for (const seq of [0, 1, 2, 3]) assert.equal(linkAt(place.speaker, seq)?.hash, scene.hash("opener", seq));
    for (const seq of [-1, 4, 1.5]) assert.equal(linkAt(place.speaker, seq), null);
  });

  it("keeps what was there when something is appended", () => {
    const { place, next, scene } = stage();
    const body = { kind: "OFFER", deal: scene.dealAt(95n) } as const;
    const longer = append(place.speaker, next, ZERO_32, body);
    assert.equal(longer.previous, place.speaker);
    assert.equal(nextSeq(place.speaker), 4);
    assert.deepEqual(longer.deal, body.deal);
  });
});

describe("checkPlace", () => {
  it("lets the next envelope through, and tells what it has seen", () => {
    const { place, next, scene } = stage();
    assert.equal(checkPlace(next, place)?.hash, scene.hash("responder", 3));
  });

  it("lets an envelope name what was named before again", () => {
    const { place, next, scene } = stage();
    assert.equal(checkPlace({ ...next, seen: scene.hash("responder", 2) }, place)?.seq, 2);
  });

  it("lets the first envelope have seen nothing", () => {
    const open = { negotiation: ZERO_32, agent: 1n, speaker: null, listener: null, seen: -1 };
    const { next } = stage();
    const first = { ...next, negotiation: ZERO_32, seq: 0, prev: ZERO_32, seen: ZERO_32 };
    assert.equal(checkPlace(first, open), null);
  });

  it("lets an ACCEPT name an older offer", () => {
    const { place, next, scene } = stage();
    assert.equal(checkPlace({ ...next, kind: "ACCEPT", seen: scene.hash("responder", 1) }, place)?.seq, 1);
  });

  const hash = `0x${"ab".repeat(32)}` as const;
  const wrong: [string, RefusalCode, Partial<Envelope>][] = [
    ["of another negotiation", "WrongNegotiation", { negotiation: hash }],
    ["of another agent", "WrongAgent", { agent: 2n }],
    ["that repeats a seq", "SeqGap", { seq: 3 }],
    ["that leaves one out", "SeqGap", { seq: 5 }],
    ["that follows another", "PrevMismatch", { prev: hash }],
    ["that follows nothing", "PrevMismatch", { prev: ZERO_32 }],
    ["that has seen what nobody said", "SeenMismatch", { seen: hash }],
    ["that has seen nothing any more", "SeenMismatch", { seen: ZERO_32 }],
    ["that accepts nothing", "SeenMismatch", { seen: ZERO_32, kind: "ACCEPT" }],
    ["that accepts what nobody said", "SeenMismatch", { seen: hash, kind: "ACCEPT" }],
  ];
  for (const [name, code, changes] of wrong) it(`refuses an envelope ${name}`, () => refuses(code, changes));

  it("refuses an envelope that forgets what it had seen, be it by one", () => {
    const { scene } = stage();
    for (const seq of [0, 1]) refuses("SeenMismatch", { seen: scene.hash("responder", seq) });
  });

  it("refuses an ACCEPT that has seen nothing, even as the first", () => {
    refuses("SeenMismatch", { kind: "ACCEPT", seen: ZERO_32 }, { seen: -1 });
  });

  it("judges negotiation, agent, seq, prev, seen, in that order", () => {
    const changes: [RefusalCode, Partial<Envelope>][] = [
      ["SeenMismatch", { seen: hash }],
      ["PrevMismatch", { prev: hash }],
      ["SeqGap", { seq: 9 }],
      ["WrongAgent", { agent: 9n }],
      ["WrongNegotiation", { negotiation: hash }],
    ];
    let all: Partial<Envelope> = {};
    for (const [code, change] of changes) {
      all = { ...all, ...change };
      refuses(code, all);
    }
  });
});

describe("acceptedOffer", () => {
  const { scene, place } = stage();
  const offered = place.listener;
  const accept = (body: Bytes32): Envelope => ({ ...stage().next, kind: "ACCEPT", body });

  it("is the deal of the OFFER that the ACCEPT has seen", () => {
    const deal = scene.dealAt(110n);
    assert.deepEqual(acceptedOffer(accept(hashDeal(deal)), offered), deal);
  });

  it("is none where the ACCEPT names another deal, be it by one bit", () => {
    const body = flip(hashDeal(scene.dealAt(110n)));
    assert.throws(() => acceptedOffer(accept(body), offered), { code: "DealMismatch" });
  });

  it("is none where what it has seen is no OFFER", () => {
    const body = hashDeal(scene.dealAt(110n));
    assert.throws(() => acceptedOffer(accept(body), linkAt(offered, 0)), { code: "SeenMismatch" });
    assert.throws(() => acceptedOffer(accept(body), null), { code: "SeenMismatch" });
  });
});
