import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import fc from "fast-check";
import { SqliteReplayStore } from "../../../../offchain/adapters/replay/sqlite/store.ts";
import { ReplayGuard } from "../../../../offchain/identity/token/replay-guard.ts";

describe("the replay guard", () => {
  const folder = mkdtempSync(join(tmpdir(), "parley-replay-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("lets each id of each agent through once within its time", async () => {
    const guard = new ReplayGuard();
    await guard.use(1n, "a", 10, 0);
    await guard.use(2n, "a", 10, 0);
    await guard.use(1n, "b", 10, 0);
    await assert.rejects(guard.use(1n, "a", 10, 10), { code: "TokenReplayed" });
    await guard.use(1n, "a", 20, 11);
  });

  it("never lets two of one id through within its time, and forgets what is over", async () => {
    const use = fc.record({
      agent: fc.bigInt({ min: 1n, max: 3n }),
      id: fc.constantFrom("a", "b", "c"),
      lasts: fc.integer({ min: 0, max: 20 }),
      waits: fc.integer({ min: 0, max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(use, { maxLength: 80 }), async (uses) => {
        const guard = new ReplayGuard();
        const model = new Map<string, number>();
        let now = 0;
        for (const { agent, id, lasts, waits } of uses) {
          now += waits;
          const name = `${agent}/${id}`;
          const isUsed = (model.get(name) ?? -1) >= now;
          const using = guard.use(agent, id, now + lasts, now);
          if (isUsed) await assert.rejects(using, { code: "TokenReplayed" });
          else await using.then(() => model.set(name, now + lasts));
          assert.equal(guard.size, [...model.values()].filter((until) => until >= now).length);
        }
      }),
    );
  });

  it("turns a flood away rather than forgetting, and only the one that floods", async () => {
    const guard = new ReplayGuard({ mostOfAgent: 100, most: 150 });
    for (let at = 0; at < 100; at++) await guard.use(1n, `${at}`, 60, 0);
    await assert.rejects(guard.use(1n, "one more", 60, 0), { code: "TooManyTokens", retryable: true });
    await assert.rejects(guard.use(1n, "0", 60, 0), { code: "TokenReplayed" });
    for (let at = 0; at < 50; at++) await guard.use(2n, `${at}`, 60, 0);
    await assert.rejects(guard.use(3n, "0", 60, 0), { code: "TooManyTokens" });
    assert.equal(guard.size, 150);
    await guard.use(1n, "one more", 120, 61);
    assert.equal(guard.size, 1);
  });

  it("lets one of two through that come at the same moment", async () => {
    const guard = new ReplayGuard({ store: new SqliteReplayStore(join(folder, "race.sqlite")) });
    const outcomes = await Promise.allSettled([guard.use(1n, "a", 60, 0), guard.use(1n, "a", 60, 0)]);
    assert.deepEqual(outcomes.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  });

  it("given a store, remembers over a restart, and together with other processes", async () => {
    const file = join(folder, "used.sqlite");
    const first = new SqliteReplayStore(file);
    await new ReplayGuard({ store: first }).use(1n, "a", 60, 0);
    const other = new SqliteReplayStore(file);
    await assert.rejects(new ReplayGuard({ store: other }).use(1n, "a", 60, 30), { code: "TokenReplayed" });
    first.close();
    const second = new SqliteReplayStore(file);
    await assert.rejects(new ReplayGuard({ store: second }).use(1n, "a", 60, 60), { code: "TokenReplayed" });
    await new ReplayGuard({ store: second }).use(1n, "a", 90, 61);
    second.close();
    other.close();
  });

  it("lets nothing through where its store fails", async () => {
    const store = new SqliteReplayStore(join(folder, "closed.sqlite"));
    store.close();
    await assert.rejects(new ReplayGuard({ store }).use(1n, "a", 60, 0), {
      code: "ReplayStoreFailed",
      retryable: true,
    });
    assert.throws(() => new SqliteReplayStore(join(folder, "no", "such.sqlite")), { code: "ReplayStoreFailed" });
  });
});
