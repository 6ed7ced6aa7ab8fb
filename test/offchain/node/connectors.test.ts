import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it, type TestContext } from "node:test";
import { NodeCrypto } from "../../../offchain/adapters/crypto/node/crypto.ts";
import { MemoryJournal } from "../../../offchain/adapters/journal/memory/journal.ts";
import type { Session } from "../../../offchain/dealing/session.ts";
import { CertificateVerifier } from "../../../offchain/identity/certificate.ts";
import { fixedKey, keysChanged } from "../../../offchain/identity/signing-keys.ts";
import { issueToken } from "../../../offchain/identity/token/token.ts";
import { SimulatedClock } from "../../../offchain/kernel/clock.ts";
import { ParleyError } from "../../../offchain/kernel/errors.ts";
import { sha256 } from "../../../offchain/kernel/hash.ts";
import type { Bytes32 } from "../../../offchain/kernel/ids.ts";
import { SeededEntropy } from "../../../offchain/kernel/random.ts";
import { Connectors } from "../../../offchain/node/connectors.ts";
import type { DeliverConfig, IntakeConfig } from "../../../offchain/node/connectors-config.ts";
import type { DealPosition, DealStatus } from "../../../offchain/ports/chain.ts";
import type { Order } from "../../../offchain/ports/connector.ts";
import type { History } from "../../../offchain/settlement/history.ts";
import { accessProof } from "../../../offchain/settlement/metering/access.ts";
import { CallLog } from "../../../offchain/settlement/metering/call-log.ts";
import type { JsonObject } from "../../../offchain/terms/canonical-json.ts";
import { evidenceOf } from "../../../offchain/terms/delivery-proof.ts";
import { parseJwt } from "../../../offchain/terms/jwt.ts";
import { actor, DEPLOYMENT, NOW } from "../../vectors/actors.ts";
import { BUYER, SELLER } from "../../vectors/scene.ts";
import { agreedScene, dealOf } from "../settlement/disputes/trial.ts";

const GOODS = Buffer.from("what was sold");
const crypto = new NodeCrypto();
const entropy = new SeededEntropy(8);
const clock = new SimulatedClock(NOW * 1_000);

/** A negotiation whose transcript knows of no delivery. */
const SILENT = { state: { phase: "opening", brief: { role: "seller" } } } as unknown as Session;

const ORDER: Order = {
  ...{ id: "settlement:1", deal: dealOf(agreedScene()), dealHash: `0x${"d1".repeat(32)}` },
  ...{ transcript: `0x${"7a".repeat(32)}`, terms: { digest: sha256(GOODS) } },
};

/** The buyer's side of a deal about calls. */
const METERING = {
  state: { phase: "opening", brief: { role: "buyer", self: BUYER.agent, certificate: BUYER.certificate } },
} as unknown as Session;

const METERED: Order = {
  ...ORDER,
  deal: { ...ORDER.deal, reviewPeriod: 0 },
  terms: {
    ...{ schema: "parley-terms/1", category: "api", salt: `0x${"5a".repeat(32)}` },
    lines: [{ what: "translations", amount: "20", unit: "call" }],
    delivery: {
      ...{ by: "meter", url: "http://127.0.0.1:9", unit: "call", unitPrice: "5" },
      ...{ everyCalls: 10, everySeconds: 60 },
    },
  },
};

