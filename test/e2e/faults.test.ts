import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { Operator } from "../../offchain/adapters/chain/operator.ts";
import { connectRpc, type Rpc } from "../../offchain/adapters/chain/rpc.ts";
import { Sender } from "../../offchain/adapters/chain/sender.ts";
import { Liar } from "../../offchain/cli/stories/liar-agent.ts";
import { fromHex } from "../../offchain/kernel/bytes.ts";
import type { Bytes32 } from "../../offchain/kernel/ids.ts";
import type { Participant } from "../../offchain/node/principal.ts";
import type { JsonObject } from "../../offchain/terms/canonical-json.ts";
import { decodeMessage } from "../../offchain/terms/message.ts";
import { walletAddress } from "../../offchain/terms/wallet-signature.ts";
import { type Bundle, bundleToJson } from "../../offchain/transcript/evidence/bundle.ts";
import { parley, refuses } from "../offchain/cli/parley.ts";
import { proposalFor } from "../proposal.ts";
import { type Acting, DeliveryStage } from "./delivery-stage.ts";
import { makeKeys } from "./keys.ts";

const DIGEST: Bytes32 = `0x${"d1".repeat(32)}`;

/** What a proposal of these tests names as the buyer's bond. A tenth of it is the seller's. */
const BOND = 10n;

/** What each agent starts with, free and at stake. */
const FUNDS = 100_000n;

