import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { NodeCrypto } from "../../../offchain/adapters/crypto/node/crypto.ts";
import { FileSource } from "../../../offchain/adapters/evidence/source.ts";
import { utf8 } from "../../../offchain/kernel/bytes.ts";
import { ParleyError } from "../../../offchain/kernel/errors.ts";
import { sha256 } from "../../../offchain/kernel/hash.ts";
import { ZERO_ADDRESS } from "../../../offchain/kernel/ids.ts";
import { type CaseOffice, openCase } from "../../../offchain/node/case-file.ts";
import { evidenceAddress } from "../../../offchain/node/evidence-shelf.ts";
import type { DisputeRecord, Submission } from "../../../offchain/ports/dispute-record.ts";
import { decide } from "../../../offchain/settlement/disputes/rules.ts";
import { tell, tellDecision } from "../../../offchain/settlement/disputes/telling.ts";
import type { Role } from "../../../offchain/terms/proposal.ts";
import { actor, DEPLOYMENT, NOW } from "../../vectors/actors.ts";
import { BUYER, Scene, SELLER } from "../../vectors/scene.ts";
import { agreedScene, bundleOf, OTHER, recordOf, toBytes } from "../settlement/disputes/trial.ts";

const SCENE = agreedScene();
const BUNDLE = toBytes(bundleOf(SCENE));

/** What a node would answer about the two agents and their deal. */
function chainOf(record: DisputeRecord, fails = false): CaseOffice["chain"] {
  const answers = {
    deployment: DEPLOYMENT,
    authority: async (agent: bigint) => {
      if (fails) throw new ParleyError("ChainUnreachable", "the node is away", { retryable: true });
      return { wallet: agent === BUYER.agent ? BUYER.wallet : SELLER.wallet, epoch: 1 };
    },
    time: async () => NOW,
    committed: async () => ({ dealHash: record.dealHash, transcript: record.transcript, price: record.deal.price }),
    payout: async () => null,
    position: async () => ({ status: "Disputed", now: NOW, since: NOW, ours: true }),
  };
  return answers as unknown as CaseOffice["chain"];
}

