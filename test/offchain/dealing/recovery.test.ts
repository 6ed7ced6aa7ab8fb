import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NodeCrypto } from "../../../offchain/adapters/crypto/node/crypto.ts";
import { MemoryJournal } from "../../../offchain/adapters/journal/memory/journal.ts";
import { ParleyError } from "../../../offchain/kernel/errors.ts";
import { SeededEntropy } from "../../../offchain/kernel/random.ts";
import type { Durability } from "../../../offchain/ports/journal.ts";
import { verifyTranscript } from "../../../offchain/transcript/verify.ts";
import { kindOf, SEPARATOR, type Side, saidBy, standing, World, type WorldOptions } from "./fixture.ts";

/** A journal that stops the world once it holds that many records: where a crash happens. */
class CrashingJournal extends MemoryJournal {
  #left: number;
  readonly #onCrash: () => void;

  constructor(records: number, onCrash: () => void) {
    super();
    this.#left = records;
    this.#onCrash = onCrash;
  }

  override async append(stream: string, index: number, record: Uint8Array, durability: Durability): Promise<void> {
    await super.append(stream, index, record, durability);
    this.#left--;
    // The record is on disk, but nothing that it brings about has happened yet.
    if (this.#left === 0) this.#onCrash();
  }
}

/** Prices and rounds of the deal; its hash differs from world to world only by the salts. */
function terms(world: World, side: Side): unknown {
  const { state } = world.session(side);
  assert.equal(state.phase, "agreed", `${side}: ${JSON.stringify(standing(world.session(side)), jsonSafe)}`);
  if (state.phase !== "agreed") return null;
  const { deal, acceptedBy, offerSeq, acceptSeq } = state.agreement;
  return { price: deal.price, acceptedBy, offerSeq, acceptSeq };
}

function jsonSafe(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

async function agreeInPeace(options: WorldOptions = {}): Promise<World> {
  const world = await World.create(options);
  await world.open();
  await world.quiet();
  return world;
}

/** One side has accepted; the frame that says so is held back. */
async function agreeWithoutHearing(): Promise<{ world: World; held: Uint8Array }> {
  const held: Uint8Array[] = [];
  const world = await agreeInPeace({
    tamper: (frame) => {
      if (kindOf(frame) !== "ACCEPT") return [frame];
      held.push(frame);
      return [];
    },
  });
  const [accept] = held;
  assert.ok(accept);
  return { world, held: accept };
}

async function assertSameTranscript(world: World): Promise<void> {
  const ours = await world.session("buyer").transcript();
  assert.deepEqual(ours, await world.session("seller").transcript());
  const verified = await verifyTranscript(new NodeCrypto(), SEPARATOR, ours);
  assert.equal(verified.signatures, ours.opener.length + ours.responder.length);
}

describe("a crash after any record of either journal", async () => {
  const peace = await agreeInPeace();
  const expected = { buyer: terms(peace, "buyer"), seller: terms(peace, "seller") };
  for (const side of ["buyer", "seller"] as const) {
    const [stream] = await peace.journals[side].streams();
    const records = (await peace.journals[side].read(stream ?? "")).length;
    for (let point = 1; point <= records; point++) {
      it(`${side}, record ${point} of ${records}: ends in the same deal`, async () => {
        let crashed = false;
        const journal = new CrashingJournal(point, () => {
          crashed = true;
          // Nothing that this process still does reaches anybody.
          world.line(side).close();
        });
        const world = await World.create({ journals: { [side]: journal } });
        await world.open();
        await world.quiet();
        assert.ok(crashed);
        await world.restart(side);
        await world.quiet();
        assert.deepEqual({ buyer: terms(world, "buyer"), seller: terms(world, "seller") }, expected);
        await assertSameTranscript(world);
        assert.deepEqual(world.troubles, []);
        for (const each of ["buyer", "seller"] as const) {
          for (const [seq, hashes] of saidBy(world, each))
            assert.equal(hashes.size, 1, `${each} said two things as ${seq}`);
        }
      });
    }
  }
});

describe("a wire that repeats and loses", () => {
  it("every frame twice changes nothing", async () => {
    const world = await agreeInPeace({ tamper: (frame) => [frame, frame] });
    assert.deepEqual(terms(world, "buyer"), terms(await agreeInPeace(), "buyer"));
    await assertSameTranscript(world);
  });

  it("old frames again change nothing, and get the same reply", async () => {
    const world = await agreeInPeace();
    const before = standing(world.session("seller"));
    const frames = world.sent.filter(({ from }) => from === "buyer").map(({ frame }) => frame);
    const replies = world.sent.filter(({ from }) => from === "seller").map(({ frame }) => frame);
    const mark = world.sent.length;
    world.clock.advance(1_000);
    for (const frame of frames) world.dealers.seller.listener.onFrame(frame, world.line("seller"));
    await world.quiet();
    assert.deepEqual(standing(world.session("seller")), before);
    assert.equal(world.session("seller").isFinal, true);
    const known = new Set(replies.map((frame) => Buffer.from(frame).toString("hex")));
    for (const { from, frame } of world.sent.slice(mark)) {
      if (from === "seller")
        assert.ok(known.has(Buffer.from(frame).toString("hex")), "a reply that was not given before");
    }
  });

  for (let seed = 1; seed <= 25; seed++) {
    it(`three frames in ten lost, connections renewed until done (seed ${seed})`, async () => {
      const random = new SeededEntropy(seed);
      const world = await agreeInPeace({ tamper: (frame) => (random.fraction() < 0.3 ? [] : [frame]) });
      for (let renewal = 0; renewal < 200 && !bothFinal(world); renewal++) {
        world.clock.advance(100);
        for (const side of ["buyer", "seller"] as const) world.dealers[side].listener.onOpen?.(world.line(side));
        await world.quiet();
      }
      assert.deepEqual(terms(world, "buyer"), terms(await agreeInPeace(), "buyer"));
      await assertSameTranscript(world);
    });
  }

  function bothFinal(world: World): boolean {
    if (world.dealers.seller.sessions.size === 0) return false;
    return world.session("buyer").isFinal && world.session("seller").isFinal;
  }
});

describe("a journal that refuses a write", () => {
  it("lets nothing out, and stands still until it is restarted", async () => {
    class FullJournal extends MemoryJournal {
      full = false;
      override async append(stream: string, index: number, record: Uint8Array, durability: Durability): Promise<void> {
        if (this.full) throw new ParleyError("JournalFull", "the disk is full");
        await super.append(stream, index, record, durability);
      }
    }
    const journal = new FullJournal();
    let offers = 0;
    const world = await World.create({
      journals: { seller: journal },
      tamper: (frame, from) => {
        if (from === "buyer" && kindOf(frame) === "OFFER" && ++offers === 3) journal.full = true;
        return [frame];
      },
    });
    await world.open();
    await world.quiet();
    assert.equal(world.troubles.length, 1);
    const subject = `0x${"00".repeat(32)}` as const;
    const leaving = world.session("seller").speak({ kind: "END", code: "Withdrawn", subject, note: "" });
    await assert.rejects(leaving, { code: "StandsStill" });
    assert.equal(world.session("buyer").state.phase, "bargaining");
    const said = world.session("seller").said;
    journal.full = false;
    await world.restart("seller");
    assert.equal(world.session("seller").said, said, "what was not journalled was not said");
    // The buyer's third offer never entered the seller's journal; the resume brings it again.
    await world.quiet();
    assert.deepEqual(terms(world, "seller"), terms(await agreeInPeace(), "seller"));
  });
});

describe("a registry that is out of reach for a while", () => {
  it("delays OPEN and JOIN, and loses neither", async () => {
    const world = await World.create({ outages: 2 });
    await world.open();
    for (let second = 0; second < 6; second++) {
      await world.quiet();
      world.clock.advance(1_000);
    }
    await world.quiet();
    assert.equal(world.troubles.length, 4, "each side was told twice");
    assert.deepEqual(terms(world, "buyer"), terms(await agreeInPeace(), "buyer"));
    await assertSameTranscript(world);
  });
});

describe("a stream that can't be replayed", () => {
  it("does not keep the others from being brought back", async () => {
    const world = await agreeInPeace();
    const before = standing(world.session("seller"));
    await world.journals.seller.append("0xbad", 0, Uint8Array.of(9, 9, 9), "process");
    await world.restart("seller");
    assert.deepEqual(standing(world.session("seller")), before);
    assert.equal(world.troubles.length, 1);
  });
});

describe("time", () => {
  it("runs out: both sides end, and the journal says why", async () => {
    const world = await World.create({ tamper: (frame, from) => (from === "seller" ? [] : [frame]) });
    await world.open();
    await world.quiet();
    world.clock.advance(602_000);
    await world.quiet();
    for (const side of ["buyer", "seller"] as const) {
      const { state } = world.session(side);
      assert.equal(state.phase === "ended" && state.ending.code, "Expired", side);
    }
  });

  it("runs out before the ACCEPT is heard: what was accepted in time still binds", async () => {
    const { world, held } = await agreeWithoutHearing();
    const waiting = world.session("buyer").isFinal ? "seller" : "buyer";
    world.clock.advance(602_000);
    await world.quiet();
    assert.equal(world.session(waiting).state.phase, "ended");
    await world.restart(waiting);
    world.dealers[waiting].listener.onFrame(held, world.line(waiting));
    await world.quiet();
    assert.equal(world.session(waiting).state.phase, "agreed");
  });

  it("does not end what was agreed", async () => {
    const world = await agreeInPeace();
    world.clock.advance(10 * 86_400_000);
    await world.quiet();
    assert.equal(world.session("buyer").state.phase, "agreed");
  });
});

describe("an END that crosses", () => {
  it("the JOIN: names only the opener's half of the id, and is understood", async () => {
    let join: Uint8Array | null = null;
    const world = await World.create({
      tamper: (frame) => {
        if (kindOf(frame) !== "JOIN" || join !== null) return [frame];
        join = frame;
        return [];
      },
    });
    await world.open();
    await world.quiet();
    const subject = `0x${"00".repeat(32)}` as const;
    await world.session("buyer").speak({ kind: "END", code: "Withdrawn", subject, note: "changed my mind" });
    await world.quiet();
    const { state } = world.session("seller");
    assert.deepEqual(state.phase === "ended" && [state.ending.by, state.ending.code], ["peer", "Withdrawn"]);
  });

  it("the ACCEPT: does not undo the offer that was accepted", async () => {
    const { world, held } = await agreeWithoutHearing();
    const [waiting, accepting] = world.session("buyer").isFinal
      ? (["seller", "buyer"] as const)
      : (["buyer", "seller"] as const);
    const subject = `0x${"00".repeat(32)}` as const;
    await world.session(waiting).speak({ kind: "END", code: "Withdrawn", subject, note: "changed my mind" });
    assert.equal(world.session(waiting).state.phase, "ended");
    world.dealers[waiting].listener.onFrame(held, world.line(waiting));
    await world.quiet();
    assert.equal(world.session(waiting).state.phase, "agreed");
    assert.equal(world.session(accepting).state.phase, "agreed");
    // Whoever waits for the agreement hears of it, though the bargaining had ended.
    assert.equal(
      (await world.session(waiting).agreed).agreement.dealHash,
      (await world.session(accepting).agreed).agreement.dealHash,
    );
  });
});

describe("what is said while a negotiation is being stopped", () => {
  it("is answered, though it is not said", async () => {
    const world = await agreeInPeace();
    const seller = world.session("seller");
    const deal = (await seller.agreed).agreement.dealHash;
    const saying = seller.speak({ kind: "DELIVER", deal, evidence: deal });
    const stopping = seller.stop();
    await assert.rejects(saying, { code: "StandsStill" });
    await stopping;
    assert.ok(!world.sent.some(({ frame }) => kindOf(frame) === "DELIVER"));
  });
});

describe("what follows an agreement", () => {
  it("is said by the right side only, grows, and is about this deal", async () => {
    const world = await agreeInPeace();
    const [buyer, seller] = [world.session("buyer"), world.session("seller")];
    const deal = buyer.state.phase === "agreed" ? buyer.state.agreement.dealHash : (`0x${"00".repeat(32)}` as const);
    const evidence = `0x${"ee".repeat(32)}` as const;
    await assert.rejects(buyer.speak({ kind: "DELIVER", deal, evidence }), { code: "OutOfTurn" });
    await assert.rejects(seller.speak({ kind: "RECEIPT", deal, total: 1n }), { code: "OutOfTurn" });
    await assert.rejects(seller.speak({ kind: "DELIVER", deal: evidence, evidence }), { code: "DealMismatch" });
    await seller.speak({ kind: "DELIVER", deal, evidence });
    await buyer.speak({ kind: "RECEIPT", deal, total: 5n });
    await assert.rejects(buyer.speak({ kind: "RECEIPT", deal, total: 4n }), { code: "DealMismatch" });
    await assert.rejects(buyer.speak({ kind: "RECEIPT", deal, total: 10n ** 9n }), { code: "DealMismatch" });
    const half = { kind: "CANCEL", deal, toSeller: 50n, until: 2_000_000_000 } as const;
    await assert.rejects(buyer.speak({ ...half, toSeller: 10n ** 9n }), { code: "DealMismatch" });
    await buyer.speak(half);
    await seller.speak({ ...half, toSeller: 60n });
    await seller.speak(half);
    await buyer.speak({ kind: "DISPUTE", deal, share: 2_500, evidence });
    await world.quiet();
    const fulfilment = { evidence, receipted: 5n, splits: { self: half, peer: half } };
    for (const { state } of [buyer, seller]) assert.deepEqual(state.phase === "agreed" && state.fulfilment, fulfilment);
    await assertSameTranscript(world);
    await world.restart("seller");
    const { state } = world.session("seller");
    assert.deepEqual(state.phase === "agreed" && state.fulfilment, fulfilment);
    await assertSameTranscript(world);
  });
});