describe("what is sold", () => {
  let folder: string;
  let file: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "parley-connectors-"));
    file = join(folder, "goods");
    await writeFile(file, GOODS);
  });
  after(() => rm(folder, { recursive: true }));

  for (const status of ["Delivered", "Disputed"] as const) {
    it(`is served again by a process that starts anew, where the chain says ${status}`, async (t) => {
      const connectors = await open(t, status);
      assert.equal(await fetchAt(connectors), 404);
      await connectors.begin(SILENT, ORDER);
      assert.equal(await fetchAt(connectors), 200);
    });
  }

  it("is served again where only the settlement knows that it was handed over, and not before that", async (t) => {
    const connectors = await open(t, "Committed");
    await connectors.begin(SILENT, ORDER);
    assert.equal(await fetchAt(connectors), 404);
    await connectors.begin(SILENT, ORDER, true);
    assert.equal(await fetchAt(connectors), 200);
  });

  it("is not served for a deal about another file, of which somebody else says that it was delivered", async (t) => {
    const connectors = await open(t, "Delivered");
    await connectors.begin(SILENT, { ...ORDER, terms: { digest: sha256(Buffer.from("sold before")) } });
    assert.equal(await fetchAt(connectors), 404);
  });

  async function open(t: TestContext, status: DealStatus): Promise<Connectors> {
    const deliver: DeliverConfig = {
      kind: "artifact",
      file,
      listen: "http://127.0.0.1:0",
      url: null,
      tls: null,
      perHost: null,
    };
    const entered = { status, since: NOW, now: NOW, ours: true };
    const position = () => ({ ...entered, received: 0n, dispute: null, declaration: null });
    const connectors = await Connectors.open(deliver, null, contextOf({ position }));
    t.after(() => connectors.close());
    return connectors;
  }
});

describe("what is bought", () => {
  let folder: string;
  const troubles: ParleyError[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "parley-connectors-"));
    troubles.length = 0;
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("leaves what was measured of it in the folder", async () => {
    const connectors = await openCalling();
    await connectors.begin(METERING, METERED);
    await connectors.end(METERED);
    assert.deepEqual(await readdir(folder), [`${METERED.dealHash}.readings.json`]);
    await connectors.close();
    assert.deepEqual(troubles, []);
  });

  it("ends, and is closed, though what was measured can't be written down", async () => {
    for (const act of ["end", "close"] as const) {
      const connectors = await openCalling();
      await connectors.begin(METERING, METERED);
      await rm(folder, { recursive: true });
      await connectors[act](METERED);
      assert.equal(
        troubles
          .splice(0)
          .map(({ code }) => code)
          .join(),
        "ReadingsUnwritten",
        act,
      );
      await connectors.close();
      await mkdir(folder);
    }
  });

  it("is closed to the last door, though the journal is closed already", async () => {
    const context = contextOf({ position: committed }, troubles, BUYER);
    const connectors = await openCalling(context);
    await connectors.begin(METERING, METERED);
    await context.journal.close();
    await connectors.close();
    assert.deepEqual(
      troubles.map(({ code }) => code),
      ["ReadingsUnwritten"],
    );
    await assert.rejects(fetch(connectors.calls ?? ""), "nobody listens there any more");
  });

  const committed: History["position"] = () => {
    return { status: "Committed", since: NOW, now: NOW, ours: true, received: 0n, dispute: null, declaration: null };
  };

  function openCalling(context = contextOf({ position: committed }, troubles, BUYER)): Promise<Connectors> {
    const intake = { folder, allow: new Set<string>(), mostBytes: 1_000, mostCallBytes: 4_194_304 };
    return Connectors.open(null, { ...intake, calls: "http://127.0.0.1:0" }, context);
  }
});

