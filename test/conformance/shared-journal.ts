/** What every journal that several processes share must do besides, as tests. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { SharedJournal } from "../../offchain/ports/journal.ts";

/** Two nodes' journals over the same records. */
export interface SharedJournalFixture {
  open(): Promise<SharedJournal>;
  dispose(): Promise<void>;
}

export function sharedJournalConformance(
  name: string,
  make: () => SharedJournalFixture,
  { skip = false }: { readonly skip?: string | false } = {},
): void {
  describe(`shared journal: ${name}`, { skip }, () => {
    let fixture: SharedJournalFixture;
    let ours: SharedJournal;
    let theirs: SharedJournal;

    beforeEach(async () => {
      fixture = make();
      ours = await fixture.open();
      theirs = await fixture.open();
    });

    afterEach(async () => {
      await Promise.all([ours.close(), theirs.close()]);
      await fixture.dispose();
    });

    it("shows each node what the other has appended", async () => {
      await ours.append("one", 0, bytes(0), "machine");
      assert.deepEqual(await theirs.read("one"), [bytes(0)]);
      await theirs.append("one", 1, bytes(1), "machine");
      assert.deepEqual(await ours.read("one"), [bytes(0), bytes(1)]);
      assert.deepEqual(await ours.streams(), ["one"]);
    });

    it("lets one of two nodes win that append the same number, always", async () => {
      for (let index = 0; index < 30; index++) {
        const rivals = [
          ours.append("one", index, bytes(1), "machine"),
          theirs.append("one", index, bytes(2), "machine"),
        ];
        const [us, them] = await Promise.allSettled(rivals);
        assert.notEqual(us?.status, them?.status, `at ${index}: ${us?.status} and ${them?.status}`);
        for (const outcome of [us, them]) {
          if (outcome?.status === "rejected") assert.equal(outcome.reason.code, "JournalConflict");
        }
        const expected = bytes(us?.status === "fulfilled" ? 1 : 2);
        for (const journal of [ours, theirs]) {
          const records = await journal.read("one");
          assert.equal(records.length, index + 1);
          assert.deepEqual(records[index], expected);
        }
      }
    });

    it("shuts a stream's old owner out from the moment that the new one fences it", async () => {
      await ours.fence("one", 1);
      await ours.append("one", 0, bytes(0), "machine");
      await theirs.fence("one", 2);
      assert.deepEqual(await theirs.read("one"), [bytes(0)]);
      await isShutOut(ours.append("one", 1, bytes(9), "machine"));
      await theirs.append("one", 1, bytes(1), "machine");
      // Not even reading it anew makes the old owner's token good again.
      assert.equal((await ours.read("one")).length, 2);
      await isShutOut(ours.append("one", 2, bytes(9), "machine"));
      await isShutOut(ours.forget("one", 2));
      await theirs.append("one", 2, bytes(2), "process");
      assert.deepEqual(await ours.read("one"), [bytes(0), bytes(1), bytes(2)]);
    });

    it("lets the old owner's last append through before the fence or not at all", async () => {
      for (let round = 1; round <= 20; round++) {
        const stream = `race ${round}`;
        await ours.fence(stream, 1);
        await ours.append(stream, 0, bytes(0), "machine");
        const [append, fence] = await Promise.allSettled([
          ours.append(stream, 1, bytes(1), "machine"),
          theirs.fence(stream, 2),
        ]);
        assert.equal(fence?.status, "fulfilled");
        const seen = await theirs.read(stream);
        assert.equal(seen.length, append?.status === "fulfilled" ? 2 : 1);
        if (append?.status === "rejected") assert.equal(append.reason.code, "LeaseLost");
        await theirs.append(stream, seen.length, bytes(2), "machine");
        assert.equal((await ours.read(stream)).length, seen.length + 1);
      }
    });

    it("lets in nobody with a smaller token, nor with another's", async () => {
      await ours.fence("one", 5);
      await ours.fence("one", 5);
      await isShutOut(theirs.fence("one", 4));
      await isShutOut(theirs.fence("one", 5));
      await isShutOut(theirs.append("one", 0, bytes(0), "machine"));
      await ours.append("one", 0, bytes(0), "machine");
      await ours.fence("one", 8);
      await ours.append("one", 1, bytes(1), "machine");
      assert.deepEqual(await theirs.read("one"), [bytes(0), bytes(1)]);
    });

    it("takes a fence for no record", async () => {
      await ours.fence("empty", 1);
      assert.deepEqual(await ours.streams(), []);
      assert.deepEqual(await ours.read("empty"), []);
      await ours.append("one", 0, bytes(0), "machine");
      for (let token = 2; token < 6; token++) await ours.fence("one", token);
      await ours.append("one", 1, bytes(1), "machine");
      assert.deepEqual(await ours.read("one"), [bytes(0), bytes(1)]);
      await ours.forget("one", 2);
      assert.deepEqual(await ours.streams(), []);
    });

    it("fences one stream and no other", async () => {
      await ours.fence("one", 9);
      await theirs.append("two", 0, bytes(0), "machine");
      await theirs.fence("two", 1);
      await isShutOut(ours.append("two", 1, bytes(1), "machine"));
      await ours.append("one", 0, bytes(0), "machine");
    });
  });
}

function isShutOut(promise: Promise<unknown>): Promise<void> {
  return assert.rejects(promise, { name: "ParleyError", code: "LeaseLost" });
}

function bytes(number: number): Uint8Array {
  return Uint8Array.of(number, 255);
}
