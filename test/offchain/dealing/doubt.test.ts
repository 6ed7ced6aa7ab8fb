import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MemoryJournal } from "../../../offchain/adapters/journal/memory/journal.ts";
import type { Doubt, Journal } from "../../../offchain/ports/journal.ts";
import { decodeMessage } from "../../../offchain/terms/message.ts";
import { kindOf, OTHER, type Side, World } from "./fixture.ts";

const MISSING: Doubt = { code: "RecordsMissing", says: "a backup was restored" };

/** A journal that was put back to its first records, and knows it. */
class PutBack extends MemoryJournal {
  static async from(journal: Journal, records: number): Promise<PutBack> {
    const earlier = new PutBack();
    for (const stream of await journal.streams()) {
      const kept = (await journal.read(stream)).slice(0, records);
      for (const [index, record] of kept.entries()) await earlier.append(stream, index, record, "process");
    }
    return earlier;
  }

  override async doubt(): Promise<Doubt> {
    return MISSING;
  }
}

async function recordsOf(world: World, side: Side): Promise<number> {
  const [stream = ""] = await world.journals[side].streams();
  return (await world.journals[side].read(stream)).length;
}

async function agreed(): Promise<World> {
  const world = await World.create();
  await world.open();
  await world.quiet();
  return world;
}

/** What a side signed since it was put back. */
async function putBack(world: World, side: Side, records: number): Promise<string[]> {
  const before = world.sent.length;
  world.journals[side] = await PutBack.from(world.journals[side], records);
  await world.restart(side);
  await world.quiet();
  const known = new Set(world.sent.slice(0, before).map(({ frame }) => frame.join()));
  return world.sent
    .slice(before)
    .filter(({ from, frame }) => from === side && kindOf(frame) !== null && !known.has(frame.join()))
    .map(({ frame }) => decodeMessage(frame).envelope.kind);
}

describe("a journal that may lack what was signed", async () => {
  const total = { buyer: await recordsOf(await agreed(), "buyer"), seller: await recordsOf(await agreed(), "seller") };
  for (const side of ["buyer", "seller"] as const) {
    for (let records = 1; records < total[side]; records++) {
      it(`${side}, put back to record ${records} of ${total[side]}: signs END and nothing else`, async () => {
        const world = await agreed();
        const deal = world.session(OTHER[side]).state;
        assert.deepEqual(await putBack(world, side, records), ["END"]);
        const { state } = world.session(side);
        assert.ok(deal.phase === "agreed");
        if (state.phase === "agreed") {
          // It has lost no more than the ACCEPT, which it was shown again.
          assert.deepEqual(state.agreement.dealHash, deal.agreement.dealHash);
        } else {
          // What every offer was but for its price: enough to know a lost one again on the chain.
          assert.ok(state.phase === "ended" && state.template !== null);
          assert.equal(state.ending.code, "JournalLost");
          assert.deepEqual({ ...state.template, price: deal.agreement.deal.price }, deal.agreement.deal);
        }
        assert.equal(world.session(OTHER[side]).state.equivocated, null);
        assert.deepEqual(world.troubles, []);
      });
    }

    it(`${side}, put back after it has agreed: stays bound, and the other side holds nothing against it`, async () => {
      const world = await agreed();
      assert.deepEqual(await putBack(world, side, total[side]), []);
      for (const each of ["buyer", "seller"] as const) {
        const { phase, equivocated } = world.session(each).state;
        assert.deepEqual({ phase, equivocated }, { phase: "agreed", equivocated: null });
      }
      const { state } = world.session(side);
      assert.ok(state.phase === "agreed");
      const { dealHash: deal } = state.agreement;
      const spoken = world.session(side).speak({ kind: "DELIVER", deal, evidence: deal });
      await assert.rejects(spoken, { code: "JournalLost" });
    });
  }

  it("ends for the peer too where it is still bargaining, and is no conflict", async () => {
    // The seller's second envelope is its first offer; the buyer never answers it.
    const world = await World.create({
      tamper: (frame, from) => (from === "buyer" && kindOf(frame) === "OFFER" ? [] : [frame]),
    });
    await world.open();
    await world.quiet();
    const records = await recordsOf(world, "buyer");
    assert.deepEqual(await putBack(world, "buyer", records - 1), ["END"]);
    const { state } = world.session("seller");
    assert.deepEqual(
      state.phase === "ended" && { code: state.ending.code, by: state.ending.by, equivocated: state.equivocated },
      { code: "JournalLost", by: "peer", equivocated: null },
    );
  });

  it("is found out once, and stays so", async () => {
    const world = await agreed();
    await putBack(world, "seller", 3);
    const records = await recordsOf(world, "seller");
    await world.restart("seller");
    await world.quiet();
    assert.equal(await recordsOf(world, "seller"), records);
  });
});
