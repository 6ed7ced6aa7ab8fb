import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { BatchRelay } from "../../offchain/adapters/chain/batch-relay.ts";
import { connectRpc, type Rpc } from "../../offchain/adapters/chain/rpc.ts";
import { Sender } from "../../offchain/adapters/chain/sender.ts";
import { MemoryJournal } from "../../offchain/adapters/journal/memory/journal.ts";
import type { ParleyError } from "../../offchain/kernel/errors.ts";
import { SystemClock } from "../../offchain/node/clock.ts";
import { type EmbeddedChain, startEmbeddedChain } from "../../offchain/node/embedded-chain.ts";
import type { Inclusion } from "../../offchain/ports/chain.ts";
import type { Journal } from "../../offchain/ports/journal.ts";
import { type Agreement, Stage } from "../../scripts/lib/scenario/stage.ts";
import { type MoodyNode, startMoodyNode } from "./moody-node.ts";

describe("a relay that commits deals together", () => {
  let embedded: EmbeddedChain;
  let node: MoodyNode;
  let rpc: Rpc;
  let stage: Stage;
  let running: { readonly relay: BatchRelay; readonly sender: Sender }[] = [];

  before(async () => {
    embedded = await startEmbeddedChain();
    node = await startMoodyNode(embedded.url);
    stage = await Stage.prepare(embedded.url);
    rpc = await connectRpc(node.url);
  });
  afterEach(async () => {
    node.mood = () => "answer";
    for (const one of running.splice(0)) await stop(one);
  });
  after(async () => {
    stage.stop();
    await node.close();
    await embedded.close();
  });

  it("puts them into one transaction, and each of them costs less than by itself", async () => {
    const [alone, ...together] = await agreeOn(6);
    const { relay } = start({ most: 5, waitMs: 10 });
    const single = await commit(relay, alone);
    const inclusions = await Promise.all(together.map((one) => commit(relay, one)));
    assert.equal(new Set(inclusions.map(({ transaction }) => transaction)).size, 1);
    assert.deepEqual(await statuses(together), Array(5).fill("Committed"));
    for (const { gasUsed } of inclusions) assert.ok(gasUsed < single.gasUsed, `${gasUsed} of ${single.gasUsed}`);
  });

  it("leaves once it is full, and as often as it takes", async () => {
    const agreements = await agreeOn(5);
    const { relay } = start({ most: 2, waitMs: 50 });
    const inclusions = await Promise.all(agreements.map((one) => commit(relay, one)));
    assert.equal(new Set(inclusions.map(({ transaction }) => transaction)).size, 3);
    assert.deepEqual(await statuses(agreements), Array(5).fill("Committed"));
  });

  it("refuses by name what the contract would, and the others don't pay for it", async () => {
    const [good, other] = await agreeOn(2);
    const tooDear = await stage.agree({ price: 10n ** 12n });
    const spoilt = { ...(await stage.agree()), proofs: (await stage.agree()).proofs };
    const { relay } = start({ most: 4, waitMs: 200 });
    const results = await Promise.allSettled([good, tooDear, spoilt, other].map((one) => commit(relay, one)));
    assert.deepEqual(results.map(codeOf), ["", "DealLimitExceeded", "BadEnvelopeSignature", ""]);
  });

  it("skips what is refused only by the time it is included, by its own name", async () => {
    const poor = await stage.recast({ buyerFunds: 300n });
    // There is money for two of them, and each passes its trial.
    const agreements = [await poor.agree(), await poor.agree(), await poor.agree()];
    const { relay } = start({ most: 3, waitMs: 5_000 });
    const results = await Promise.allSettled(agreements.map((one) => commit(relay, one)));
    assert.deepEqual(results.map(codeOf).sort(), ["", "", "BudgetExceeded"]);
    poor.stop();
  });

  it("commits once what is asked for twice, and what somebody else commits first is refused", async () => {
    const [agreement, taken] = await agreeOn(2);
    const { relay } = start({ most: 2, waitMs: 300 });
    const both = [commit(relay, agreement), commit(relay, agreement)];
    const late = commit(relay, taken);
    const [first, second] = await Promise.all(both);
    assert.equal(first?.transaction, second?.transaction);
    await late;
    const { relay: rival } = start({ most: 2, waitMs: 10 });
    await assert.rejects(commit(rival, taken), { code: "NegotiationUsed" });
  });

  it("tells those that wait when it is stopped, and sends nothing of theirs", async () => {
    const [agreement] = await agreeOn(1);
    const one = start({ most: 9, waitMs: 600_000 });
    const committing = commit(one.relay, agreement);
    committing.catch(() => undefined);
    // By now it is at its trial or waits for others; either way nothing of it has been signed.
    await new Promise((resolve) => setTimeout(resolve, 300));
    one.relay.stop();
    await assert.rejects(committing, { code: "Stopped", retryable: true });
    assert.deepEqual(await statuses([agreement]), ["None"]);
  });

  for (const [when, crash] of [
    ["before the node had it", "hangUp"],
    ["after the node had it", "doAndHangUp"],
  ] as const) {
    it(`goes on after a crash with a batch that was signed, ${when}, and doesn't commit anything again`, async () => {
      const agreements = await agreeOn(3);
      const journal = new MemoryJournal();
      const dying = start({ most: 3, waitMs: 5_000 }, journal);
      const before = await count(dying.sender);
      node.mood = ([method]) => (method === "eth_sendRawTransaction" ? crash : "answer");
      const attempts = agreements.map((one) => commit(dying.relay, one));
      for (const one of attempts) one.catch(() => undefined);
      await until(async () => (await journal.streams()).length > 0);
      await stop(dying);
      await Promise.allSettled(attempts);
      node.mood = () => "answer";
      // Another size of batches, and another order: what was signed is found all the same.
      const heir = start({ most: 2, waitMs: 10 }, journal);
      const results = await Promise.allSettled(agreements.toReversed().map((one) => commit(heir.relay, one)));
      const included = results.flatMap((one) => (one.status === "fulfilled" ? [one.value.transaction] : []));
      // Seen included before it was asked for, the contract itself says that it is done.
      for (const one of results.map(codeOf)) assert.ok(["", "NegotiationUsed"].includes(one), one);
      assert.ok(new Set(included).size <= 1);
      assert.deepEqual(await statuses(agreements), Array(3).fill("Committed"));
      assert.equal((await count(heir.sender)) - before, 1, "one transaction for all of it, by both processes");
    });
  }

  function start(options: { readonly most: number; readonly waitMs: number }, journal: Journal = new MemoryJournal()) {
    const sender = new Sender(rpc, stage.buyer.wallet, { journal, bumpAfterMs: 200 });
    const relay = new BatchRelay(rpc, sender, stage.rehearsal.deployment, new SystemClock(), options);
    running = [...running, { relay, sender }];
    return { relay, sender };
  }

  async function agreeOn<Count extends number>(count: Count): Promise<readonly Agreement[]> {
    const agreements: Agreement[] = [];
    while (agreements.length < count) agreements.push(await stage.agree());
    return agreements;
  }

  async function statuses(agreements: readonly (Agreement | undefined)[]): Promise<string[]> {
    const positions = agreements.flatMap((one) =>
      one === undefined ? [] : [stage.rehearsal.chain.position(one.deal, one.transcript)],
    );
    return (await Promise.all(positions)).map(({ status, ours }) => (status === "None" || ours ? status : "another's"));
  }

  function count({ address }: Sender): Promise<number> {
    return stage.rpc.reads.getTransactionCount({ address });
  }
});

function commit(relay: BatchRelay, agreement: Agreement | undefined): Promise<Inclusion> {
  assert.ok(agreement !== undefined);
  return relay.commit(agreement.deal, agreement.proofs);
}

function codeOf(result: PromiseSettledResult<unknown>): string {
  return result.status === "fulfilled" ? "" : (result.reason as ParleyError).code;
}

async function stop({ relay, sender }: { readonly relay: BatchRelay; readonly sender: Sender }): Promise<void> {
  relay.stop();
  await sender.stop();
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 10));
}
