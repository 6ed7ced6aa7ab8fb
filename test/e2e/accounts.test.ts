import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { toHex } from "../../offchain/kernel/bytes.ts";
import { parseAgentConfig } from "../../offchain/node/agent-config.ts";
import { systemEntropy } from "../../offchain/node/entropy.ts";
import type { JsonObject } from "../../offchain/terms/canonical-json.ts";
import { type Acting, DeliveryStage, type Wish } from "./delivery-stage.ts";

const GOODS = Buffer.from("one street scene ".repeat(100));
const DIGEST = `0x${createHash("sha256").update(GOODS).digest("hex")}`;

/** What every deal here comes to. */
const PRICE = 5_000n;

/** Room for two deals; at that the account is paid. */
const [CREDIT, SETTLE_AT] = ["12000", "10000"];

/** Longer than the time in which any of these deals can be committed. */
const COMMIT_S = 3_601;

const WISH_TERMS = {
  ...{ schema: "parley-terms/1", category: "data", digest: DIGEST },
  lines: [{ what: "street scenes", amount: "1", unit: "each" }],
};

describe("deals on a running account between two agents", () => {
  let stage: DeliveryStage;
  let file: string;

  before(async () => {
    stage = await DeliveryStage.prepare();
    file = join(stage.folder, "goods");
    await writeFile(file, GOODS);
  });
  afterEach(() => stage.stopAll());
  after(() => stage.close());

  it("cost nothing up to the limit, and are paid by one deal; the next account follows", async () => {
    const before = await balances();
    const pair = await both("limit");
    const { selling, buying } = pair;
    assert.deepEqual([(await buying.event("rail")).rail], ["ledger"]);
    await agreed(buying, 1);
    await pair.open();
    await agreed(buying, 2);
    // Both are agreed and not signed for: there is no room for a third.
    await pair.open();
    const rails = buying.told.flatMap((event) => (event.event === "rail" ? [event.rail] : []));
    assert.deepEqual(rails, ["ledger", "ledger", "escrow"]);
    assert.equal((await selling.event("outcome")).outcome, "settled");
    assert.deepEqual(await moved(before), { buyer: -PRICE, seller: PRICE });
    await stage.rehearsal.passTime(COMMIT_S);
    await buying.event("account", ({ state }) => state === "closed");
    for (const one of [selling, buying]) {
      await one.event("account", ({ state, account }) => state === "open" && account !== firstOf(one));
      const outcomes = one.told.flatMap((event) => (event.event === "outcome" ? [event.outcome] : []));
      assert.deepEqual(outcomes.sort(), ["onAccount", "onAccount", "settled", "settled"]);
    }
    assert.deepEqual(await moved(before), { buyer: -3n * PRICE, seller: 3n * PRICE });
    assert.deepEqual(acts(buying), ["commit", "accept", "commit", "accept"]);
    // The next account is another one, and carries deals again.
    await pair.open();
    await agreed(buying, 5);
    const { account } = buying.told.findLast((event) => event.event === "rail") ?? {};
    assert.notEqual(account ?? null, null);
    assert.notEqual(account, firstOf(buying));
    await stage.rehearsal.passTime(COMMIT_S);
    await outcomes(selling, "onAccount", 3);
    assert.deepEqual(troubles(selling).concat(troubles(buying)), []);
  });

  async function both(name: string, sellers: JsonObject = {}, buyers: JsonObject = {}) {
    const { token } = stage.rehearsal;
    const salt = toHex(systemEntropy.bytes(32));
    const common = { token, salt, settleAt: SETTLE_AT };
    const prices = { [token]: "3000000000" };
    const deliver = { artifact: file, listen: "http://127.0.0.1:0" };
    const selling = await stage.sell(`${name}.seller`, {
      ...{ deliver, prices },
      accounts: {
        listen: "http://127.0.0.1:0",
        with: [{ ...common, agent: stage.buyer.agent.toString(), ours: "0", theirs: CREDIT }],
      },
      ...sellers,
    });
    const address = selling.agent.address ?? "";
    const serves = selling.agent.delivery.serves ?? "";
    const { url } = await selling.event("accounts");
    const more = {
      intake: { folder: join(stage.folder, `${name}.bought`), allow: [serves] },
      prices,
      accounts: {
        with: [{ ...common, agent: stage.seller.agent.toString(), ours: CREDIT, theirs: "0", url, address }],
      },
      ...buyers,
    };
    const wish: Wish = { terms: { ...WISH_TERMS, delivery: { by: "artifact", url: serves, bytes: GOODS.length } } };
    const buy = () => stage.buy(`${name}.buyer`, address, wish, more);
    const buying = await buy();
    const open = async () => {
      const { open: wanted } = parseAgentConfig(await stage.buyerConfig(`${name}.buyer`, address, wish, more));
      assert.ok(wanted !== null);
      return await buying.agent.open(wanted);
    };
    return { selling, buying, open, buy };
  }

  async function balances() {
    const { chain, token } = stage.rehearsal;
    return {
      buyer: await chain.free(stage.buyer.agent, token),
      seller: await chain.free(stage.seller.agent, token),
    };
  }

  async function moved(before: Awaited<ReturnType<typeof balances>>) {
    const now = await balances();
    return { buyer: now.buyer - before.buyer, seller: now.seller - before.seller };
  }
});

/** Waits for so many agreements. */
async function agreed({ told, event }: Acting, count: number): Promise<void> {
  await event("agreed", () => told.filter((one) => one.event === "agreed").length >= count);
}

async function outcomes({ told, event }: Acting, name: string, count: number): Promise<void> {
  const isSo = () => told.filter((one) => one.event === "outcome" && one.outcome === name).length >= count;
  await event("outcome", isSo);
}

function firstOf({ told }: Acting): string | undefined {
  return told.find((event) => event.event === "account")?.account;
}

function acts({ told }: Acting): string[] {
  return told.flatMap((event) => (event.event === "act" ? [event.act] : []));
}

function troubles({ told }: Acting): string[] {
  return told.flatMap((event) => (event.event === "trouble" ? [`${event.code}: ${event.message}`] : []));
}
