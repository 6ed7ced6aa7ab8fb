import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { utf8 } from "../../offchain/kernel/bytes.ts";
import { sha256 } from "../../offchain/kernel/hash.ts";
import { hashDeal } from "../../offchain/terms/deal.ts";
import { Bureau } from "./bureau.ts";

const EVIDENCE = `0x${"e1".repeat(32)}`;

describe("parley deal", () => {
  let bureau: Bureau;

  before(async () => {
    bureau = await Bureau.open();
  });

  after(() => bureau.close());

  it("lists running deals with whose turn it is, and those that are over where they are asked for", async () => {
    const { hash } = await bureau.committed();
    const mine = await bureau.as("seller", "deal", "list");
    assert.equal(mine.code, 0, mine.stderr);
    assert.match(
      mine.stdout,
      new RegExp(`${hash.slice(0, 12)}  seller  agent 1 +0\\.0001 \\w+ +Committed .*you: deliver`),
    );
    const [theirs] = (await bureau.json("buyer", "deal", "list")).deals.slice(-1);
    assert.deepEqual([theirs.deal, theirs.role, theirs.turn.who], [hash, "buyer", "seller"]);
    assert.deepEqual(theirs.acts, ["accept", "split"]);
    await bureau.json("buyer", "deal", "accept", "--deal", hash);
    const running = (await bureau.json("seller", "deal", "list")).deals.map(({ deal }: { deal: string }) => deal);
    assert.ok(!running.includes(hash));
    const all = (await bureau.json("seller", "deal", "list", "--all")).deals;
    const ended = all.find(({ deal }: { deal: string }) => deal === hash);
    assert.deepEqual([ended.status, ended.payout.outcome, ended.payout.toSeller], ["Settled", "Accepted", "120"]);
  });

  it("takes a deal from delivery to payment, and shows it at each step", async () => {
    const { hash } = await bureau.committed();
    const file = bureau.path("goods.tar");
    writeFileSync(file, "what was bought");
    const delivered = await bureau.as("seller", "deal", "deliver", "--deal", hash.slice(0, 14), "--file", file);
    assert.equal(delivered.code, 0, delivered.stderr);
    const digest = sha256(utf8.encode("what was bought"));
    const shown = await bureau.as("buyer", "deal", "show", "--deal", hash);
    assert.match(shown.stdout, new RegExp(`evidence    ${digest}`));
    assert.match(shown.stdout, /status {6}Delivered.*escrow {6}0\.00013 \w+.*next {8}you: accept[^\n]*until 20/s);
    await bureau.stage.rehearsal.passTime(2_001);
    const before = await bureau.stage.balances();
    const claimed = await bureau.json("seller", "deal", "claim", "--deal", hash);
    assert.equal(claimed.done, "claim");
    assert.deepEqual(await bureau.stage.moved(before), { buyer: 10n, seller: 120n });
    const ended = await bureau.json("buyer", "deal", "show", "--deal", hash);
    assert.deepEqual([ended.status, ended.payout.outcome, ended.evidence], ["Settled", "Claimed", digest]);
    assert.deepEqual(
      ended.history.map(({ what }: { what: string }) => what),
      ["Committed", "Delivered", "Settled"],
    );
  });

  it("gives back what was not delivered, once the time for it has come", async () => {
    const { hash } = await bureau.committed();
    const early = () => bureau.as("buyer", "deal", "refund", "--deal", hash);
    await bureau.refuses("DeadlineNotPassed", 1, bureau.stage.buyer, early);
    await bureau.stage.rehearsal.passTime(1_000 + 86_400 + 1);
    const late = () => bureau.as("seller", "deal", "deliver", "--deal", hash, "--evidence", EVIDENCE);
    await bureau.refuses("DeadlinePassed", 1, bureau.stage.seller, late);
    const before = await bureau.stage.balances();
    await bureau.json("buyer", "deal", "refund", "--deal", hash);
    assert.deepEqual(await bureau.stage.moved(before), { buyer: 130n, seller: 0n });
  });

  it("splits a deal as both sides have said, and only so", async () => {
    const { hash } = await bureau.committed();
    const consent = bureau.path("split.json");
    const terms = ["--to-seller", "0.00005", "--out", consent] as const;
    const { toSeller } = await bureau.json("seller", "deal", "split", "--deal", hash, ...terms);
    assert.equal(toSeller, "50");
    const again = () => bureau.as("seller", "deal", "split", "--deal", hash, ...terms);
    await bureau.refuses("FileExists", 1, bureau.stage.seller, again);
    const take = (file: string) => () => bureau.as("buyer", "deal", "split", "--consent", file);
    const forged = bureau.path("forged.json");
    const said = JSON.parse(readFileSync(consent, "utf8"));
    writeFileSync(forged, JSON.stringify({ ...said, toSeller: "1" }));
    await bureau.refuses("BadConsent", 1, bureau.stage.buyer, take(forged));
    writeFileSync(forged, JSON.stringify({ ...said, chainId: 5 }));
    await bureau.refuses("OtherDeployment", 78, bureau.stage.buyer, take(forged));
    writeFileSync(forged, "{}");
    await bureau.refuses("BadConsent", 1, bureau.stage.buyer, take(forged));
    const own = () => bureau.as("seller", "deal", "split", "--consent", consent);
    await bureau.refuses("BadConsent", 1, bureau.stage.seller, own);
    const before = await bureau.stage.balances();
    const done = await take(consent)();
    assert.equal(done.code, 0, done.stderr);
    assert.match(done.stderr, /seller {6}0\.00005 \w+.*\nbuyer {7}0\.00008 /);
    assert.deepEqual(await bureau.stage.moved(before), { buyer: 80n, seller: 50n });
    await bureau.refuses("WrongStatus", 1, bureau.stage.buyer, take(consent));
  });

  it("cancels by giving back what each brought, and not after the consent's end", async () => {
    const { hash } = await bureau.committed();
    const [first, second] = [bureau.path("late.json"), bureau.path("cancel.json")];
    const soon = new Date(((await bureau.stage.rehearsal.chain.time()) + 600) * 1000)
      .toISOString()
      .replace(/\.\d+/, "");
    await bureau.json("buyer", "deal", "cancel", "--deal", hash, "--until", soon, "--out", first);
    await bureau.stage.rehearsal.passTime(700);
    const late = () => bureau.as("seller", "deal", "split", "--consent", first);
    await bureau.refuses("ConsentExpired", 1, bureau.stage.seller, late);
    await bureau.json("buyer", "deal", "cancel", "--deal", hash, "--out", second);
    const before = await bureau.stage.balances();
    await bureau.json("seller", "deal", "split", "--consent", second);
    assert.deepEqual(await bureau.stage.moved(before), { buyer: 110n, seller: 20n });
  });

  it("shows a deal that the other side has declared, and one that is disputed", async () => {
    const { rehearsal, buyer, seller } = bureau.stage;
    const { deal, proofs } = await bureau.stage.agree({ price: 10n ** 12n });
    await rehearsal.litigant(seller).commitOrDeclare(deal, proofs);
    const declared = await bureau.json("buyer", "deal", "show", "--deal", hashDeal(deal));
    assert.deepEqual([declared.status, declared.turn.who, declared.acts], ["Declared", "buyer", []]);
    assert.equal(declared.position.declaration.declarer, seller.agent.toString());
    const accept = () => bureau.as("buyer", "deal", "accept", "--deal", hashDeal(deal));
    await bureau.refuses("WrongStatus", 1, buyer, accept);

    const { hash, ...disputed } = await bureau.committed({ maxFee: 7n, rulingWithin: 600 });
    await bureau.json("seller", "deal", "deliver", "--deal", hash, "--evidence", EVIDENCE);
    await rehearsal.litigant(buyer).dispute(disputed.deal, disputed.transcript, 2_500, `0x${"d5".repeat(32)}`);
    const shown = await bureau.as("seller", "deal", "show", "--deal", hash);
    assert.match(shown.stdout, /dispute {5}buyer owns to 25 %, seller asks for 100 % \(no answer yet\); not referred/);
    assert.match(shown.stdout, /next {8}you: answer, until .*\nyou can {5}parley deal split\n/);
  });

  it("knows a deal by the first digits of its hash, among others", async () => {
    const hashes: string[] = [];
    for (let made = 0; made < 3; made++) hashes.push((await bureau.committed()).hash);
    const { deals } = await bureau.json("buyer", "deal", "list");
    const listed = deals.map(({ deal }: { deal: string }) => deal);
    assert.ok(hashes.every((hash) => listed.includes(hash)));
    const [first = ""] = hashes;
    assert.equal((await bureau.json("buyer", "deal", "show", "--deal", first.slice(2, 18))).dealHash, first);
    const short = await bureau.as("buyer", "deal", "show", "--deal", "0x1");
    assert.equal(short.code, 2, short.stderr);
  });

  it("refuses by name what the chain would refuse, and sends nothing", async () => {
    const { stage } = bureau;
    const { hash } = await bureau.committed();
    const seller =
      (action: string, ...flags: string[]) =>
      () =>
        bureau.as("seller", "deal", action, ...flags);
    const deliver = ["--evidence", EVIDENCE, "--deal", hash];
    await bureau.refuses("WrongRole", 1, stage.seller, seller("accept", "--deal", hash));
    await bureau.refuses("WrongStatus", 1, stage.seller, seller("claim", "--deal", hash));
    await bureau.refuses("UnknownDeal", 1, stage.seller, seller("accept", "--deal", `0x${"0".repeat(64)}`));
    await bureau.refuses("Usage", 2, stage.seller, seller("deliver", "--deal", hash));
    await bureau.refuses("Usage", 2, stage.seller, seller("deliver", "--deal", "0xzz", "--evidence", EVIDENCE));
    const split = (amount: string) =>
      seller("split", "--deal", hash, "--to-seller", amount, "--out", bureau.path("never.json"));
    await bureau.refuses("SplitTooHigh", 1, stage.seller, split("0.000131"));
    await bureau.refuses("Usage", 2, stage.seller, split("0.0000001"));
    await bureau.refuses("Usage", 2, stage.seller, split("1e-5"));
    await bureau.keyFile(bureau.path("stranger.keys.json"), `0x${"5a".repeat(32)}`);
    const stranger = seller("deliver", ...deliver, "--keys", bureau.path("stranger.keys.json"));
    await bureau.refuses("NotOwnerOrWallet", 1, stage.seller, stranger);
    const { deployment } = stage.rehearsal;
    const wrong: readonly (readonly [code: string, exit: number, more: Record<string, unknown>])[] = [
      ["WrongChain", 78, { deployment: { ...deployment, chainId: 5 } }],
      ["NoContract", 78, { deployment: { ...deployment, settlement: `0x${"11".repeat(20)}` } }],
      ["UnverifiedContract", 78, { deployment: { ...deployment, settlement: stage.rehearsal.token } }],
      ["ChainUnreachable", 69, { rpc: "http://127.0.0.1:9" }],
      ["BadConfig", 78, { agent: "nobody" }],
    ];
    for (const [code, exit, more] of wrong) {
      await bureau.configure("wrong", stage.seller, more);
      await bureau.refuses(code, exit, stage.seller, () => bureau.as("wrong", "deal", "deliver", ...deliver));
    }
  });
});
