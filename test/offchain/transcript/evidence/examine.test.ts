import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { NodeCrypto } from "../../../../offchain/adapters/crypto/node/crypto.ts";
import { fromHex, toHex } from "../../../../offchain/kernel/bytes.ts";
import { ZERO_ADDRESS } from "../../../../offchain/kernel/ids.ts";
import { hashProposal } from "../../../../offchain/terms/body.ts";
import type { Json } from "../../../../offchain/terms/canonical-json.ts";
import { hashDeal } from "../../../../offchain/terms/deal.ts";
import { encodeMessage, type Message } from "../../../../offchain/terms/message.ts";
import { accountOf } from "../../../../offchain/transcript/evidence/account.ts";
import {
  type Bundle,
  bundleFromJson,
  bundleToJson,
  type ChainAccount,
  withholdProposal,
} from "../../../../offchain/transcript/evidence/bundle.ts";
import { examine } from "../../../../offchain/transcript/evidence/examine.ts";
import { soldBy } from "../../../../offchain/transcript/evidence/sold.ts";
import { DEPLOYMENT, NOW } from "../../../vectors/actors.ts";
import { BUYER, PROPOSAL, Scene, SELLER, type Side, wholeLife } from "../../../vectors/scene.ts";

const crypto = new NodeCrypto();

function bundleOf(scene: Scene, changes: Partial<Bundle> = {}): Bundle {
  return {
    deployment: DEPLOYMENT,
    transcript: scene.transcript,
    beside: [],
    terms: PROPOSAL.terms,
    chain: null,
    ...changes,
  };
}

/** As it comes from a file. */
function reread(bundle: Bundle): Bundle {
  return bundleFromJson(JSON.parse(JSON.stringify(bundleToJson(bundle))) as Json);
}

const look = (bundle: Bundle) => examine(crypto, reread(bundle));

function hexOf(message: Message) {
  return toHex(encodeMessage(message));
}

/** What one side signs in place of its newest message, in a scene that is the same until then. */
function rival(until: (scene: Scene) => void, instead: (scene: Scene) => Message): string {
  const other = new Scene();
  until(other);
  return hexOf(instead(other));
}

const ACCOUNT: ChainAccount = {
  asOf: NOW + 100,
  opener: { wallet: BUYER.wallet, epoch: 1 },
  responder: { wallet: SELLER.wallet, epoch: 1 },
  position: { status: "Committed", since: NOW + 10, ours: true },
  committed: null,
  payout: null,
};

