import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NodeCrypto } from "../../../../offchain/adapters/crypto/node/crypto.ts";
import { utf8 } from "../../../../offchain/kernel/bytes.ts";
import { ParleyError } from "../../../../offchain/kernel/errors.ts";
import { checkBundle } from "../../../../offchain/settlement/disputes/bundle-check.ts";
import { actor } from "../../../vectors/actors.ts";
import { Scene } from "../../../vectors/scene.ts";
import { agreedScene, bundleOf, check, OTHER, recordOf, toBytes } from "./trial.ts";

const ofCode = (code: string) => (thrown: unknown) => {
  assert.ok(thrown instanceof ParleyError);
  assert.deepEqual([thrown.code, thrown.hint === undefined], [code, false]);
  return true;
};

describe("evidence that is brought for a deal", () => {
  const scene = agreedScene();
  const record = recordOf(scene);
  const good = toBytes(bundleOf(scene));

  it("is taken where it is true and of this deal", async () => {
    const { findings } = await check(record, good);
    assert.deepEqual([findings.signatures, findings.opener.standing], [4, "confirmed"]);
  });

  it("is refused with any bit changed, cut, or no bundle at all", async () => {
    const text = utf8.decode(good);
    for (const bytes of [
      utf8.encode(text.replace(/..","0x/, '00","0x')),
      utf8.encode(text.slice(0, -20)),
      utf8.encode("{}"),
      new Uint8Array([0xff, 0xfe]),
    ]) {
      await assert.rejects(check(record, bytes), ofCode("EvidenceUnverified"));
    }
  });

  it("is refused where it is of another deal, another chain or another Settlement", async () => {
    const strangers = new Scene(actor(1n), actor(3n)).introduce();
    strangers.offer("opener", 100n);
    strangers.accept("responder");
    await assert.rejects(check(record, toBytes(bundleOf(strangers))), ofCode("EvidenceOfOtherDeal"));
    for (const changes of [{ chainId: 1 }, { settlement: OTHER.slice(0, 42) as `0x${string}` }]) {
      const deployment = { ...record.deployment, ...changes };
      await assert.rejects(check(record, toBytes(bundleOf(scene, { deployment }))), ofCode("EvidenceOfOtherDeal"));
    }
  });

  it("is refused where the ACCEPT that was committed is withheld, or is another", async () => {
    const cut = bundleOf(scene, {
      transcript: { ...scene.transcript, responder: scene.transcript.responder.slice(0, 1) },
    });
    await assert.rejects(check(record, toBytes(cut)), ofCode("EvidenceUnverified"));
    await assert.rejects(check({ ...record, transcript: OTHER }, good), ofCode("EvidenceUnverified"));
  });

  it("is refused where its keys are of other wallets than the agents', or what it says of the chain is untrue", async () => {
    const stolen = { opener: { wallet: OTHER.slice(0, 42) as `0x${string}`, epoch: 1 } };
    await assert.rejects(check(record, good, stolen), ofCode("EvidenceUnverified"));
    const chain = {
      ...{
        asOf: 1,
        opener: { wallet: record.deal.token, epoch: 9 },
        responder: { wallet: record.deal.token, epoch: 9 },
      },
      ...{ position: null, committed: null, payout: null },
    };
    await assert.rejects(check(record, toBytes(bundleOf(scene, { chain }))), ofCode("EvidenceUnverified"));
  });

  it("is not blamed where the chain can't be asked", async () => {
    const away = new ParleyError("ChainUnreachable", "the node is away", { retryable: true });
    await assert.rejects(
      checkBundle(new NodeCrypto(), record, good, () => Promise.reject(away)),
      (thrown) => thrown === away,
    );
  });
});
