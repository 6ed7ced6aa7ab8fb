import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decodeRecord } from "../../../offchain/dealing/record.ts";
import { SimulatedClock } from "../../../offchain/kernel/clock.ts";
import { type Bytes32, ZERO_32 } from "../../../offchain/kernel/ids.ts";
import type { Kind } from "../../../offchain/terms/envelope.ts";
import { hashEnvelope } from "../../../offchain/terms/envelope.ts";
import { decodeMessage, MAX_MESSAGE_BYTES, type Message } from "../../../offchain/terms/message.ts";
import type { RefusalCode } from "../../../offchain/terms/refusal.ts";
import {
  flipBit,
  kindOf,
  OTHER,
  SEPARATOR,
  type Side,
  standing,
  type Tamper,
  World,
  type WorldOptions,
} from "./fixture.ts";

/** Changes one message of that kind and side on its way, the second of its kind where there are several. */
function once(
  kind: Kind,
  from: Side,
  change: (frame: Uint8Array, world: World) => Promise<readonly Uint8Array[]>,
): Tamper {
  let seen = 0;
  const wanted = kind === "OFFER" ? 2 : 1;
  return async (frame, side, world) => {
    if (side !== from || kindOf(frame) !== kind) return [frame];
    seen++;
    return seen === wanted ? change(frame, world) : [frame];
  };
}

type Change = (message: Message) => Message;

const envelope =
  (change: (envelope: Message["envelope"]) => Partial<Message["envelope"]>): Change =>
  (message) => ({ ...message, envelope: { ...message.envelope, ...change(message.envelope) } });

const flipHex = (value: Bytes32): Bytes32 => `0x${(BigInt(value) ^ 1n).toString(16).padStart(64, "0")}`;

const lowestBitOfDeal: Change = (message) => {
  if (message.body.kind !== "OFFER") throw new Error("not an offer");
  const { deal } = message.body;
  return { ...message, body: { ...message.body, deal: { ...deal, sellerBond: deal.sellerBond ^ 1n } } };
};

const otherTerms: Change = (message) => {
  if (message.body.kind !== "OFFER") throw new Error("not an offer");
  const { deal } = message.body;
  return { ...message, body: { ...message.body, deal: { ...deal, terms: flipHex(deal.terms) } } };
};

/** What only the sender itself could do wrong: it is signed with the sender's own key. */
const SIGNED: readonly (readonly [what: string, code: RefusalCode, kind: Kind, change: Change])[] = [
  ["a gap in seq", "SeqGap", "OFFER", envelope(({ seq }) => ({ seq: seq + 1 }))],
  ["a wrong prev", "PrevMismatch", "OFFER", envelope(({ prev }) => ({ prev: flipHex(prev) }))],
  ["a wrong seen", "SeenMismatch", "OFFER", envelope(({ seen }) => ({ seen: flipHex(seen) }))],
  ["nothing seen", "SeenMismatch", "OFFER", envelope(() => ({ seen: ZERO_32 }))],
  ["another agent's id", "WrongAgent", "OFFER", envelope(() => ({ agent: 99n }))],
  ["an offer whose bond differs by one bit", "DealMismatch", "OFFER", lowestBitOfDeal],
  ["an offer whose terms differ by one bit", "DealMismatch", "OFFER", otherTerms],
  [
    "a receipt while bargaining",
    "OutOfTurn",
    "OFFER",
    (message) => ({
      ...message,
      envelope: { ...message.envelope, kind: "RECEIPT" },
      body: { kind: "RECEIPT", deal: ZERO_32, total: 1n },
    }),
  ],
];

/** What anybody on the wire could do. */
const DAMAGED: readonly (readonly [what: string, code: RefusalCode, damage: (frame: Uint8Array) => Uint8Array])[] = [
  ["a damaged signature", "BadSignature", (frame) => flipBit(frame, 1 + 173 + 63)],
  ["a damaged envelope", "BadSignature", (frame) => flipBit(frame, 1 + 64 + 4 + 8)],
  ["a damaged deal", "BodyMismatch", (frame) => flipBit(frame, frame.length - 1)],
  ["a truncated frame", "Malformed", (frame) => frame.slice(0, -1)],
  ["a byte too many", "Malformed", (frame) => Uint8Array.of(...frame, 0)],
  ["an unknown kind", "UnknownKind", (frame) => frame.with(1 + 68, 77)],
  [
    "an oversized frame",
    "Oversized",
    (frame) => {
      const large = new Uint8Array(MAX_MESSAGE_BYTES + 1);
      large.set(frame);
      return large;
    },
  ],
];

async function play(options: WorldOptions): Promise<World> {
  const world = await World.create(options);
  await world.open();
  await world.quiet();
  assert.deepEqual(world.troubles, []);
  return world;
}

