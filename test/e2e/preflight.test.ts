import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { Operator } from "../../offchain/adapters/chain/operator.ts";
import { Preflight } from "../../offchain/adapters/chain/preflight.ts";
import { connectRpc, type Rpc } from "../../offchain/adapters/chain/rpc.ts";
import { Sender } from "../../offchain/adapters/chain/sender.ts";
import type { ParleyError } from "../../offchain/kernel/errors.ts";
import { type Address, ZERO_32 } from "../../offchain/kernel/ids.ts";
import { type EmbeddedChain, startEmbeddedChain } from "../../offchain/node/embedded-chain.ts";
import type { Participant } from "../../offchain/node/principal.ts";
import type { Mandate } from "../../offchain/ports/chain.ts";
import type { Order } from "../../offchain/ports/connector.ts";
import { hashDeal } from "../../offchain/terms/deal.ts";
import type { Role } from "../../offchain/terms/proposal.ts";
import { type Agreement, Stage } from "../../scripts/lib/scenario/stage.ts";
import { DeliveryStage } from "./delivery-stage.ts";

const DAY_S = 86_400;

describe("looking at our own side before a deal is committed", () => {
  let embedded: EmbeddedChain;
  let stage: Stage;

  before(async () => {
    embedded = await startEmbeddedChain();
    stage = await Stage.prepare(embedded.url);
  });
  after(async () => {
    stage.stop();
    await embedded.close();
  });

  it("waits for money, says so once, and goes on when it is there", async () => {
    const { preflight, troubles } = looking("seller");
    const order = orderOf(await stage.agree({ sellerBond: 1_000_001n }));
    await setMandate(stage.rpc, stage, stage.seller, { limit: 2_000_000n, threshold: 2_000_000n });
    for (let asked = 0; asked < 2; asked++)
      assert.match(await waitedFor(preflight, order), /^SellerFundsTooLow: deposit /);
    assert.deepEqual(troubles.map(codeOf), ["SellerFundsTooLow"]);
    assert.match(troubles[0]?.hint ?? "", /deposit the bond/);
    await stage.rehearsal.fund(stage.seller, 1n);
    assert.equal(await preflight.clear(order), null);
  });

  it("waits where the mandate has ended, and doesn't mind what the other side lacks", async () => {
    const { chain } = stage.rehearsal;
    const poor = await stage.recast({ buyerFunds: 5n });
    const { preflight, troubles } = looking("seller", poor);
    const order = orderOf(await poor.agree());
    assert.equal(await preflight.clear(order), null, "what is missing is the buyer's money");
    await setMandate(stage.rpc, poor, poor.seller, { expiry: (await chain.time()) - 1 });
    assert.match(await waitedFor(preflight, order), /^MandateExpired: .*renew/);
    assert.deepEqual(troubles.map(codeOf), ["MandateExpired"]);
    poor.stop();
  });

  it("lets pass what is committed already: its seller has to deliver, whatever its mandate says by now", async () => {
    const other = await stage.recast();
    const agreement = await other.agree();
    await stage.rehearsal.chain.commit(agreement.deal, agreement.proofs);
    await setMandate(stage.rpc, other, other.seller, { limit: 1n, threshold: 1n });
    const { preflight, troubles } = looking("seller", other);
    assert.equal(await preflight.clear(orderOf(agreement)), null);
    assert.deepEqual(troubles, []);
    other.stop();
  });

  function looking(role: Role, at = stage) {
    const troubles: ParleyError[] = [];
    const { agent } = at[role];
    const preflight = new Preflight(at.rpc, at.rehearsal.deployment, agent, (error) => troubles.push(error));
    return { preflight, troubles };
  }
});

describe("an agent whose mandate wants an approver's word", () => {
  let stage: DeliveryStage;
  const digest = `0x${"ee".repeat(32)}`;

  before(async () => {
    stage = await DeliveryStage.prepare();
  });
  afterEach(() => stage.stopAll());
  after(() => stage.close());

  it("waits with the commitment until the word is recorded, and tells what it waits for", async () => {
    const rpc = await connectRpc(stage.url);
    const approver = new Operator(rpc, new Sender(rpc, stage.seller.wallet));
    await setMandate(rpc, stage, stage.buyer, { limit: 100_000n, threshold: 100n, approver: approver.address });
    const asked: Order[] = [];
    const ask = async (order: Order) => {
      asked.push(order);
      return null;
    };
    const clearances = [{ clear: ask }];
    const selling = await stage.sell("approved", { deliver: digest });
    const wish = { terms: { category: "data", digest, lines: [{ what: "pictures", amount: "1", unit: "each" }] } };
    const batch = { most: 5, waitMs: 10 };
    const buy = () => stage.buy("approved.buyer", selling.agent.address ?? "", wish, { batch }, { clearances });
    const first = await buy();
    const { code, hint, retried } = await first.event("trouble", (one) => one.code === "ApprovalMissing");
    assert.deepEqual([code, retried], ["ApprovalMissing", true]);
    assert.match(hint ?? "", /record an approval/);
    assert.ok(asked.length > 0, "who embeds the agent is asked first");
    const order = asked[0] as Order;
    assert.equal((await stage.rehearsal.chain.position(order.deal, order.transcript)).status, "None");
    await stage.stop(first);
    const doubt = first.told.findLast((one) => one.event === "inDoubt");
    assert.match(doubt?.resolvedBy ?? "", /^ApprovalMissing: ask the mandate's approver/);
    assert.equal(doubt?.until, order.deal.commitBy * 1000);
    const buying = await buy();
    const { buyer: agent, seller: counterparty, negotiation, token, commitBy } = order.deal;
    const { price, buyerBond: bond } = order.deal;
    await approver.approveDeal(stage.rehearsal.deployment, {
      ...{ agent, tenure: 1n, counterparty, negotiation, token, category: ZERO_32 },
      ...{ most: price + bond, until: commitBy, version: 1 },
    });
    assert.equal((await buying.event("outcome")).outcome, "settled");
    assert.equal((await selling.event("outcome")).outcome, "settled");
  });
});

function orderOf({ deal, transcript }: Agreement): Order {
  return { id: transcript, deal, dealHash: hashDeal(deal), transcript, terms: null };
}

async function setMandate(
  rpc: Rpc,
  { rehearsal }: Pick<Stage, "rehearsal">,
  { agent, wallet }: Participant,
  changes: Partial<Mandate>,
): Promise<void> {
  const { deployment, token, chain } = rehearsal;
  const usual = { limit: 1_000_000n, budget: 10_000_000n, threshold: 1_000_000n, approver: NOBODY };
  const mandate = { ...usual, expiry: (await chain.time()) + DAY_S, ...changes };
  await new Operator(rpc, new Sender(rpc, wallet)).setMandate(deployment, agent, token, mandate);
}

const NOBODY: Address = `0x${"00".repeat(20)}`;

async function waitedFor(preflight: Preflight, order: Order): Promise<string> {
  return (await preflight.clear(order))?.waitsFor ?? "nothing";
}

function codeOf({ code }: ParleyError): string {
  return code;
}