describe("a case that is put together", () => {
  const files = new Map<string, Uint8Array>();
  const server = createServer(({ url }, response) => {
    const file = files.get(url ?? "");
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  let web = "";

  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    web = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  after(() => server.close());

  /** Files something: what lies at its address, and what it was filed as. */
  function filed(side: Role | null, name: string, lies: Uint8Array | null, as = lies ?? BUNDLE): Submission {
    if (lies !== null) files.set(`/${name}`, lies);
    const about = { fileTypeExtension: "json", name, description: "" };
    const { uri } = evidenceAddress({ ...about, fileURI: `${web}/${name}`, fileHash: sha256(as) });
    return { at: NOW, party: ZERO_ADDRESS, side, uri };
  }

  const open = (changes: Partial<DisputeRecord>, fails = false) => {
    const record = recordOf(SCENE, changes);
    const source = new FileSource({ allowPrivate: true });
    return openCase({ chain: chainOf(record, fails), crypto: new NodeCrypto(), source }, record, null);
  };

  const troubles = async (...submissions: readonly Submission[]) => {
    const { exhibits } = await open({ submissions, claim: null });
    return exhibits.map(({ trouble }) => trouble && `${trouble.code} ${trouble.isFinal ? "for good" : "for now"}`);
  };

  it("takes what verifies, and says of everything else why it doesn't", async () => {
    const strangers = new Scene(actor(1n), actor(3n)).introduce();
    strangers.offer("opener", 100n);
    strangers.accept("responder");
    const forged = utf8.encode(utf8.decode(BUNDLE).replace(/..","0x/, '00","0x'));
    assert.deepEqual(
      await troubles(
        filed("buyer", "too-old", BUNDLE),
        filed("buyer", "good", BUNDLE),
        filed("buyer", "forged", forged),
        filed("buyer", "foreign", toBytes(bundleOf(strangers))),
        filed("buyer", "swapped", forged, BUNDLE),
        filed("buyer", "gone", null),
        filed("buyer", "goods", utf8.encode("what was sold")),
        { ...filed("buyer", "x", null), uri: "file:///etc/passwd" },
        { ...filed("buyer", "y", null), uri: "data:,nonsense" },
        { ...filed("seller", "z", null), uri: null },
      ),
      [
        ...[null, "EvidenceUnverified for good", "EvidenceOfOtherDeal for good", "EvidenceAltered for now"],
        ...["EvidenceUnreachable for now", null, "EvidenceRefused for now", "Malformed for good"],
        "EvidenceRefused for now",
      ],
      "of each side the newest eight",
    );
  });

  it("finds the file that a statement names, and misses it where nobody shows it", async () => {
    const claim = { at: 1, share: 0, evidence: sha256(BUNDLE), rulingUntil: NOW * 2 };
    const shown = await open({ claim, submissions: [filed("buyer", "named", BUNDLE)] });
    assert.deepEqual(
      shown.exhibits.map(({ isNamed, proven }) => [isNamed, proven !== null]),
      [[true, true]],
    );
    const missing = await open({ claim, submissions: [] });
    assert.deepEqual([missing.buyer.isHeard, missing.exhibits[0]?.trouble?.code], [false, "EvidenceMissing"]);
  });

  it("asks for no file where a statement names what the chain holds itself", async () => {
    const record = recordOf(SCENE);
    const claim = { at: 1, share: 0, evidence: record.transcript, rulingUntil: NOW * 2 };
    const answer = { at: 2, share: 10_000, evidence: record.delivery?.evidence ?? OTHER };
    assert.deepEqual((await open({ claim, answer })).exhibits, []);
  });

  it("waits for no exhibit longer than its time, whatever that does", async () => {
    const record = recordOf(SCENE, {
      submissions: [filed("buyer", "hanging", BUNDLE), filed("seller", "prompt", BUNDLE)],
    });
    const files = new FileSource({ allowPrivate: true });
    const source: CaseOffice["source"] = {
      fetch: (uri, limits) => (uri.endsWith("hanging") ? new Promise(() => undefined) : files.fetch(uri, limits)),
      atHand: async (hash) => (hash === OTHER ? await new Promise(() => undefined) : null),
    };
    const office = { chain: chainOf(record), crypto: new NodeCrypto(), source, exhibitMs: 200 };
    const { exhibits, buyer, seller } = await openCase(office, record, null);
    assert.deepEqual(
      exhibits.map(({ side, isNamed, trouble }) => [side, isNamed, trouble?.code]),
      [
        ["buyer", true, "EvidenceUnreachable"],
        ["buyer", false, "EvidenceUnreachable"],
        ["seller", false, undefined],
      ],
    );
    assert.deepEqual([buyer.isHeard, seller.isProven], [false, true]);
  });

  it("holds nothing against anybody where the chain can't be asked", async () => {
    await assert.rejects(open({ submissions: [filed("buyer", "asked", BUNDLE)] }, true), { code: "ChainUnreachable" });
  });

  it("tells people what it comes to, and takes nobody's word for more than it is", async () => {
    const delivery = { at: NOW + 100, evidence: OTHER };
    const summary = await open({
      delivery,
      submissions: [filed("buyer", "told", BUNDLE)],
      claim: null,
      status: "Delivered",
    });
    const lines = [...tell(summary, String), ...tellDecision(decide(summary))].join("\n");
    for (const words of [
      "agent 1 buys of agent 2 for 100",
      "which is NOT the digest that the signed terms name",
      "filed at 2027-01-15T08:00:00",
      "'told' at http://127.0.0.1",
      "4 signatures, all of this deal",
      "the seller has brought nothing",
      "by delivered-other-than-agreed",
    ]) {
      assert.ok(lines.includes(words), `${words} in:\n${lines}`);
    }
  });
});
