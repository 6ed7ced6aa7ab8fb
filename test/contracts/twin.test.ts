// The off-chain twin of every hash against the contracts', on anything that the types allow.
import { expect } from "chai";
import fc from "fast-check";
import { utf8 } from "../../offchain/kernel/bytes.ts";
import { keccakText, sha256 } from "../../offchain/kernel/hash.ts";
import { hashAgreement } from "../../offchain/terms/agreement.ts";
import { type Body, hashBody } from "../../offchain/terms/body.ts";
import { hashSessionKey } from "../../offchain/terms/certificate.ts";
import { DEAL_TYPE, hashDeal } from "../../offchain/terms/deal.ts";
import { typedDigest } from "../../offchain/terms/eip712.ts";
import { hashEnvelope, KINDS } from "../../offchain/terms/envelope.ts";
import { REFUSAL_CODES } from "../../offchain/terms/refusal.ts";
import type { HashProbe } from "../../types/ethers-contracts/index.ts";
import * as anything from "../offchain/arbitraries.ts";
import { ethers } from "./fixtures/chain.ts";
import { fuzz, fuzzTime } from "./fuzz.ts";

const RUNS = 200;

describe("the off-chain hashes are the contracts'", () => {
  let probe: HashProbe;

  before(async () => {
    probe = await ethers.deployContract("HashProbe");
  });

  /** Holds the twins together over a few hundred values. */
  function same<T>(
    what: string,
    values: fc.Arbitrary<T>,
    ours: (value: T) => string,
    theirs: (value: T) => string | Promise<string>,
  ) {
    it(what, async () => {
      const property = fc.asyncProperty(values, async (value) => {
        expect(ours(value)).to.equal(await theirs(value));
      });
      await fc.assert(property, fuzz(RUNS, 20_261_120));
    }).timeout(fuzzTime(RUNS, 40_000));
  }

  const separated = <T>(values: fc.Arbitrary<T>) => fc.tuple(anything.bytes32, values);

  same("deals", anything.deal, hashDeal, (deal) => probe.dealHash(deal));

  same("agreements", anything.agreement, hashAgreement, (agreement) => probe.agreementHash(agreement));

  same(
    "what wallets sign to agree",
    separated(anything.agreement),
    ([separator, agreement]) => typedDigest(separator, hashAgreement(agreement)),
    ([separator, agreement]) => probe.agreementDigest(separator, agreement),
  );

  same("session keys", anything.sessionKey, hashSessionKey, (key) => probe.sessionKeyHash(key));

  same(
    "what wallets sign to certify them",
    separated(anything.sessionKey),
    ([separator, key]) => typedDigest(separator, hashSessionKey(key)),
    ([separator, key]) => probe.sessionKeyDigest(separator, key),
  );

  same(
    "envelopes",
    separated(anything.envelope),
    ([separator, envelope]) => hashEnvelope(separator, envelope),
    ([separator, envelope]) => probe.envelopeHash(separator, { ...envelope, kind: KINDS.indexOf(envelope.kind) }),
  );

  // An ACCEPT's body is the deal's hash itself: there is nothing to compute.
  for (const kind of KINDS.filter((one) => one !== "ACCEPT")) {
    const bodies = anything.body.filter((body) => body.kind === kind);
    same(`bodies of ${kind}`, bodies, hashBody, (body) => hashBySolidity(probe, body));
  }

  it("of the type of a deal", async () => {
    expect(await probe.dealTypehash()).to.equal(keccakText(DEAL_TYPE));
  });
});

async function hashBySolidity(probe: HashProbe, body: Body): Promise<string> {
  switch (body.kind) {
    case "OPEN": {
      const certificate = await probe.sessionKeyHash(body.certificate.key);
      return await probe.openHash({ ...body, certificate, proposal: sha256(utf8.encode(body.proposal)) });
    }
    case "JOIN":
      return await probe.joinHash({ ...body, certificate: await probe.sessionKeyHash(body.certificate.key) });
    case "OFFER":
      return await probe.dealHash(body.deal);
    case "ACCEPT":
      return body.deal;
    case "END":
      return await probe.endHash({ ...body, code: REFUSAL_CODES[body.code] });
    case "DELIVER":
      return await probe.deliverHash(body);
    case "RECEIPT":
      return await probe.receiptHash(body);
    case "CANCEL":
      return await probe.splitHash(body);
    case "DISPUTE":
      return await probe.disputeHash(body);
  }
}