describe("access for a time", () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "parley-access-"));
  });
  after(() => rm(folder, { recursive: true }));

  const access = { upstream: "http://127.0.0.1:9", mostCalls: 100, mostSeconds: 3_600, answerBytes: 4_194_304 };
  const seller: DeliverConfig = {
    kind: "access",
    ...access,
    listen: "http://127.0.0.1:0",
    url: null,
    tls: null,
    perHost: null,
  };
  const intakeWith = (calls: string | null): IntakeConfig => {
    return { folder, allow: new Set(), mostBytes: 1_000, mostCallBytes: 4_194_304, calls };
  };
  const termsOf = (url: string, calls = 100, seconds = 3_600): JsonObject => {
    return { ...METERED.terms, delivery: { by: "access", url, calls, seconds } };
  };
  const { deal } = ORDER;

  it("is agreed to by either side only where it can be kept, and reviewed in time", async () => {
    const selling = await Connectors.open(seller, null, contextOf({}));
    const buying = await Connectors.open(null, intakeWith("http://127.0.0.1:0"), contextOf({}));
    const without = await Connectors.open(null, intakeWith(null), contextOf({}));
    const url = selling.serves ?? "";
    assert.equal(selling.objection(deal, termsOf(url), "seller"), null);
    assert.equal(buying.objection(deal, termsOf(url), "buyer"), null);
    const early = { ...deal, reviewPeriod: 3_600 };
    for (const [one, role] of [
      [selling, "seller"],
      [buying, "buyer"],
    ] as const) {
      assert.match(one.objection(early, termsOf(url), role) ?? "", /ends too early/);
      assert.match(one.objection({ ...deal, reviewPeriod: 0 }, termsOf(url), role) ?? "", /deals with no review/);
    }
    assert.match(without.objection(deal, termsOf(url), "buyer") ?? "", /calls are not made here/);
    assert.match(selling.objection(deal, termsOf("http://elsewhere.example"), "seller") ?? "", /is served at/);
    assert.match(selling.objection(deal, termsOf(url, 101), "seller") ?? "", /at most 100 calls/);
    assert.match(selling.objection(deal, termsOf(url, 100, 3_601), "seller") ?? "", /at most 3600 s/);
    assert.match(selling.objection(deal, ORDER.terms ?? {}, "seller") ?? "", /access for a time is sold here/);
    const allowing = (bytes: number): JsonObject => {
      return { ...METERED.terms, delivery: { by: "access", url, calls: 100, seconds: 3_600, bytes } };
    };
    assert.equal(selling.objection(deal, allowing(4_194_305), "seller"), null);
    assert.match(selling.objection(deal, allowing(4_194_303), "seller") ?? "", /up to 4194304 bytes here/);
    assert.equal(buying.objection(deal, allowing(4_194_303), "buyer"), null);
    assert.match(buying.objection(deal, allowing(4_194_305), "buyer") ?? "", /at most 4194304 bytes are taken/);
    const files = await Connectors.open({ kind: "digest", digest: ORDER.dealHash }, null, contextOf({}));
    assert.match(files.objection(deal, termsOf(url), "seller") ?? "", /not sold here/);
    for (const one of [selling, buying, without, files]) await one.close();
  });

  it("is found bad at once where the seller recorded something else, and undecided where nothing can be judged", async () => {
    const order: Order = { ...ORDER, terms: termsOf("http://127.0.0.1:9") };
    const proof = accessProof(order);
    assert.ok(proof !== null);
    let [recorded, now] = [ORDER.transcript, NOW];
    const position = () => deliveredAt(now);
    const context = { ...contextOf({ position, time: () => now }, [], BUYER), recorded: () => recorded };
    const session = { state: { ...METERING.state, proposal: { terms: order.terms } } } as unknown as Session;
    const connectors = await Connectors.open(null, intakeWith("http://127.0.0.1:0"), context);
    const intake = connectors.intakeFor(session);
    const found = await intake?.inspect(order);
    assert.ok(found?.good === false && found.share === 0 && found.evidence === recorded);
    recorded = evidenceOf(proof);
    assert.equal(await intake?.inspect(order), null, "its time has just begun");
    // A call that an earlier process of ours had under way when it died.
    const { log } = await CallLog.open(context.journal, order);
    now = NOW + 3_601;
    const idle = connectors.intakeFor(session);
    assert.deepEqual(await idle?.inspect(order), { good: true }, "nobody has called");
    await rm(join(folder, `${order.dealHash}.readings.json`));
    await log.note({ what: "begun", number: 1, at: NOW * 1_000 });
    await assert.rejects(async () => connectors.intakeFor(session)?.inspect(order), { code: "DeliveryUndecided" });
    await connectors.close();
  });
});