describe("words that are broken, where nobody looks after the agents", () => {
  let stage: DeliveryStage;
  let rpc: Rpc;

  before(async () => {
    stage = await DeliveryStage.prepare();
    rpc = await connectRpc(stage.url);
    process.env["PARLEY_PASSPHRASE"] = "the keys of these tests are worth nothing";
  });
  afterEach(() => stage.stopAll());
  after(() => stage.close());

  it("makes who signs two offers as one pay, by itself and once, whatever is started again", async () => {
    const liar = await stage.rehearsal.enroll(FUNDS);
    const selling = await stage.sell("files", { deliver: DIGEST });
    const told = await lieTo(selling, liar);
    assert.deepEqual([told.agent, told.seq, told.because], [liar.agent.toString(), 1, null]);
    assert.deepEqual([told.taken, told.reward], [BOND.toString(), "1"]);
    assert.equal(await staked(liar), FUNDS - BOND);
    const { by, self, reward } = await selling.event("broken", ({ what }) => what === "penalised");
    assert.deepEqual([by, self, reward], [liar.agent.toString(), false, "1"]);
    const sent = await sentBy(stage.seller);
    await stage.stop(selling);
    const again = await stage.sell("files", { deliver: DIGEST });
    const { transaction } = await again.event("fault");
    assert.equal(transaction, told.transaction, "it knows what it has done");
    assert.deepEqual([await sentBy(stage.seller), await staked(liar)], [sent, FUNDS - BOND]);
    const file = await keep("files", await again.agent.evidence(told.negotiation));
    const refused = await parley(
      "fault",
      "file",
      "--bundle",
      file,
      "--rpc",
      stage.url,
      "--keys",
      await strangersKeys(),
    );
    assert.match(refused.stderr, /\[FaultPaid\]\n/);
    assert.deepEqual([refused.code, refused.stdout], [1, ""]);
  });

  it("leaves it to anybody else where it only tells, who needs what either side or both hold", async () => {
    const liar = await stage.rehearsal.enroll(FUNDS);
    const selling = await stage.sell("tells", { deliver: DIGEST, faults: "tell" });
    const told = await lieTo(selling, liar);
    assert.deepEqual([told.transaction, told.taken], [null, BOND.toString()]);
    assert.match(told.because ?? "", /tell only/);
    const whole = await selling.agent.evidence(told.negotiation);
    const [one, other] = await halvesOf(whole);
    await refuses(["fault", "file", "--bundle", one, "--rpc", stage.url], /file takes --config FILE, or --rpc/, 2);
    for (const half of [one, other]) {
      const { code, stderr } = await parley("fault", "show", "--bundle", half);
      assert.equal(code, 1);
      assert.match(stderr, /\[NoFault\]\n {2}give the other side's bundle too/);
    }
    const both = ["--bundle", one, "--bundle", other];
    const shown = JSON.parse((await parley("fault", "show", ...both, "--rpc", stage.url, "--json")).stdout);
    assert.equal(shown.faults.length, 1);
    const { agent, bond, taken, reward, shownBy, refusal } = shown.faults[0];
    assert.deepEqual([agent, bond, taken, reward], [liar.agent.toString(), "10", "10", "1"]);
    assert.deepEqual([shownBy, refusal, await staked(liar)], [null, null, FUNDS]);
    const before = await free(stage.seller);
    const filed = await parley("fault", "file", ...both, "--rpc", stage.url, "--keys", await strangersKeys());
    assert.equal(filed.code, 0, filed.stderr);
    assert.deepEqual([await staked(liar), (await free(stage.seller)) - before], [FUNDS - BOND, 1n]);
    await selling.event("broken", ({ what, by }) => what === "penalised" && by === liar.agent.toString());
  });

  it("has nobody make the agent pay for gas again and again", async () => {
    const liar = await stage.rehearsal.enroll(FUNDS);
    const selling = await stage.sell("often", { deliver: DIGEST });
    const told = new Map<Bytes32, string | null>();
    for (let lie = 0; lie < 4; lie++) {
      const { negotiation, because } = await lieTo(selling, liar, new Set(told.keys()));
      told.set(negotiation, because);
    }
    const [first, second, third, fourth] = told.values();
    assert.deepEqual([first, second, third], [null, null, null]);
    assert.match(fourth ?? "", /3 times already; anybody may: parley fault file/);
    assert.equal(await staked(liar), FUNDS - 3n * BOND);
  });

  it("declares what the other side can't commit, in time, and goes on when that is made good", async () => {
    const { buying, selling, dealHash, money } = await agreeWithoutMoney("cured");
    await rehearse(selling);
    const { by, until } = await buying.event("broken", ({ what, deal }) => what === "declared" && deal === dealHash);
    assert.equal(by, stage.buyer.agent.toString());
    assert.ok(until !== null);
    await stage.rehearsal.fund(stage.buyer, money);
    await buying.event("act", ({ act }) => act === "cure");
    assert.equal((await selling.event("outcome")).outcome, "settled");
    assert.equal((await buying.event("outcome")).outcome, "settled");
    assert.equal(await staked(stage.buyer), FUNDS, "it cost nothing");
  });

  it("and takes the penalty where it isn't", async () => {
    const { buying, selling, dealHash } = await agreeWithoutMoney("penalised");
    const before = { stake: await staked(stage.buyer), free: await free(stage.seller) };
    await rehearse(selling);
    await stage.rehearsal.passTime(3 * 3_600);
    const { taken } = await buying.event("broken", ({ what, deal }) => what === "penalised" && deal === dealHash);
    assert.equal(taken, BOND.toString());
    assert.equal((await selling.event("outcome")).outcome, "defaulted");
    assert.equal((await buying.event("outcome")).outcome, "defaulted");
    assert.equal(before.stake - (await staked(stage.buyer)), BOND);
    assert.equal((await free(stage.seller)) - before.free, BOND / 10n, "and its own bond is back");
  });

  /** Two agents that agree on what the buyer has no money for any more. */
  async function agreeWithoutMoney(name: string) {
    const { deployment, token } = stage.rehearsal;
    const owner = new Operator(rpc, new Sender(rpc, stage.buyer.wallet));
    const money = await free(stage.buyer);
    await owner.withdraw(deployment, stage.buyer.agent, token, owner.address, money);
    const selling = await stage.sell(`${name}.seller`, { deliver: DIGEST });
    const wish = { terms: { digest: DIGEST, category: "data", lines: LINES } };
    const buying = await stage.buy(`${name}.buyer`, selling.agent.address ?? "", wish, {});
    const { dealHash } = await buying.event("agreed");
    await buying.event("trouble", ({ code }) => code === "BuyerFundsTooLow");
    return { buying, selling, dealHash, money: 10_000n };
  }

  /** Lets so much time pass that the seller has to declare, and waits until it has. */
  async function rehearse(selling: Acting): Promise<void> {
    // First it has to find out for itself that the buyer can't.
    await stage.rehearsal.passTime(60);
    await selling.event("trouble", ({ code }) => code === "BuyerFundsTooLow");
    await stage.rehearsal.passTime(3_600 - 60 - 500);
    await selling.event("act", ({ act }) => act === "declare");
  }

  /** Somebody says two different things as its first offer. Resolves with what the seller makes of it. */
  async function lieTo(selling: Acting, participant: Participant, known: ReadonlySet<Bytes32> = new Set()) {
    const { deployment, token, chain } = stage.rehearsal;
    const proposal = proposalFor({
      commitBy: (await chain.time()) + 3_600,
      rounds: 6,
      token,
      terms: { digest: DIGEST },
    });
    const address = selling.agent.address ?? "";
    const { liar, place } = await Liar.meet(participant, stage.seller.agent, deployment, proposal, address);
    await liar.offer(1_000n, place);
    await liar.offer(900n, place);
    const told = await selling.event("fault", ({ negotiation }) => !known.has(negotiation));
    liar.leave();
    return told;
  }

  /** What each side of a lie holds: neither has both offers. */
  async function halvesOf(whole: Bundle): Promise<readonly [string, string]> {
    const { transcript, beside } = whole;
    const rival = decodeMessage(fromHex(beside[0] ?? "0x"));
    const told = { opener: [...transcript.opener.slice(0, 1), rival], responder: transcript.responder.slice(0, 1) };
    const [one, other] = [
      { ...whole, beside: [], chain: null },
      { ...whole, beside: [], chain: null, transcript: told },
    ];
    return [await keep("one", one), await keep("other", other)];
  }

  async function keep(name: string, bundle: Bundle): Promise<string> {
    const file = join(stage.folder, `${name}.evidence.json`);
    await writeFile(file, JSON.stringify(bundleToJson(bundle)));
    return file;
  }

  /** Keys of somebody who is no party to anything. */
  async function strangersKeys(): Promise<string> {
    const { agent, wallet } = await stage.rehearsal.enroll(1n);
    const file = join(stage.folder, `${agent}.keys.json`);
    await makeKeys(file, wallet);
    return file;
  }

  const staked = ({ agent }: Participant) => stage.rehearsal.chain.staked(agent, stage.rehearsal.token);
  const free = ({ agent }: Participant) => stage.rehearsal.chain.free(agent, stage.rehearsal.token);
  const sentBy = ({ wallet }: Participant) =>
    rpc.reads.getTransactionCount({ address: walletAddress(wallet), blockTag: "pending" });
});

const LINES: JsonObject[] = [{ what: "street scenes", amount: "40000", unit: "each" }];
