import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { utf8 } from "../../../offchain/kernel/bytes.ts";
import type { Bytes32 } from "../../../offchain/kernel/ids.ts";
import { PersonalData, type PersonalFact, type PersonalPlace } from "../../../offchain/node/personal-data.ts";
import type { PersonalVault } from "../../../offchain/ports/personal-vault.ts";
import type { Channel } from "../../../offchain/ports/transport.ts";
import { DISCLOSURE_FRAME, encodeDisclosure, encodeResume } from "../../../offchain/terms/control.ts";
import type { PersonalRecord } from "../../../offchain/terms/personal.ts";
import type { Proposal } from "../../../offchain/terms/proposal.ts";
import { type Side, World, type WorldOptions } from "./fixture.ts";

const SALT: Bytes32 = `0x${"5a".repeat(32)}`;
const TEXT = "12 Harbour Street, by the blue door";

class MemoryVault implements PersonalVault {
  readonly held = new Map<Bytes32, PersonalRecord>();
  readonly erased = new Set<Bytes32>();

  async get(salt: Bytes32): Promise<PersonalRecord | null> {
    return this.held.get(salt) ?? null;
  }

  async put(salt: Bytes32, record: PersonalRecord): Promise<void> {
    this.held.set(salt, record);
  }

  async isErased(salt: Bytes32): Promise<boolean> {
    return this.erased.has(salt);
  }

  async destroy(salt: Bytes32): Promise<void> {
    this.held.delete(salt);
    this.erased.add(salt);
  }
}

async function stage(options: WorldOptions = {}) {
  const vaults = { buyer: new MemoryVault(), seller: new MemoryVault() };
  const world = await World.create({ ...options, vaults });
  const until = world.seconds + 86_400;
  const fact: PersonalFact = {
    name: "address",
    purpose: "delivery",
    consent: { by: "recipient 17", until },
    text: TEXT,
  };
  const data = {
    buyer: new PersonalData(vaults.buyer, world.clock),
    seller: new PersonalData(vaults.seller, world.clock),
  };
  const personal = await data.buyer.commit(SALT, [fact]);
  const terms = {
    schema: "parley-terms/1",
    salt: SALT,
    category: "goods",
    lines: [{ what: "a chair", amount: "1", unit: "each" }],
    personal: personal as unknown as Proposal["terms"][string],
  };
  return { world, vaults, data, proposal: world.proposal({ terms }) };
}

const frames = (world: World, side: Side) => world.sent.filter(({ from }) => from === side).map(({ frame }) => frame);

/** As the agent does once the chain shows the deal. */
async function disclose(world: World): Promise<void> {
  world.session("buyer").disclose();
  await world.quiet();
}

/** Where the seller has what was disclosed to it. */
function theirs(world: World): PersonalPlace {
  const { negotiation, proposal } = world.session("seller").state;
  return { key: negotiation, terms: proposal.terms };
}