describe("access whose calls could not be written down", () => {
  for (const [what, isFull, told] of [
    ["those of which only the beginning was", (record: number) => record === 2, "JournalFull"],
    ["those that are out, though that was not", (record: number) => record >= 3, "AddressRefused"],
  ] as const) {
    it(`is judged without ${what}`, async (t) => {
      const folder = await mkdtemp(join(tmpdir(), "parley-access-"));
      t.after(() => rm(folder, { recursive: true }));
      const { order, agreed } = soldAccess();
      let now = NOW;
      const position = () => deliveredAt(now);
      const usual = contextOf({ position, time: () => now }, [], BUYER);
      let records = 0;
      const journal = Object.assign(new MemoryJournal(), {
        append: async (...record: Parameters<MemoryJournal["append"]>) => {
          if (isFull(++records)) throw new ParleyError("JournalFull", "there is no room");
          return await MemoryJournal.prototype.append.apply(journal, record);
        },
      });
      const intake = { folder, allow: new Set<string>(), mostBytes: 1_000, mostCallBytes: 4_194_304 };
      const context = { ...usual, journal, recorded: () => agreed };
      const connectors = await Connectors.open(null, { ...intake, calls: "http://127.0.0.1:0" }, context);
      t.after(() => connectors.close());
      const session = { state: { ...METERING.state, proposal: { terms: order.terms } } } as unknown as Session;
      const bought = connectors.intakeFor(session);
      assert.equal(await bought?.inspect(order), null);
      const answer = await fetch(`${connectors.calls}/hello`, { headers: { "parley-deal": "newest" } });
      assert.equal(((await answer.json()) as { code: string }).code, told);
      now = NOW + 3_601;
      await assert.rejects(async () => bought?.inspect(order), { code: "DeliveryUndecided" });
    });
  }
});

describe("access that is judged while its log grows", () => {
  it("has one look at it for the share and for the document that shows it", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "parley-access-"));
    t.after(() => rm(folder, { recursive: true }));
    const { order, agreed } = soldAccess();
    const position = () => deliveredAt(NOW + 3_601);
    const journal = new MemoryJournal();
    const note = async (number: number, what: "answered" | "cancelled") => {
      const { log } = await CallLog.open(journal, order);
      await log.note({ what: "begun", number, at: NOW * 1_000 });
      await log.note({ what, number, at: NOW * 1_000 });
    };
    await note(1, "answered");
    await note(2, "cancelled");
    const growing = Object.assign(new MemoryJournal(), {
      read: async (stream: string) => {
        const read = await journal.read(stream);
        await note(read.length / 2 + 1, "cancelled");
        return read;
      },
    });
    const context = { ...contextOf({ position }, [], BUYER), journal: growing, recorded: () => agreed };
    const intake = { folder, allow: new Set<string>(), mostBytes: 1_000, mostCallBytes: 4_194_304 };
    const connectors = await Connectors.open(null, { ...intake, calls: "http://127.0.0.1:0" }, context);
    t.after(() => connectors.close());
    const session = { state: { ...METERING.state, proposal: { terms: order.terms } } } as unknown as Session;
    const bought = connectors.intakeFor(session);
    const found = await bought?.inspect(order);
    assert.ok(found?.good === false && found.share === 5_000, JSON.stringify(found));
    const readings = (await bought?.report?.(order))?.["readings"] as string[];
    const { claims } = parseJwt(readings[0] ?? "");
    assert.deepEqual([claims["calls"], claims["failures"]], [2, 1]);
  });
});

