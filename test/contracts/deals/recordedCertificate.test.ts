import { expect } from "chai";
import type { ContractWallet } from "../../../types/ethers-contracts/index.ts";
import { receipt } from "../fixtures/acts.ts";
import { setWallet } from "../fixtures/agents.ts";
import { agreeBySession } from "../fixtures/agreements.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { registryDomain } from "../fixtures/domains.ts";
import { Manner, Status } from "../fixtures/enums.ts";
import { unsigned } from "../fixtures/envelopes.ts";
import { DAY, HOUR } from "../fixtures/time.ts";
import { load, type World } from "../fixtures/world.ts";
import { certificateTypes, SessionKey } from "../sessionKey.ts";
import type { Deal } from "../typedData.ts";

describe("Settlement, of session keys whose certificate is recorded in the registry", () => {
  let world: World;
  let deal: Deal;
  let wallet: ContractWallet;
  let key: SessionKey;
  let validity: { notBefore: number; notAfter: number };

  beforeEach(async () => {
    world = await load();
    deal = await makeDeal(world);
    key = new SessionKey();
    const now = await networkHelpers.time.latest();
    validity = { notBefore: now - HOUR, notAfter: now + DAY };
    wallet = await ethers.deployContract("ContractWallet", [world.stranger]);
    await setWallet(world.registry, world.buyerOwner, world.buyer, world.stranger, wallet);
  });

  async function makeCertificate() {
    const { registry, settlement, buyer } = world;
    const epoch = await registry.keyEpoch(buyer);
    return { agent: buyer, settlement: await settlement.getAddress(), x: key.x, y: key.y, ...validity, epoch };
  }

  function hashOf(certificate: Awaited<ReturnType<typeof makeCertificate>>): string {
    return ethers.TypedDataEncoder.hashStruct("SessionKey", certificateTypes, certificate);
  }

  async function record() {
    const { registry, stranger } = world;
    const certificate = await makeCertificate();
    const signature = await stranger.signTypedData(await registryDomain(registry), certificateTypes, certificate);
    await registry.recordCertificate(certificate, signature);
  }

  /** The buyer's certificate comes without a signature. */
  async function commit() {
    const buyer = { key, signer: world.stranger, ...validity };
    const { args, transcript } = await agreeBySession(world, deal, { buyer });
    const [, buyerAccepts, seen, buyerAuth, sellerAuth] = args;
    await world.settlement.commitBySession(deal, buyerAccepts, seen, unsigned(buyerAuth), sellerAuth);
    return transcript;
  }

  async function expectNotRecorded(sending: Promise<unknown>) {
    const certificate = await makeCertificate();
    await expect(sending)
      .to.be.revertedWithCustomError(world.settlement, "CertificateNotRecorded")
      .withArgs(world.buyer, certificate.epoch, hashOf(certificate));
  }

  it("given an ERC-1271 wallet's, takes the key's word", async () => {
    await expectNotRecorded(commit());
    await record();
    await commit();
    expect((await world.settlement.recordOf(deal)).status).to.equal(Status.Committed);
  });

  it("given a wallet that would deny it now, holds it to what it recorded", async () => {
    await record();
    await wallet.setManner(Manner.Refusing);
    await commit();
  });

  it("given a certificate of other bounds or another key, knows nothing of it", async () => {
    await record();
    validity = { ...validity, notAfter: validity.notAfter + 1 };
    await expectNotRecorded(commit());
    validity = { ...validity, notAfter: validity.notAfter - 1 };
    key = new SessionKey();
    await expectNotRecorded(commit());
  });

  it("given an EOA's, takes it too", async () => {
    const { registry, buyer, buyerOwner, stranger } = world;
    await setWallet(registry, buyerOwner, buyer, stranger);
    await record();
    await commit();
  });

  it("given another epoch since, ends its authority, and keeps it liable for receipts", async () => {
    const { registry, settlement, buyer, buyerOwner, stranger } = world;
    const epoch = await registry.keyEpoch(buyer);
    await record();
    const transcript = await commit();
    await registry.connect(buyerOwner).revokeKeys(buyer);

    const { session, seen } = await receipt(world, deal, 30n, { key, signer: stranger, ...validity, epoch });
    await settlement.claimReceipt(deal, transcript, 30n, { session: unsigned(session), seen }, false);
    expect(await settlement.receivedOf(deal)).to.equal(30n);

    deal = await makeDeal(world);
    await expectNotRecorded(commit());
  });
});
