import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { Session } from "../../../offchain/dealing/session.ts";
import { ParleyError } from "../../../offchain/kernel/errors.ts";
import { type Bytes32, ZERO_32 } from "../../../offchain/kernel/ids.ts";
import { type DisputesConfig, USUAL_DISPUTES } from "../../../offchain/node/disputes-config.ts";
import { EvidenceShelf } from "../../../offchain/node/evidence-shelf.ts";
import { type Concern, type DisputesOffice, OwnDisputes } from "../../../offchain/node/own-disputes.ts";
import type { Finding, Order } from "../../../offchain/ports/connector.ts";
import type { DisputeRecord } from "../../../offchain/ports/dispute-record.ts";

const concern = {
  session: { state: { brief: { role: "buyer" } } } as Session,
  order: { dealHash: `0x${"d1".repeat(32)}`, deal: {}, transcript: `0x${"7a".repeat(32)}` },
  intake: null,
} as unknown as Concern;

const selling = { ...concern, session: { state: { brief: { role: "seller" } } } as Session };

describe("what a seller answers to a dispute", () => {
  it("is no less than what the buyer says that it is due: it would be paid less", async () => {
    const office = { records: { find: async () => ({ claim: { share: 6_000 } }) } } as unknown as DisputesOffice;
    const disputes = new OwnDisputes(USUAL_DISPUTES, office);
    for (const [measured, answered] of [
      [5_000, 6_000],
      [7_000, 7_000],
    ] as const) {
      const { share } = await disputes.state(selling, { share: measured, evidence: ZERO_32 });
      assert.equal(share, answered);
    }
  });

  it("is what the buyer says where its own readings show a breach too, and come to little more", async () => {
    const office = { records: { find: async () => ({ claim: { share: 6_000 } }) } } as unknown as DisputesOffice;
    const disputes = new OwnDisputes({ ...USUAL_DISPUTES, concedes: 100 }, office);
    for (const [measured, showsBreach, answered] of [
      [6_100, true, 6_000],
      [6_101, true, 6_101],
      [6_100, false, 6_100],
      [5_000, true, 6_000],
    ] as const) {
      const { share } = await disputes.state(selling, { share: measured, evidence: ZERO_32, showsBreach });
      assert.equal(share, answered, `${measured} ${showsBreach}`);
    }
    const { share } = await disputes.state(selling, { share: 6_050, evidence: ZERO_32 });
    assert.equal(share, 6_050, "who has measured nothing has nothing to go by");
  });
});

describe("what a buyer makes of a delivery that falls short", () => {
  const order = concern.order as Order;
  const finding = (share: number): Finding => ({ good: false, share, evidence: ZERO_32, note: "late" });
  const found = async (least: number, share: number) => {
    const disputes = new OwnDisputes({ ...USUAL_DISPUTES, least }, {} as DisputesOffice);
    return await disputes.overlooking({ inspect: async () => finding(share) }).inspect(order);
  };

  it("is nothing where it falls short by less than is worth a dispute", async () => {
    assert.deepEqual(await found(10, 9_991), { good: true });
    assert.deepEqual(await found(10, 9_990), finding(9_990));
    assert.deepEqual(await found(0, 9_999), finding(9_999));
    assert.deepEqual(await found(10_000, 0), finding(0), "what is worth nothing isn't accepted in any case");
  });

  it("leaves what is good, not decided yet, or reported, as it is", async () => {
    const disputes = new OwnDisputes({ ...USUAL_DISPUTES, least: 10 }, {} as DisputesOffice);
    const good = disputes.overlooking({ inspect: async () => ({ good: true }), report: async () => ({ a: 1 }) });
    assert.deepEqual([await good.inspect(order), await good.report?.(order)], [{ good: true }, { a: 1 }]);
    const open = disputes.overlooking({ inspect: async () => null });
    assert.deepEqual([await open.inspect(order), await open.report?.(order)], [null, null]);
  });
});

describe("filing where the evidence of our statement lies", () => {
  let folder: string;
  let evidence: Bytes32;
  let config: DisputesConfig;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "parley-own-disputes-"));
    const shelf = { folder, uri: "https://evidence.example/" };
    ({ hash: evidence } = await new EvidenceShelf(shelf).put("{}\n"));
    config = { ...USUAL_DISPUTES, open: "auto", evidence: shelf };
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("is done once, though it is asked for as soon as we have disputed, and as the chain shows it", async () => {
    const submissions: DisputeRecord["submissions"][number][] = [];
    const disputes = disputesBy({
      find: () => ({ status: "Disputed", submissions: [...submissions] }),
      submit: async (uri) => {
        await pause(20);
        submissions.push({ side: "buyer", uri, at: 1 } as (typeof submissions)[number]);
      },
    });
    const { signal } = new AbortController();
    await Promise.all([disputes.file(concern, signal), disputes.file(concern, signal)]);
    assert.equal(submissions.length, 1);
  });

  it("is left, without a word, where the other side stated the same meanwhile and the dispute is over", async () => {
    let status: DisputeRecord["status"] = "Disputed";
    const told: string[] = [];
    const disputes = disputesBy({
      find: () => ({ status, submissions: [] }),
      submit: async () => {
        status = "Settled";
        throw new ParleyError("StatusMismatch", "the deal is Settled, and would have to be Disputed");
      },
      onTrouble: ({ code }) => told.push(code),
    });
    await disputes.file(concern, new AbortController().signal);
    assert.deepEqual(told, []);
  });

  interface Acted {
    readonly find: () => Pick<DisputeRecord, "status" | "submissions">;
    readonly submit: (uri: string) => Promise<void>;
    readonly onTrouble?: DisputesOffice["onTrouble"];
  }

  function disputesBy({ find, submit, onTrouble = assert.fail }: Acted): OwnDisputes {
    const office = {
      clock: { now: () => 0, at: (_: number, task: () => void) => void setImmediate(task) },
      records: { find: async () => ({ claim: { share: 0, evidence }, answer: null, ...find() }) },
      litigant: { submitEvidence: async (_deal: unknown, _transcript: Bytes32, uri: string) => submit(uri) },
      onTrouble,
    };
    return new OwnDisputes(config, office as unknown as DisputesOffice);
  }
});
