import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NodeCrypto } from "../../../../offchain/adapters/crypto/node/crypto.ts";
import { signReading } from "../../../../offchain/identity/reading.ts";
import { ZERO_32 } from "../../../../offchain/kernel/ids.ts";
import type { DisputeRecord } from "../../../../offchain/ports/dispute-record.ts";
import type { Exhibit } from "../../../../offchain/settlement/disputes/exhibit.ts";
import { accessAgreed } from "../../../../offchain/settlement/disputes/measured.ts";
import { type Decision, decide } from "../../../../offchain/settlement/disputes/rules.ts";
import { summarise } from "../../../../offchain/settlement/disputes/summary.ts";
import { tell } from "../../../../offchain/settlement/disputes/telling.ts";
import type { JsonObject } from "../../../../offchain/terms/canonical-json.ts";
import { hashDeal } from "../../../../offchain/terms/deal.ts";
import { proofToJson } from "../../../../offchain/terms/delivery-proof.ts";
import { NOW } from "../../../vectors/actors.ts";
import { BUYER, PROPOSAL, type Scene, SELLER } from "../../../vectors/scene.ts";
import { AGREED, agreedScene, bad, bundleOf, dealOf, exhibit, OTHER, recordOf } from "./trial.ts";

const judge = (record: DisputeRecord, ...exhibits: readonly Exhibit[]) => decide(summarise(record, exhibits, null));

function rulesOf(decision: Decision): string[] {
  return "decide" in decision ? decision.because.map(({ rule }) => rule) : [];
}

function says(scene: Scene, side: "opener" | "responder", evidence = AGREED, total = 0n) {
  const deal = hashDeal(dealOf(scene));
  if (side === "opener") scene.say(side, { kind: "RECEIPT", deal, total });
  else scene.say(side, { kind: "DELIVER", deal, evidence });
}

const ACCESS_TERMS: JsonObject = {
  ...{ schema: "parley-terms/1", category: "api", salt: `0x${"5a".repeat(32)}` },
  lines: [{ what: "translations", amount: "100", unit: "call" }],
  levels: [{ measure: "availability", bound: "least", amount: "90", unit: "percent" }],
  delivery: { by: "access", url: "https://api.example", calls: 100, seconds: 3_600 },
};

const ACCESS = { ...PROPOSAL, deal: { ...PROPOSAL.deal, category: ZERO_32 }, terms: ACCESS_TERMS };

/** What a side has measured of a hundred calls, signed. */
async function readingsOf(by: typeof BUYER, record: DisputeRecord, failures: number) {
  return proofToJson({ kind: "readings", readings: [await hourOf(by, record, 0, failures)] });
}

/** What it has measured in one hour. */
function hourOf(by: typeof BUYER, { dealHash: deal, transcript }: DisputeRecord, hour: number, failures: number) {
  const latency = { p50: 1, p95: 1, p99: 1, most: 1 };
  const from = NOW + hour * 3_600;
  const reading = { deal, transcript, reader: by.agent, from, to: from + 3_600, calls: 100, failures, latency };
  return signReading(new NodeCrypto().sessionSigner(by.session), by.certificate, reading);
}

const GOODS: Exhibit = {
  ...{ side: "seller", origin: "the goods", filedAt: null, hash: AGREED, isNamed: false, proven: null, trouble: null },
};

const MISSING = { code: "EvidenceMissing", says: "nobody has it", isFinal: false } as const;