/** Both sides ended, both say why, and both journals bring back exactly that. */
async function assertRefused(world: World, refuser: Side, code: RefusalCode): Promise<void> {
  const [refusing, refused] = [world.session(refuser), world.session(OTHER[refuser])];
  assert.equal(refusing.state.phase, "ended");
  assert.equal(refused.state.phase, "ended");
  if (refusing.state.phase !== "ended" || refused.state.phase !== "ended") return;
  assert.deepEqual([refusing.state.ending.by, refusing.state.ending.code], ["self", code]);
  assert.deepEqual([refused.state.ending.by, refused.state.ending.code], ["peer", code]);
  for (const side of ["buyer", "seller"] as const) {
    const before = standing(world.session(side));
    await world.restart(side);
    assert.deepEqual(standing(world.session(side)), before, `${side}'s journal`);
  }
}

describe("an offer that breaks the protocol is refused by name on both sides", () => {
  for (const from of ["buyer", "seller"] as const) {
    for (const [what, code, kind, change] of SIGNED) {
      it(`${from} sends ${what}: ${code}`, async () => {
        const tamper = once(kind, from, async (frame, world) => [await world.forge(frame, from, change)]);
        await assertRefused(await play({ tamper }), OTHER[from], code);
      });
    }
    for (const [what, code, damage] of DAMAGED) {
      it(`${from}'s frame arrives as ${what}: ${code}`, async () => {
        const tamper = once("OFFER", from, async (frame) => [damage(frame)]);
        await assertRefused(await play({ tamper }), OTHER[from], code);
      });
    }
    it(`${from} signs two offers under one seq: Conflict, and both are kept`, async () => {
      const tamper = once("OFFER", from, async (frame, world) => [
        frame,
        await world.forge(
          frame,
          from,
          envelope(({ sentAt }) => ({ sentAt: sentAt + 1 })),
        ),
      ]);
      const world = await play({ tamper });
      const { state } = world.session(OTHER[from]);
      assert.equal(state.phase === "ended" && state.ending.code, "Conflict");
      assert.equal(await keptEnvelopes(world, OTHER[from], "OFFER", 1), 2);
    });
  }
});

/** How many different envelopes of one `seq` a side's journal holds of its peer: the proof of a conflict. */
async function keptEnvelopes(world: World, side: Side, kind: Kind, offer: number): Promise<number> {
  const [stream] = await world.journals[side].streams();
  const records = (await world.journals[side].read(stream ?? "")).map(decodeRecord);
  const heard = records.flatMap(({ event }) => ("message" in event ? [event.message.envelope] : []));
  const seq = heard.filter((envelope) => envelope.kind === kind)[offer]?.seq;
  const hashes = heard.filter((envelope) => envelope.seq === seq).map((envelope) => hashEnvelope(SEPARATOR, envelope));
  return new Set(hashes).size;
}

describe("two envelopes under one seq", () => {
  it("are both kept even after the agreement, once", async () => {
    const world = await World.create();
    await world.open();
    await world.quiet();
    const first = world.sent.find(({ from, frame }) => from === "buyer" && kindOf(frame) === "OFFER");
    assert.ok(first);
    for (const later of [1, 2, 3]) {
      const forged = await world.forge(
        first.frame,
        "buyer",
        envelope(({ sentAt }) => ({ sentAt: sentAt + later })),
      );
      world.dealers.seller.listener.onFrame(forged, world.line("seller"));
      await world.quiet();
    }
    assert.equal(world.session("seller").state.phase, "agreed");
    assert.equal(world.session("seller").state.equivocated, "binding");
    assert.equal(await keptEnvelopes(world, "seller", "OFFER", 0), 2);
    await world.restart("seller");
    assert.equal(world.session("seller").state.equivocated, "binding");
  });

  it("are both kept where they bind, although one that doesn't was caught before", async () => {
    const world = await World.create();
    world.open();
    await world.quiet();
    for (const kind of ["OPEN", "OFFER"] as const) {
      const said = world.sent.find(({ from, frame }) => from === "buyer" && kindOf(frame) === kind);
      assert.ok(said);
      const later = envelope(({ sentAt }) => ({ sentAt: sentAt + 1 }));
      world.dealers.seller.listener.onFrame(await world.forge(said.frame, "buyer", later), world.line("seller"));
      await world.quiet();
      assert.equal(world.session("seller").state.equivocated, kind === "OPEN" ? "other" : "binding");
    }
    assert.equal(await keptEnvelopes(world, "seller", "OFFER", 0), 2);
  });
});