describe("personal data of a deal", () => {
  it("comes to the other side once the deal is on the chain, and stands in no frame that others can read, nor in a journal", async () => {
    const { world, data, vaults, proposal } = await stage();
    await world.open(proposal);
    await world.quiet();
    assert.equal(world.session("seller").state.phase, "agreed");
    assert.equal(vaults.seller.held.size, 0);
    await disclose(world);
    assert.equal(await data.seller.read(theirs(world), "address", "delivery"), TEXT);
    const sent = Buffer.concat(world.sent.map(({ frame }) => frame));
    assert.equal(sent.includes(TEXT), false);
    for (const side of ["buyer", "seller"] as const) {
      for (const stream of await world.journals[side].streams()) {
        assert.equal(Buffer.concat([...(await world.journals[side].read(stream))]).includes(TEXT), false);
      }
    }
    assert.deepEqual(world.troubles, []);
  });

  it("comes to nobody without a deal, whatever is asked", async () => {
    const apart = { kind: "time-dependent", from: 5_000n, limit: 4_000n, pace: 1 } as const;
    const { world, vaults, proposal } = await stage({ strategies: { seller: apart }, rounds: 4 });
    const session = await world.open(proposal);
    await world.quiet();
    assert.equal(session.state.phase, "ended");
    await disclose(world);
    world.dealers.buyer.listener.onFrame(
      encodeResume({ negotiation: session.state.negotiation, have: 0, answer: false }),
      world.line("buyer"),
    );
    await world.quiet();
    assert.equal(vaults.seller.held.size, 0);
    assert.equal(
      frames(world, "buyer").some(([first]) => first === DISCLOSURE_FRAME),
      false,
    );
  });

  it("comes again where it was lost on the way", async () => {
    let lost = 0;
    const { world, data, vaults, proposal } = await stage({
      tamper: (frame) => (frame[0] === DISCLOSURE_FRAME && lost++ === 0 ? [] : [frame]),
    });
    await world.open(proposal);
    await world.quiet();
    await disclose(world);
    assert.deepEqual([lost, vaults.seller.held.size], [1, 0]);
    await world.restart("seller");
    await world.quiet();
    assert.equal(await data.seller.read(theirs(world), "address", "delivery"), TEXT);
  });

  it("is of use to no stranger who asks for it, and none can put another in its place", async () => {
    const { world, vaults, proposal } = await stage({
      tamper: (frame) => (frame[0] === DISCLOSURE_FRAME ? [] : [frame]),
    });
    const session = await world.open(proposal);
    await world.quiet();
    await disclose(world);
    const heard: Uint8Array[] = [];
    const [close, drop] = [() => undefined, () => undefined];
    const stranger: Channel = { peer: "stranger", send: (frame) => void heard.push(frame), close, drop };
    const { negotiation } = session.state;
    world.dealers.buyer.listener.onFrame(encodeResume({ negotiation, have: 0, answer: false }), stranger);
    await world.quiet();
    const disclosed = heard.find(([first]) => first === DISCLOSURE_FRAME);
    assert.ok(disclosed !== undefined);
    assert.equal(Buffer.from(disclosed).includes(TEXT), false);
    const { listener } = world.dealers.seller;
    const forged = await world.seal(
      "seller",
      utf8.encode(JSON.stringify({ address: { salt: SALT, text: "elsewhere" } })),
      negotiation,
    );
    for (const sealed of [forged, new Uint8Array(), new Uint8Array(200)]) {
      listener.onFrame(encodeDisclosure({ negotiation, sealed }), stranger);
    }
    listener.onFrame(Uint8Array.of(DISCLOSURE_FRAME, 1, 2), stranger);
    await world.quiet();
    assert.equal(vaults.seller.held.size, 0);
    listener.onFrame(disclosed, stranger);
    await world.quiet();
    assert.equal(vaults.seller.held.size, 1);
  });

  it("may be read for what it was given for, as long as that was allowed", async () => {
    const { world, data, proposal } = await stage();
    const terms = { key: SALT, terms: proposal.terms };
    assert.equal(await data.buyer.read(terms, "address", "delivery"), TEXT);
    await assert.rejects(data.buyer.read(terms, "address", "advertising"), { code: "NoConsent" });
    await assert.rejects(data.buyer.read(terms, "birthday", "delivery"), { code: "NotDisclosed" });
    await assert.rejects(data.seller.read(terms, "address", "delivery"), { code: "NotDisclosed" });
    await assert.rejects(data.seller.read({ key: SALT, terms: { salt: SALT } }, "address", "delivery"), {
      code: "NotDisclosed",
    });
    world.clock.advance(86_400_000);
    assert.equal(await data.buyer.read(terms, "address", "delivery"), TEXT);
    world.clock.advance(1_000);
    await assert.rejects(data.buyer.read(terms, "address", "delivery"), { code: "NoConsent" });
  });

  it("is erased when nothing can come of the deal any more, and not before", async () => {
    const { world, data, vaults, proposal } = await stage();
    const over = world.clock.now() + 5_000;
    await assert.rejects(data.buyer.erase(SALT, null), { code: "TooEarly" });
    await assert.rejects(data.buyer.erase(SALT, over), { code: "TooEarly" });
    assert.equal(await data.buyer.read({ key: SALT, terms: proposal.terms }, "address", "delivery"), TEXT);
    world.clock.advance(5_000);
    await data.buyer.erase(SALT, over);
    assert.deepEqual([vaults.buyer.held.size, vaults.buyer.erased.size], [0, 1]);
    await assert.rejects(data.buyer.read({ key: SALT, terms: proposal.terms }, "address", "delivery"), {
      code: "NotDisclosed",
      message: /was erased: it is gone for good/,
      hint: /in another deal/,
    });
  });

  it("is told of once when it has come, and not by what it says", async () => {
    const told: string[] = [];
    const { world, proposal } = await stage({
      more: { seller: { onDisclosed: (session) => told.push(session.state.negotiation) } },
    });
    await world.open(proposal);
    await world.quiet();
    assert.deepEqual(told, []);
    await disclose(world);
    await disclose(world);
    assert.deepEqual(told, [world.session("seller").state.negotiation]);
  });

  it("isn't given any more once the key that it would be sealed to, or the consent, has ended", async () => {
    const late = await stage();
    await late.world.open(late.proposal);
    await late.world.quiet();
    late.world.clock.advance(86_401_000);
    await disclose(late.world);
    assert.equal(late.vaults.seller.held.size, 0);
    const epochs = { seller: 1 };
    const stolen = await stage({ epochs });
    await stolen.world.open(stolen.proposal);
    await stolen.world.quiet();
    epochs.seller = 2;
    await disclose(stolen.world);
    assert.equal(stolen.vaults.seller.held.size, 0);
    assert.deepEqual(stolen.world.troubles, []);
  });

  it("of another deal whose terms have the same salt is kept apart", async () => {
    const { world, vaults, data, proposal } = await stage();
    // Somebody else has had a deal with the seller under terms with a salt that it had seen.
    await vaults.seller.put(SALT, { address: { salt: SALT, text: "elsewhere" } });
    await world.open(proposal);
    await world.quiet();
    await disclose(world);
    assert.equal(await data.seller.read(theirs(world), "address", "delivery"), TEXT);
    await assert.rejects(data.seller.read({ key: SALT, terms: proposal.terms }, "address", "delivery"), {
      code: "NotDisclosed",
    });
  });

  it("is no part of deals with who has no vault for it", async () => {
    const { world, proposal } = await stage({ vaultless: "seller" });
    const session = await world.open(proposal);
    await world.quiet();
    assert.equal(session.state.phase === "ended" && session.state.ending.code, "ProposalRefused");
    const other = await stage({ vaultless: "buyer" });
    await assert.rejects(other.world.open(other.proposal), { code: "NoVault" });
  });

  it("fits into a frame", async () => {
    const { data, world } = await stage();
    const facts = Array.from({ length: 12 }, (_, place) => ({
      name: `${place}`,
      purpose: "delivery",
      consent: { by: "x", until: world.seconds },
      text: "道".repeat(2_000),
    }));
    await assert.rejects(data.buyer.commit(SALT, facts), { code: "BadPersonalData" });
  });
});