describe("access that lasted longer than the key of its negotiation", () => {
  const ended = {
    certificate: () => BUYER.certificate,
    signer: () => {
      throw keysChanged();
    },
  };

  it("is disputed, or defended, by what was measured all the same", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "parley-access-"));
    t.after(() => rm(folder, { recursive: true }));
    const troubles: ParleyError[] = [];
    const { order, agreed } = soldAccess();
    const position = () => deliveredAt(NOW + 3_601);
    const context = { ...contextOf({ position }, troubles, BUYER), keys: ended, recorded: () => agreed };
    const session = { state: { ...METERING.state, proposal: { terms: order.terms } } } as unknown as Session;
    const { log } = await CallLog.open(context.journal, order);
    await log.note({ what: "begun", number: 1, at: NOW * 1_000 });
    await log.note({ what: "cancelled", number: 1, at: NOW * 1_000 });
    const intake = { folder, allow: new Set<string>(), mostBytes: 1_000, mostCallBytes: 4_194_304 };
    const buying = await Connectors.open(null, { ...intake, calls: "http://127.0.0.1:0" }, context);
    t.after(() => buying.close());
    const found = await buying.intakeFor(session)?.inspect(order);
    assert.ok(found?.good === false && found.share === 0 && found.evidence === agreed, JSON.stringify(found));
    const sells = {
      kind: "access",
      upstream: "http://127.0.0.1:9",
      mostCalls: 100,
      mostSeconds: 3_600,
      answerBytes: 4_194_304,
    } as const;
    const deliver: DeliverConfig = { ...sells, listen: "http://127.0.0.1:0", url: null, tls: null, perHost: null };
    const selling = await Connectors.open(deliver, null, context);
    t.after(() => selling.close());
    assert.deepEqual(await selling.defence(session, order, 10_000), { share: 0, showsBreach: true, evidence: agreed });
    assert.deepEqual(
      troubles.map(({ code }) => code),
      ["ReadingsUnwritten", "ReadingsUnsigned"],
    );
  });
});

/** A deal about access for an hour, and what its seller records to deliver it. */
function soldAccess(): { readonly order: Order; readonly agreed: Bytes32 } {
  const delivery = { by: "access", url: "http://127.0.0.1:9", calls: 100, seconds: 3_600 };
  const order: Order = { ...ORDER, terms: { ...METERED.terms, delivery } };
  const proof = accessProof(order);
  assert.ok(proof !== null);
  return { order, agreed: evidenceOf(proof) };
}

/** What the chain shows at that time of a deal that was delivered. */
function deliveredAt(now: number): DealPosition {
  const entered = { status: "Delivered", since: NOW, now, ours: true } as const;
  return { ...entered, received: 0n, dispute: null, declaration: null };
}

/** As the buyer does, with a token of its own. */
async function fetchAt({ serves }: Connectors): Promise<number> {
  const { agent, session, certificate } = actor(BUYER.agent);
  const keys = fixedKey(crypto.sessionSigner(session), certificate);
  const claim = { agent, audience: serves ?? "", now: NOW };
  const authorization = `Bearer ${await issueToken(keys, DEPLOYMENT, entropy, claim)}`;
  const response = await fetch(`${serves}/${ORDER.dealHash}/${ORDER.transcript}`, { headers: { authorization } });
  await response.arrayBuffer();
  return response.status;
}

function contextOf(history: Partial<History>, troubles: ParleyError[] = [], self = SELLER) {
  const registry = {
    authority: async (agent: bigint) => ({ wallet: agent === BUYER.agent ? BUYER.wallet : SELLER.wallet, epoch: 1 }),
    certified: async () => false,
  };
  const { session, certificate } = self;
  return {
    ...{ deployment: DEPLOYMENT, certificates: new CertificateVerifier(registry, DEPLOYMENT), crypto, clock },
    ...{ keys: fixedKey(crypto.sessionSigner(session), certificate), introduce: async () => "" },
    ...{ journal: new MemoryJournal(), history: history as History, recorded: () => null },
    onTrouble: (error: ParleyError) => void troubles.push(error),
  };
}
