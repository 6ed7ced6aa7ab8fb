/** What every implementation of the Leases port must do, as tests. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { Lease, Leases } from "../../offchain/ports/leases.ts";

/** Two nodes that want the same leases, and the time that both go by. */
export interface LeasesFixture {
  readonly ours: Leases;
  readonly theirs: Leases;
  advance(milliseconds: number): void;
  dispose(): Promise<void>;
}

export function leasesConformance(
  name: string,
  make: () => Promise<LeasesFixture>,
  { skip = false }: { readonly skip?: string | false } = {},
): void {
  describe(`leases: ${name}`, { skip }, () => {
    let fixture: LeasesFixture;
    let ours: Leases;
    let theirs: Leases;
    let lastsMs: number;

    beforeEach(async () => {
      fixture = await make();
      ({ ours, theirs } = fixture);
      ({ lastsMs } = ours);
    });

    afterEach(() => fixture.dispose());

    it("gives a lease to one of two who ask", async () => {
      const lease = await acquired(ours, "one");
      assert.equal(lease.name, "one");
      assert.equal(lease.remaining(), lastsMs);
      assert.equal(await theirs.acquire("one"), null);
      assert.equal(await ours.acquire("one"), null, "not even the holder gets it twice");
    });

    it("gives a lease to one at most of two who ask at once", async () => {
      for (const round of Array.from({ length: 10 }, (_, at) => at)) {
        const rivals = [ours.acquire(`race ${round}`), theirs.acquire(`race ${round}`)];
        const leases = (await Promise.all(rivals)).filter((lease) => lease !== null);
        // Both may think so for a moment, where the servers let both pass: then one can't renew, and has the smaller token.
        const renewed = await Promise.allSettled(leases.map((lease) => lease.renew()));
        const winners = leases.filter((_, which) => renewed[which]?.status === "fulfilled");
        assert.ok(winners.length <= 1);
        for (const loser of leases) {
          if (winners[0] !== undefined && loser !== winners[0]) assert.ok(loser.token < winners[0].token);
        }
      }
    });

    it("keeps names apart, whatever is in them", async () => {
      const names = ["0xaa", "0xab", "", "a.b", "a b", "*", ">", "zoë's \u{1f91d}", "x".repeat(500)];
      for (const one of names) await acquired(ours, one);
      for (const one of names) assert.equal(await theirs.acquire(one), null, one);
    });

    it("lets others have at once what was released", async () => {
      const lease = await acquired(ours, "one");
      await lease.release();
      await lease.release();
      assert.equal(lease.remaining(), 0);
      await rejects(lease.renew());
      const next = await acquired(theirs, "one");
      assert.ok(next.token > lease.token);
    });

    it("hands over what nobody renews, after its whole time", async () => {
      const lease = await acquired(ours, "one");
      assert.equal(await theirs.acquire("one"), null);
      fixture.advance(lastsMs - 1);
      assert.equal(lease.remaining(), 1);
      assert.equal(await theirs.acquire("one"), null);
      fixture.advance(1);
      assert.equal(lease.remaining(), 0, "the holder stops before anybody else begins");
      assert.equal(await theirs.acquire("one"), null);
      fixture.advance(lastsMs);
      const next = await acquired(theirs, "one");
      assert.ok(next.token > lease.token);
      await rejects(lease.renew());
      await lease.release();
      assert.equal(await ours.acquire("one"), null, "the late holder releases nothing");
      await next.renew();
    });

    it("counts from when a node first saw it, so that one who comes late waits as long as any", async () => {
      await acquired(ours, "one");
      fixture.advance(10 * lastsMs);
      assert.equal(await theirs.acquire("one"), null);
      fixture.advance(2 * lastsMs);
      await acquired(theirs, "one");
    });

    it("keeps for its holder what is renewed, with the same token", async () => {
      const lease = await acquired(ours, "one");
      const { token } = lease;
      for (const _ of Array.from({ length: 6 })) {
        assert.equal(await theirs.acquire("one"), null);
        fixture.advance(lastsMs - 1);
        await lease.renew();
        assert.equal(lease.remaining(), lastsMs);
      }
      assert.equal(lease.token, token);
    });

    it("raises the token with each acquisition, however the last one ended", async () => {
      let last = 0;
      for (const round of Array.from({ length: 6 }, (_, at) => at)) {
        const lease = await acquired(round % 2 === 0 ? ours : theirs, "one");
        assert.ok(Number.isSafeInteger(lease.token) && lease.token > last);
        last = lease.token;
        await lease.renew();
        await lease.release();
      }
    });

    it("lets a holder renew late, as long as nobody has taken over", async () => {
      const lease = await acquired(ours, "one");
      fixture.advance(5 * lastsMs);
      assert.equal(lease.remaining(), 0);
      await lease.renew();
      assert.equal(lease.remaining(), lastsMs);
    });
  });
}

async function acquired(leases: Leases, name: string): Promise<Lease> {
  const lease = await leases.acquire(name);
  assert.ok(lease !== null, `the lease on '${name.slice(0, 20)}' was not to be had`);
  return lease;
}

function rejects(promise: Promise<unknown>): Promise<void> {
  return assert.rejects(promise, { name: "ParleyError", code: "LeaseLost" });
}