describe("the rules of an arbitrator", () => {
  it("give nothing for what the seller itself recorded, if it isn't what both signed for", async () => {
    const scene = agreedScene();
    const record = recordOf(scene, { delivery: { at: 1, evidence: OTHER } });
    const decision = judge(record, await exhibit("buyer", record, bundleOf(scene)));
    assert.deepEqual("decide" in decision && decision.decide, 0);
    assert.deepEqual(rulesOf(decision), ["delivered-other-than-agreed"]);
  });

  it("leave that to people where the seller signed a DELIVER of what was agreed, or is still to be heard", async () => {
    const scene = agreedScene();
    const record = recordOf(scene, { delivery: { at: 1, evidence: OTHER } });
    const bought = await exhibit("buyer", record, bundleOf(scene));
    assert.ok("leave" in judge(record, bought, bad("seller", MISSING)));
    assert.ok("leave" in judge(record, bought, { ...GOODS, hash: OTHER }), "it shows what it recorded");
    says(scene, "responder");
    assert.ok("leave" in judge(record, bought, await exhibit("seller", record, bundleOf(scene))));
  });

  it("take the middle of what both have measured and signed, where that is nearly the same", async () => {
    const scene = agreedScene(ACCESS);
    const plain = recordOf(scene);
    const agreed = accessAgreed(plain, ACCESS_TERMS) ?? OTHER;
    const record = { ...plain, delivery: { at: 1, evidence: agreed } };
    const shown = async (side: "buyer" | "seller", failures: number) => {
      const document = await readingsOf(side === "buyer" ? BUYER : SELLER, record, failures);
      return await exhibit(side, record, bundleOf(scene, { attachments: [document] }));
    };
    const bought = await shown("buyer", 30);
    const summary = summarise(record, [bought, await shown("seller", 27)], null);
    assert.deepEqual([summary.digest, summary.isAsAgreed], [agreed, true]);
    assert.deepEqual(
      summary.measured.map(({ by, calls, failures, judgement }) => [by, calls, failures, judgement.share]),
      [
        ["buyer", 100, 30, 7_777],
        ["seller", 100, 27, 8_111],
      ],
    );
    const decision = decide(summary);
    assert.ok("decide" in decision && decision.decide === 7_944, JSON.stringify(decision));
    assert.deepEqual(rulesOf(decision), ["readings-meet"]);
    // What they state comes first.
    const claim = { at: 1, share: 8_000, evidence: OTHER, rulingUntil: 2 };
    const stated = { ...record, claim, answer: { at: 1, share: 8_100, evidence: OTHER } };
    assert.deepEqual(rulesOf(judge(stated, bought, await shown("seller", 27))), ["statements-meet"]);
    const apart = judge(record, bought, await shown("seller", 0));
    assert.match(JSON.stringify(apart), /77.77 % by the buyer's readings, 100 % by the seller's/);
    assert.match(JSON.stringify(judge(record, bought)), /only the buyer has measured, which comes to 77.77 %/);
    assert.match(tell(summary, String).join("\n"), /the seller: 100 calls, 27 failures; .*81.11 % to the seller/);
    const other = { ...record, delivery: { at: 1, evidence: OTHER } };
    assert.deepEqual(rulesOf(judge(other, bought)), ["delivered-other-than-agreed"]);
  });

  it("bind nobody by some hours of what it has measured, put together by the other side", async () => {
    const scene = agreedScene(ACCESS);
    const plain = recordOf(scene);
    const record = { ...plain, delivery: { at: 1, evidence: accessAgreed(plain, ACCESS_TERMS) ?? OTHER } };
    const [sold, bought] = [
      [await hourOf(SELLER, record, 0, 0), await hourOf(SELLER, record, 1, 90)],
      await hourOf(BUYER, record, 1, 90),
    ];
    const shown = (side: "buyer" | "seller", documents: readonly (readonly string[])[]) => {
      const attachments = documents.map((readings) => proofToJson({ kind: "readings", readings }));
      return exhibit(side, record, bundleOf(scene, { attachments }));
    };
    const chosen = await shown("buyer", [sold.slice(1), [bought]]);
    const decision = judge(record, chosen, await shown("seller", [sold]));
    assert.match(JSON.stringify(decision), /differs: 11.11 % by the buyer's readings, 55.55 % by the seller's/);
  });

  it("take no bundle whose readings somebody else has signed", async () => {
    const scene = agreedScene(ACCESS);
    const record = recordOf(scene);
    const document = await readingsOf({ ...BUYER, session: SELLER.session }, record, 30);
    await assert.rejects(exhibit("buyer", record, bundleOf(scene, { attachments: [document] })), {
      code: "EvidenceUnverified",
      message: /its signature is not good/,
    });
  });

  it("believe no hash alone: whether what was agreed came is for people", async () => {
    const scene = agreedScene();
    const record = recordOf(scene);
    const both = [
      await exhibit("buyer", record, bundleOf(scene)),
      await exhibit("seller", record, bundleOf(scene)),
    ] as const;
    assert.match(JSON.stringify(judge(record, ...both)), /can't be told from signed words/);
  });

  it("don't pay a seller that files the goods once it is disputed: people see when it did", async () => {
    const scene = agreedScene();
    const record = recordOf(scene);
    const bought = await exhibit("buyer", record, bundleOf(scene));
    const filed = (seconds: number): Exhibit => ({ ...GOODS, filedAt: (record.claim?.at ?? 0) + seconds });
    const decision = judge(record, bought, filed(90));
    assert.match("leave" in decision ? decision.leave : "", /has filed the goods, 90 s after the buyer disputed/);
    assert.ok("leave" in judge(record, bought, GOODS), "by another way");
    const missing = judge(record, bought, { ...filed(90), trouble: { ...MISSING, isFinal: true } });
    assert.ok("leave" in missing && !missing.leave.includes("the goods"));
  });

  it("give all where the buyer has signed a receipt for all, and not for less", async () => {
    const scene = agreedScene();
    says(scene, "opener", AGREED, 99n);
    const record = recordOf(scene);
    const part = judge(record, await exhibit("seller", record, bundleOf(scene)));
    assert.ok("leave" in part);
    says(scene, "opener", AGREED, 100n);
    const all = judge(record, await exhibit("seller", record, bundleOf(scene)));
    assert.deepEqual(rulesOf(all), ["receipted-in-full"]);
  });

  it("hold forged evidence against its side only where it will stay so, and the other's is good", async () => {
    const scene = agreedScene();
    const record = recordOf(scene);
    const sold = await exhibit("seller", record, bundleOf(scene));
    assert.deepEqual(rulesOf(judge(record, sold, bad("buyer"))), ["only-seller-proves"]);
    assert.ok("leave" in judge(record, sold), "who brings nothing may have nothing to bring");
    assert.ok("leave" in judge(record, sold, bad("buyer", MISSING)));
    assert.ok("leave" in judge(record, bad("seller"), bad("buyer")));
  });

  it("count no good file as forged for being no bundle", async () => {
    const scene = agreedScene();
    const record = recordOf(scene);
    const sold = await exhibit("seller", record, bundleOf(scene));
    const report: Exhibit = { ...GOODS, side: "buyer", origin: "the report of what came", hash: OTHER, isNamed: true };
    assert.ok("leave" in judge(record, sold, report));
    assert.ok("leave" in judge(record, sold, report, bad("buyer")));
  });

  it("decide nothing on evidence that doesn't verify", () => {
    const record = recordOf(agreedScene(), { delivery: { at: 1, evidence: OTHER } });
    assert.match(
      JSON.stringify(judge(record, bad("buyer"), bad("seller"))),
      /nobody has brought evidence that verifies/,
    );
  });

  it("leave it to people where the terms name no digest", async () => {
    const scene = agreedScene(PROPOSAL);
    const record = recordOf(scene, { delivery: { at: 1, evidence: OTHER } });
    assert.match(JSON.stringify(judge(record, await exhibit("buyer", record, bundleOf(scene)))), /name what was to be/);
  });

  it("go against the side that signed two different things under one number", async () => {
    const [told, hidden] = [agreedScene(), agreedScene()];
    const record = recordOf(told);
    says(told, "responder", AGREED);
    says(hidden, "responder", OTHER);
    const [first, second] = [
      await exhibit("seller", record, bundleOf(told)),
      await exhibit("buyer", record, bundleOf(hidden)),
    ];
    const decision = judge(record, first, second);
    assert.deepEqual(["decide" in decision && decision.decide, rulesOf(decision)], [0, ["contradicts-itself"]]);
    // What one bundle only lacks is no lie of its side's.
    const older = await exhibit("buyer", record, bundleOf(agreedScene()));
    assert.ok("leave" in judge(record, first, older));
    assert.deepEqual(
      summarise(record, [first, older], null).contradictions.map(({ kind }) => kind),
      ["shorter"],
    );
  });

  it("decide nothing where they come to different shares", async () => {
    const scene = agreedScene();
    const record = recordOf(scene, { delivery: { at: 1, evidence: OTHER } });
    says(scene, "opener", AGREED, 100n);
    assert.match(JSON.stringify(judge(record, await exhibit("buyer", record, bundleOf(scene)))), /different shares/);
  });

  it("meet in the middle of statements that are next to each other", () => {
    const scene = agreedScene();
    const record = recordOf(scene, { claim: { at: 1, share: 9_000, evidence: OTHER, rulingUntil: 9 } });
    const answered = (share: number) => judge({ ...record, answer: { at: 2, share, evidence: OTHER } });
    assert.deepEqual(answered(9_500), {
      decide: 9_250,
      because: [{ rule: "statements-meet", share: 9_250, because: "the two statements are 5 % of the price apart" }],
    });
    assert.ok("leave" in answered(9_501));
  });
});