describe("an ACCEPT of another deal binds nobody", () => {
  const accepts: readonly (readonly [what: string, code: RefusalCode, change: Change])[] = [
    [
      "a deal that differs by one bit",
      "DealMismatch",
      (message) => {
        const deal = flipHex(message.envelope.body);
        return { ...message, envelope: { ...message.envelope, body: deal }, body: { kind: "ACCEPT", deal } };
      },
    ],
    ["an envelope that is no offer", "SeenMismatch", envelope(() => ({ seen: ZERO_32 }))],
  ];
  for (const [what, code, change] of accepts) {
    it(`${what}: ${code}`, async () => {
      const world = await World.create({
        tamper: async (frame, from, self) => {
          if (kindOf(frame) !== "ACCEPT") return [frame];
          return [await self.forge(frame, from, change)];
        },
      });
      await world.open();
      await world.quiet();
      const sides = (["buyer", "seller"] as const).map((side) => world.session(side).state);
      const refusing = sides.find(({ phase }) => phase === "ended");
      assert.equal(refusing?.phase === "ended" && refusing.ending.code, code);
    });
  }
});

describe("a certificate that doesn't hold is refused on both sides", () => {
  const cases: readonly (readonly [what: string, code: RefusalCode, options: (side: Side) => WorldOptions])[] = [
    [
      "is not valid yet",
      "CertificateNotYetValid",
      (side) => ({ validity: { [side]: { notBefore: 4e9, notAfter: 5e9 } } }),
    ],
    ["has expired", "CertificateExpired", (side) => ({ validity: { [side]: { notBefore: 1, notAfter: 2 } } })],
    ["is of an old key epoch", "EpochEnded", (side) => ({ epochs: { [side]: 2 } })],
    ["is of a future epoch", "EpochEnded", (side) => ({ validity: { [side]: { epoch: 7 } } })],
  ];
  for (const [what, code, options] of cases) {
    it(`the opener's ${what}: ${code}`, async () => {
      const world = await play(options("buyer"));
      const { state } = world.session("buyer");
      assert.deepEqual(state.phase === "ended" && [state.ending.by, state.ending.code], ["peer", code]);
      // Whom nobody vouches for gets an answer, but no place in the journal.
      assert.equal(world.dealers.seller.sessions.size, 0);
      assert.deepEqual(await world.journals.seller.streams(), []);
    });
    it(`the responder's ${what}: ${code}`, async () => {
      await assertRefused(await play(options("seller")), "buyer", code);
    });
  }

  it("ends before the offers' `commitBy`: CertificateExpired", async () => {
    const now = Math.floor(new SimulatedClock().now() / 1000);
    const world = await play({ validity: { buyer: { notAfter: now + 300 } } });
    const { state } = world.session("buyer");
    assert.equal(state.phase === "ended" && state.ending.code, "CertificateExpired");
  });
});

describe("a proposal that can't be read", () => {
  it("takes no longer to refuse for being long", async () => {
    const refuse = async (length: number) => {
      const before = performance.now();
      const tamper = once("OPEN", "buyer", async (frame, world) => [
        await world.forge(frame, "buyer", (message) => ({
          ...message,
          body:
            message.body.kind === "OPEN"
              ? { ...message.body, proposal: `{"${"a".repeat(length)}":1,"version":1}` }
              : message.body,
        })),
      ]);
      const world = await play({ tamper });
      const bodies = world.sent.filter(({ from }) => from === "seller").map(({ frame }) => decodeMessage(frame).body);
      assert.equal(bodies.map((body) => (body.kind === "END" ? body.code : body.kind)).join(), "JOIN,Malformed");
      return performance.now() - before;
    };
    await refuse(10);
    const short = await refuse(10);
    // Cutting the note character by character took thousands of times as long.
    assert.ok((await refuse(60_000)) < 200 * short);
  });

  it("is answered with Malformed, and kept nowhere", async () => {
    const tamper = once("OPEN", "buyer", async (frame, world) => [
      await world.forge(frame, "buyer", (message) => ({
        ...message,
        body: message.body.kind === "OPEN" ? { ...message.body, proposal: '{"version":2}' } : message.body,
      })),
    ]);
    const world = await play({ tamper });
    assert.equal(world.dealers.seller.sessions.size, 0);
    const last = world.sent
      .filter(({ from }) => from === "seller")
      .map(({ frame }) => decodeMessage(frame).body)
      .at(-1);
    assert.equal(last?.kind === "END" && last.code, "Malformed");
  });
});

describe("rubbish from a stranger", () => {
  it("does not end a negotiation that runs over another connection", async () => {
    const [send, close, drop] = [() => undefined, () => undefined, () => undefined];
    const stranger = { peer: "stranger", send, close, drop };
    let rubbish = 0;
    const world = await World.create({
      tamper: (frame, from, self) => {
        if (from === "buyer" && kindOf(frame) === "OFFER" && rubbish++ === 1) {
          const seller = self.dealers.seller.listener;
          seller.onFrame(flipBit(frame, 1 + 173 + 63), stranger);
          seller.onFrame(frame.slice(0, 60), stranger);
          seller.onFrame(new Uint8Array(), stranger);
        }
        return [frame];
      },
    });
    await world.open();
    await world.quiet();
    assert.ok(rubbish > 1);
    assert.equal(world.session("seller").state.phase, "agreed");
  });
});
