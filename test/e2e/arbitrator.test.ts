import assert from "node:assert/strict";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { parseAbi } from "viem";
import { ArbitratorReader } from "../../offchain/adapters/chain/arbitrator-reader.ts";
import { connectRpc, type Rpc } from "../../offchain/adapters/chain/rpc.ts";
import { Sender } from "../../offchain/adapters/chain/sender.ts";
import type { Hex } from "../../offchain/kernel/bytes.ts";
import type { Address } from "../../offchain/kernel/ids.ts";
import { DEVELOPMENT_KEY } from "../../offchain/node/embedded-chain.ts";
import type { RehearsalCourt } from "../../offchain/node/rehearsal-court.ts";
import type { JsonObject } from "../../offchain/terms/canonical-json.ts";
import type { DealTemplate } from "../../offchain/terms/proposal.ts";
import { freePort } from "../free-port.ts";
import { DeliveryStage } from "./delivery-stage.ts";

const HOUR_S = 3_600;

const FEE = 10n ** 13n;

const NOBODY: Address = `0x${"ab".repeat(20)}`;

const LINES = { category: "data", lines: [{ what: "street scenes", amount: "40000", unit: "each" }] };

describe("a deal whose arbitrator can't rule as it has it", () => {
  let stage: DeliveryStage;
  let rpc: Rpc;
  let court: RehearsalCourt;
  let fitting: Partial<DealTemplate>;

  before(async () => {
    stage = await DeliveryStage.prepare();
    rpc = await connectRpc(stage.url);
    court = await stage.rehearsal.openCourt(3);
    fitting = { arbitrator: court.address, maxFee: court.fee, rulingWithin: court.longestS + HOUR_S + 1 };
  });
  afterEach(() => stage.stopAll());
  after(() => stage.close());

  it("isn't opened, and it is said what to do", async () => {
    const unfit: readonly (readonly [Partial<DealTemplate>, RegExp])[] = [
      [{ rulingWithin: court.longestS + HOUR_S }, /`rulingWithin` of some hours more than/],
      [{ maxFee: court.fee - 1n }, new RegExp(`\`maxFee\` of at least ${court.fee}`)],
      [{ arbitrator: NOBODY }, /ERC-792 arbitrator on this chain/],
      [{ arbitrator: stage.rehearsal.token }, /ERC-792 arbitrator/],
    ];
    for (const [index, [changes, todo]] of unfit.entries()) {
      const buying = await buy(`unfit${index}`, "ws://127.0.0.1:9", changes);
      const { retried, hint } = await buying.event("trouble", ({ code }) => code === "ArbitratorUnfit");
      assert.equal(retried, false);
      assert.match(hint ?? "", todo);
      assert.match((await buying.event("openSkipped")).because, /every dispute would lapse/);
      assert.equal(buying.agent.dealer.sessions.size, 0);
    }
  });

  it("lets a process that has nothing else to do end, as one that failed", async () => {
    const apart = await stage.buyApart("apart.buyer", "ws://127.0.0.1:9", wishOf({ rulingWithin: 60 }), {});
    assert.equal(await apart.exited, 1);
    assert.deepEqual(
      apart.events.map((one) => (one.event === "trouble" ? one.code : one.event)),
      ["ready", "ArbitratorUnfit", "openSkipped"],
    );
  });

  it("is refused to whoever proposes it all the same: it has become dearer meanwhile", async () => {
    const { address: arbitrator } = await stage.rehearsal.openForeignArbitrator(FEE);
    const listen = `ws://127.0.0.1:${await freePort()}`;
    const buying = await buy("dearer", listen, { arbitrator, maxFee: FEE, rulingWithin: 60 });
    assert.equal(buying.agent.dealer.sessions.size, 1, "one of another make is taken at its word for the time");
    const call = {
      address: arbitrator,
      abi: parseAbi(["function setCost(uint256)"]),
      functionName: "setCost",
    } as const;
    await new Sender(rpc, DEVELOPMENT_KEY).send("raising the fee", { ...call, args: [FEE + 1n] });
    const selling = await stage.sell("dearer.seller", { listen, deliver: null });
    const { code, note } = await buying.event("ended");
    assert.equal(code, "ProposalRefused");
    assert.match(note, new RegExp(`a dispute costs ${FEE + 1n} at the arbitrator`));
    assert.equal(selling.agent.dealer.sessions.size, 0);
  });

  it("is agreed to where the arbitrator has just time enough, and asks for just so much", async () => {
    const selling = await stage.sell("fit.seller", { deliver: null });
    const buying = await buy("fit", selling.agent.address ?? "", {});
    await buying.event("agreed");
  });

  it("is said once, as final, where it is referred so late that the Court takes it no more", async () => {
    const selling = await stage.sell("late.seller", { deliver: `0x${"d2".repeat(32)}` });
    const evidence = { folder: join(stage.folder, "late.shelf") };
    const address = selling.agent.address ?? "";
    const waiting = await buy("late", address, {}, { disputes: { open: "people", evidence } });
    await waiting.event("trouble", ({ code }) => code === "NotAsAgreed");
    await stage.stop(waiting);
    // It doesn't answer, so nothing can be referred for a day.
    await stage.stop(selling);
    const buying = await buy("late", address, {}, { disputes: { open: "auto", evidence } });
    await buying.event("act", ({ act }) => act === "dispute");
    await stage.rehearsal.passTime(24 * HOUR_S + 60);
    const { retried, hint } = await buying.event("trouble", ({ code }) => code === "RulingTooSlow");
    assert.deepEqual(
      [retried, hint],
      [false, "too little is left of the deal's `rulingWithin` for this Court; the deal will lapse"],
    );
    await pause(1_500);
    const told = buying.told.filter((one) => one.event === "trouble" && one.code === "RulingTooSlow");
    assert.equal(told.length, 1);
    await stage.rehearsal.passTime(fitting.rulingWithin ?? 0);
    assert.equal((await buying.event("outcome")).outcome, "ruled");
    assert.equal(
      buying.told.some((one) => one.event === "act" && one.act === "lapse"),
      true,
    );
  });

  it("is told from what the chain says, whatever a stranger's contract does when it is asked", async () => {
    const reader = new ArbitratorReader(rpc);
    const { needsS, seats, panel } = (await reader.facts(court.address, 1)).court ?? assert.fail("no court");
    assert.deepEqual([needsS, seats, panel], [court.longestS + HOUR_S, 3, 3]);
    const codes: Readonly<Record<string, Hex>> = {
      "runs in circles": "0x5b600056",
      "reverts with much": "0x620fffff5ffd",
      "answers with less than a number": "0x601f5ff3",
      stops: "0x00",
      "is no code at all": "0xfe",
    };
    for (const [what, code] of Object.entries(codes)) {
      await rpc.reads.request({ method: "hardhat_setCode", params: [NOBODY, code] } as never);
      assert.deepEqual(await reader.facts(NOBODY, 1), { isThere: true, cost: null, court: null }, what);
    }
    // One that says 32 to everything says nothing of a Court that fits together.
    await rpc.reads.request({ method: "hardhat_setCode", params: [NOBODY, "0x60205f5260406000f3"] } as never);
    assert.deepEqual(await reader.facts(NOBODY, 1), { isThere: true, cost: 32n, court: null });
    await rpc.reads.request({ method: "hardhat_setCode", params: [NOBODY, "0x"] } as never);
    assert.deepEqual(await reader.facts(NOBODY, 1), { isThere: false, cost: null, court: null });
    const away = { ...rpc, reads: (await connectRpc(stage.url)).reads.extend(() => ({ call: unreachable })) };
    await assert.rejects(new ArbitratorReader(away as unknown as Rpc).facts(court.address, 1), { retryable: true });
  });

  function buy(name: string, address: string, changes: Partial<DealTemplate>, more: JsonObject = {}) {
    return stage.buy(`${name}.buyer`, address, wishOf(changes), more);
  }

  function wishOf(changes: Partial<DealTemplate>) {
    return { deal: { ...fitting, ...changes }, terms: { digest: `0x${"d1".repeat(32)}`, ...LINES } };
  }
});

async function unreachable(): Promise<never> {
  const dead = await connectRpc("http://127.0.0.1:9").catch((thrown: unknown) => thrown);
  throw dead;
}