describe("a bundle of evidence", () => {
  it("proves what was agreed and said, to whoever reads it from a file", async () => {
    const scene = wholeLife();
    const { agreement, signatures, negotiation, faults, course, opener } = await look(bundleOf(scene));
    assert.equal(signatures, 11);
    assert.equal(negotiation, scene.negotiation);
    assert.deepEqual(agreement?.deal, scene.dealAt(105_000_000n));
    assert.deepEqual(faults, []);
    assert.equal(course.length, 11);
    assert.deepEqual(
      { agent: opener.agent, wallet: opener.wallet, standing: opener.standing },
      {
        agent: 1n,
        wallet: BUYER.wallet,
        standing: "unknown",
      },
    );
  });

  it("tells what was said in an order in which it can have been said", async () => {
    const { course } = await look(bundleOf(wholeLife()));
    assert.deepEqual(
      course.map(({ envelope }) => envelope.kind),
      "OPEN JOIN OFFER OFFER OFFER OFFER ACCEPT DELIVER RECEIPT DELIVER RECEIPT".split(" "),
    );
  });

  it("proves the same with the proposal withheld, and shows nothing of it", async () => {
    const scene = wholeLife();
    const transcript = withholdProposal(scene.transcript, hashProposal);
    const bundle = bundleOf(scene, { transcript, terms: null });
    assert.ok(
      !JSON.stringify(bundleToJson(bundle)).includes(toHex(new TextEncoder().encode("container rates")).slice(2)),
    );
    const { agreement, signatures, proposal, terms } = await look(bundle);
    assert.equal(signatures, 11);
    assert.deepEqual([proposal, terms], [null, null]);
    assert.equal(agreement?.deal.price, 105_000_000n);
  });

  it("takes terms that are shown beside a withheld proposal, and refuses other terms", async () => {
    const scene = wholeLife();
    const transcript = withholdProposal(scene.transcript, hashProposal);
    assert.deepEqual((await look(bundleOf(scene, { transcript }))).terms, PROPOSAL.terms);
    const terms = { ...PROPOSAL.terms, title: "Something else" };
    await assert.rejects(look(bundleOf(scene, { transcript, terms })), { code: "DealMismatch" });
  });

  it("refuses a withheld proposal of another hash", async () => {
    const scene = wholeLife();
    const transcript = withholdProposal(scene.transcript, () => `0x${"ab".repeat(32)}`);
    await assert.rejects(look(bundleOf(scene, { transcript, terms: null })), { code: "BodyMismatch" });
  });

  it("refuses whatever was changed, wherever", async () => {
    const text = JSON.stringify(bundleToJson(bundleOf(wholeLife())));
    const digits = [...text.matchAll(/[0-9a-f]/g)].map(({ index }) => index);
    const property = fc.asyncProperty(fc.nat(digits.length - 1), async (which) => {
      const at = digits[which] ?? 0;
      const changed = `${text.slice(0, at)}${text[at] === "1" ? "2" : "1"}${text.slice(at + 1)}`;
      const look = async () => await examine(crypto, bundleFromJson(JSON.parse(changed) as Json));
      // A certificate's own signature is covered by no other: what is changed in it leads to another wallet, or to none.
      const wallets = await look().then(
        ({ opener, responder }) => [opener.wallet, responder.wallet],
        () => null,
      );
      assert.notDeepEqual(wallets, [BUYER.wallet, SELLER.wallet]);
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it("is for one deployment: at another Settlement no signature counts", async () => {
    const deployment = { ...DEPLOYMENT, chainId: 1 };
    await assert.rejects(look(bundleOf(wholeLife(), { deployment })), { name: "Refusal" });
  });

  it("refuses what is no bundle, and says where", () => {
    const good = bundleToJson(bundleOf(wholeLife()));
    for (const [changes, path] of [
      [{ format: "other" }, "format"],
      [{ version: 3 }, "version"],
      [{ version: 2 }, "attachments"],
      [{ attachments: {} }, "attachments"],
      [{ version: 2, attachments: { "0x00": {} } }, "attachments.0x00"],
      [{ opener: "0x" }, "opener"],
      [{ beside: ["0xzz"] }, "beside[0]"],
      [{ terms: [] }, "terms"],
      [{ more: 1 }, "more"],
    ] as const) {
      assert.throws(
        () => bundleFromJson({ ...good, ...changes } as Json),
        (thrown: Error) => {
          assert.match(thrown.message, new RegExp(path.replace(/[[\]]/g, "\\$&")));
          return true;
        },
      );
    }
  });
});

describe("who is at fault", () => {
  const begun = (scene: Scene) => {
    scene.introduce();
    scene.offer("opener", 80n);
  };

  it("is who signed two offers under one number; the proof is both", async () => {
    const scene = new Scene();
    begun(scene);
    const first = scene.offer("responder", 120n);
    const second = rival(begun, (other) => other.offer("responder", 110n));
    const { faults } = await look(bundleOf(scene, { beside: [second as `0x${string}`] }));
    assert.deepEqual(
      faults.map(({ agent, code, onChain, proof }) => ({ agent, code, onChain, proof })),
      [{ agent: 2n, code: "Equivocation", onChain: true, proof: [hexOf(first), second] }],
    );
  });

  it("is who contradicts itself in what binds nobody, but no contract judges that", async () => {
    const scene = wholeLife();
    const deal = hashDeal(scene.dealAt(105_000_000n));
    const until = (other: Scene) => {
      other.introduce();
      other.offer("opener", 80_000_000n);
      other.offer("responder", 120_000_000n);
      other.offer("opener", 95_000_000n);
      other.offer("responder", 105_000_000n);
      other.accept("opener");
    };
    const other = rival(until, (one) =>
      one.say("responder", { kind: "DELIVER", deal, evidence: `0x${"ee".repeat(32)}` }),
    );
    const { faults } = await look(bundleOf(scene, { beside: [other as `0x${string}`] }));
    assert.deepEqual(
      faults.map(({ agent, code, onChain }) => ({ agent, code, onChain })),
      [{ agent: 2n, code: "Conflict", onChain: false }],
    );
  });

  it("is nobody who ended under a number that its lost journal had used", async () => {
    const scene = new Scene();
    begun(scene);
    scene.offer("responder", 120n);
    const note = "";
    const end = { kind: "END", code: "JournalLost", subject: `0x${"00".repeat(32)}`, note } as const;
    const other = rival(begun, (one) => one.say("responder", end));
    assert.deepEqual((await look(bundleOf(scene, { beside: [other as `0x${string}`] }))).faults, []);
  });

  it("is nobody who offered under the number of such an END that its peer puts first", async () => {
    const scene = new Scene();
    begun(scene);
    const end = { kind: "END", code: "JournalLost", subject: `0x${"00".repeat(32)}`, note: "" } as const;
    scene.say("responder", end);
    const lost = rival(begun, (one) => one.offer("responder", 120n));
    assert.deepEqual((await look(bundleOf(scene, { beside: [lost as `0x${string}`] }))).faults, []);
  });

  it("is not who offers in turn after another's offer out of turn", async () => {
    const scene = new Scene();
    scene.introduce();
    for (const who of ["opener", "opener", "responder", "opener"] as const) scene.offer(who, 100n);
    const { faults } = await look(bundleOf(scene));
    assert.deepEqual(
      faults.map(({ agent, code }) => [agent, code]),
      [[1n, "OutOfTurn"]],
    );
  });

  it("is who accepts twice, and not who speaks of the deal that the chain has", async () => {
    const scene = new Scene();
    scene.introduce();
    scene.offer("opener", 80n);
    scene.offer("responder", 120n);
    scene.offer("opener", 95n);
    const accept = scene.accept("responder");
    // The opener then takes up the responder's old offer, which would come first.
    scene.accept("opener");
    const [deal, other] = [scene.dealAt(95n), scene.dealAt(120n)];
    scene.say("responder", { kind: "DELIVER", deal: hashDeal(deal), evidence: `0x${"d1".repeat(32)}` });
    const transcript = scene.hash("responder", accept.envelope.seq);
    const committed = { dealHash: hashDeal(deal), transcript, price: 95n };
    const { faults, agreement } = await look(bundleOf(scene, { chain: { ...ACCOUNT, committed } }));
    assert.deepEqual([agreement?.deal, faults], [deal, []]);
    assert.deepEqual((await look(bundleOf(scene))).agreement?.deal, other);
    scene.accept("opener");
    const twice = await look(bundleOf(scene, { chain: { ...ACCOUNT, committed } }));
    assert.deepEqual(
      twice.faults.map(({ agent, code }) => [agent, code]),
      [[1n, "OutOfTurn"]],
    );
  });

  it("is nobody by frames that neither side has signed", async () => {
    const scene = wholeLife();
    const forged = fromHex(hexOf(scene.transcript.responder[2] as Message));
    forged[forged.length - 1] = (forged.at(-1) as number) ^ 1;
    const { faults, unproven } = await look(bundleOf(scene, { beside: [toHex(forged), "0x", "0x01"] }));
    assert.deepEqual([faults, unproven], [[], 3]);
  });

  it("is who offers out of turn, too often, or something else than was proposed", async () => {
    const offers = (scene: Scene, turns: readonly Side[]) => {
      scene.introduce();
      for (const who of turns) scene.offer(who, 100n);
      return scene;
    };
    const codes = async (scene: Scene) => (await look(bundleOf(scene))).faults.map(({ agent, code }) => [agent, code]);
    assert.deepEqual(await codes(offers(new Scene(), ["opener", "opener"])), [[1n, "OutOfTurn"]]);
    const often = Array.from({ length: 10 }, (_, turn): Side => (turn % 2 === 0 ? "opener" : "responder"));
    assert.deepEqual(await codes(offers(new Scene(), often)), [[2n, "TooManyRounds"]]);
    const scene = new Scene();
    scene.introduce();
    scene.say("opener", { kind: "OFFER", deal: { ...scene.dealAt(100n), sellerBond: 1n } });
    assert.deepEqual(await codes(scene), [[1n, "DealMismatch"]]);
  });

  it("is who signs a smaller receipt after a larger one", async () => {
    const scene = wholeLife();
    const deal = hashDeal(scene.dealAt(105_000_000n));
    scene.say("opener", { kind: "RECEIPT", deal, total: 1n });
    const { faults } = await look(bundleOf(scene));
    assert.deepEqual(
      faults.map(({ agent, code }) => [agent, code]),
      [[1n, "DealMismatch"]],
    );
  });

  it("is the seller who has not delivered in time, by the chain", async () => {
    const scene = wholeLife();
    const { deliverWithin } = PROPOSAL.deal;
    const late = { ...ACCOUNT, asOf: NOW + 10 + deliverWithin + 1 };
    const codes = async (chain: ChainAccount) =>
      (await look(bundleOf(scene, { chain }))).faults.map(({ agent, code }) => [agent, code]);
    assert.deepEqual(await codes(late), [[2n, "LateDelivery"]]);
    assert.deepEqual(await codes({ ...late, asOf: late.asOf - 1 }), []);
    const payout = { outcome: "Refunded", toBuyer: 1n, toSeller: 0n } as const;
    const refunded = { ...late, position: { status: "Settled", since: NOW, ours: true } as const, payout };
    assert.deepEqual(await codes(refunded), [[2n, "NotDelivered"]]);
    // What is metered and not used up is refunded in the ordinary way.
    const metered = new Scene();
    metered.introduce();
    metered.say("opener", { kind: "OFFER", deal: { ...metered.dealAt(80n), reviewPeriod: 0 } });
    metered.accept("responder");
    assert.deepEqual(
      (await look(bundleOf(metered, { chain: refunded }))).faults.map(({ code }) => code),
      ["DealMismatch"],
    );
  });
});

describe("whose keys they are", () => {
  const standing = async (changes: Partial<ChainAccount["opener"]>) => {
    const asked = { ...ACCOUNT, opener: { ...ACCOUNT.opener, ...changes } };
    return (await examine(crypto, bundleOf(wholeLife()), asked)).opener.standing;
  };

  it("is confirmed by the registry's wallet and epoch, and by nothing else", async () => {
    assert.equal(await standing({}), "confirmed");
    assert.equal(await standing({ wallet: ZERO_ADDRESS }), "refuted");
    assert.equal(await standing({ epoch: 0 }), "refuted");
  });

  it("is only claimed where the file says so itself, since whoever forges one writes what fits", async () => {
    const { opener, responder, source } = await look(bundleOf(wholeLife(), { chain: ACCOUNT }));
    assert.deepEqual([opener.standing, responder.standing, source], ["claimed", "claimed", "file"]);
    const chain = { ...ACCOUNT, opener: { ...ACCOUNT.opener, wallet: ZERO_ADDRESS } };
    assert.equal((await look(bundleOf(wholeLife(), { chain }))).opener.standing, "refuted");
  });

  it("stays open once the epoch has ended: then it takes the registry's past", async () => {
    assert.equal(await standing({ epoch: 2 }), "unknown");
  });
});

describe("what is told of a spoilt message", () => {
  const message = async (change: (frames: { opener: Json[]; responder: Json[] }) => void) => {
    const bundle = bundleToJson(bundleOf(wholeLife()));
    const frames = { opener: [...(bundle["opener"] as Json[])], responder: [...(bundle["responder"] as Json[])] };
    change(frames);
    try {
      await examine(crypto, bundleFromJson({ ...bundle, ...frames }));
    } catch (thrown) {
      return thrown as { message: string; facts: unknown };
    }
    throw new Error("it was taken");
  };

  it("is which side's it is, its number and its kind", async () => {
    const unsigned = await message(({ responder }) => {
      const [, , offer] = wholeLife().transcript.responder;
      if (offer !== undefined) responder[2] = hexOf({ ...offer, signature: `0x${"11".repeat(64)}` });
    });
    assert.match(unsigned.message, /^the responder's message 2 \(OFFER\): the signature of agent 2 is not good/);
    assert.deepEqual(unsigned.facts, { side: "responder", place: 2, kind: "OFFER" });
    const gap = await message(({ opener }) => opener.splice(1, 1));
    assert.match(gap.message, /^the opener's message 1 \(OFFER\): envelope 2 came where 1 was due/);
    const seen = await message(({ opener }) => opener.splice(2));
    assert.match(seen.message, /^the responder's message \d \([A-Z]+\): /);
    const cut = await message(({ opener }) => {
      opener[3] = String(opener[3]).slice(0, 40);
    });
    assert.match(cut.message, /^the opener's message 3: /);
  });
});

describe("an account for people", () => {
  const told = async (changes: Partial<Bundle> = {}) =>
    accountOf(await look(bundleOf(wholeLife(), changes)), (amount) => `${amount} units`).join("\n");

  it("tells what was sold, and no more of it than fits a screen", async () => {
    assert.match(await told(), /of a form of their own:\n {2}\{"delivery"/);
    const lines = Array.from({ length: 30 }, (_, line) => ({ what: `lot ${line}`, amount: "1.5", unit: "kilogram" }));
    const terms = { schema: "parley-terms/1", category: "goods", salt: PROPOSAL.terms["salt"] as string, lines };
    const sold = soldBy({ terms, proposal: null });
    assert.deepEqual(sold.slice(0, 2), ["What is sold (goods):", "  1.5 kilogram of lot 0"]);
    assert.deepEqual([sold.length, sold.at(-1)], [22, "  … and 10 more"]);
    const long = soldBy({ terms: { text: "x".repeat(5_000) }, proposal: null });
    assert.ok(long.join("").length < 300);
    assert.deepEqual(soldBy({ terms: null, proposal: null }), ["What is sold: withheld"]);
  });

  it("tells both sides, every price, the agreement and the end", async () => {
    const text = await told({ chain: ACCOUNT });
    for (const part of [
      "agent 1, certified by wallet",
      "which is its wallet",
      "OFFER    120000000 units",
      "RECEIPT  105000000 units owed in all",
      "agent 1 buys of agent 2 for 105000000 units",
      "committed since",
      "No fault is proven",
    ]) {
      assert.ok(text.includes(part), part);
    }
  });

  it("says that an agreement is only a claim where the chain was not asked", async () => {
    assert.match(await told(), /a deal exists once it is committed/);
  });
});
