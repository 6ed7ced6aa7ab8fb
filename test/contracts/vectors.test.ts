// The vectors against Solidity and against ethers' own encoders: what the off-chain code froze is what the contracts
// compute.
import { expect } from "chai";
import type { TypedDataDomain } from "ethers";
import type { PublicKey } from "../../offchain/ports/crypto.ts";
import type { Agreement } from "../../offchain/terms/agreement.ts";
import type { Body } from "../../offchain/terms/body.ts";
import type { SessionKey } from "../../offchain/terms/certificate.ts";
import type { Deal } from "../../offchain/terms/deal.ts";
import { type Envelope, KINDS, type Kind } from "../../offchain/terms/envelope.ts";
import { REFUSAL_CODES } from "../../offchain/terms/refusal.ts";
import type { HashProbe } from "../../types/ethers-contracts/index.ts";
import { load, type Plain } from "../vectors/json.ts";
import { ethers } from "./fixtures/chain.ts";

type Fields<T> = Plain<T>;

const { solidityPacked: pack, dataSlice, dataLength, TypedDataEncoder } = ethers;

const DEAL_SIZES = [
  ...["uint256", "uint256", "address", "uint128", "uint128", "uint128", "uint40", "uint32", "uint32", "address"],
  ...["uint96", "uint32", "uint16", "bytes32", "bytes32", "bytes32"],
];

function packDeal(deal: Fields<Deal>): string {
  const { buyer, seller, token, price, buyerBond, sellerBond, commitBy, deliverWithin, reviewPeriod } = deal;
  const { arbitrator, maxFee, rulingWithin, lapseShare, category, terms, negotiation } = deal;
  return pack(DEAL_SIZES, [
    ...[buyer, seller, token, price, buyerBond, sellerBond, commitBy, deliverWithin, reviewPeriod],
    ...[arbitrator, maxFee, rulingWithin, lapseShare, category, terms, negotiation],
  ]);
}

function packCertificate(key: Fields<SessionKey>, signature: string): string {
  return pack(
    ["uint256", "address", "bytes32", "bytes32", "uint64", "uint64", "uint32", "uint16", "bytes"],
    [
      ...[key.agent, key.settlement, key.x, key.y, key.notBefore, key.notAfter, key.epoch],
      ...[dataLength(signature), signature],
    ],
  );
}

function packEnvelope({ negotiation, agent, seq, kind, sentAt, prev, seen, body }: Fields<Envelope>): string {
  return pack(
    ["bytes32", "uint256", "uint32", "uint8", "uint64", "bytes32", "bytes32", "bytes32"],
    [negotiation, agent, seq, KINDS.indexOf(kind), sentAt, prev, seen, body],
  );
}

type Content<K extends Kind> = Extract<Fields<Body>, { kind: K }>;

/** Each kind's packed encoding by ethers, and its hash by Solidity. */
const BODIES: { [K in Kind]: (probe: HashProbe, body: Content<K>) => [string, Promise<string> | string] } = {
  OPEN: (probe, { responder, salt, certificate, proposal }) => {
    const text = ethers.toUtf8Bytes(proposal);
    const signed = ethers.getBytes(packCertificate(certificate.key, certificate.signature));
    return [
      pack(["uint256", "bytes32", "bytes", "uint32", "bytes"], [responder, salt, signed, text.length, text]),
      probe
        .sessionKeyHash(certificate.key)
        .then((hash) => probe.openHash({ responder, salt, certificate: hash, proposal: ethers.sha256(text) })),
    ];
  },
  JOIN: (probe, { open, salt, certificate }) => [
    ethers.concat([open, salt, packCertificate(certificate.key, certificate.signature)]),
    probe.sessionKeyHash(certificate.key).then((hash) => probe.joinHash({ open, salt, certificate: hash })),
  ],
  OFFER: (probe, { deal }) => [packDeal(deal), probe.dealHash(deal)],
  ACCEPT: (_probe, { deal }) => ["0x", deal],
  END: (probe, { code, subject, note }) => {
    const text = ethers.toUtf8Bytes(note);
    return [
      pack(["uint16", "bytes32", "uint16", "bytes"], [REFUSAL_CODES[code], subject, text.length, text]),
      probe.endHash({ code: REFUSAL_CODES[code], subject, note }),
    ];
  },
  DELIVER: (probe, { deal, evidence }) => [ethers.concat([deal, evidence]), probe.deliverHash({ deal, evidence })],
  RECEIPT: (probe, { deal, total }) => [
    pack(["bytes32", "uint128"], [deal, total]),
    probe.receiptHash({ deal, total }),
  ],
  CANCEL: (probe, { deal, toSeller, until }) => [
    pack(["bytes32", "uint128", "uint40"], [deal, toSeller, until]),
    probe.splitHash({ deal, toSeller, until }),
  ],
  DISPUTE: (probe, { deal, share, evidence }) => [
    pack(["bytes32", "uint16", "bytes32"], [deal, share, evidence]),
    probe.disputeHash({ deal, share, evidence }),
  ],
};

describe("the vectors, by Solidity and by ethers", () => {
  let probe: HashProbe;

  before(async () => {
    probe = await ethers.deployContract("HashProbe");
  });

  /** One test for each case of a file. */
  function each<Case>(file: string, check: (one: Case) => Promise<void>, counts = (_one: Case) => true): void {
    for (const [index, one] of load<Case & { name?: string }>(file).filter(counts).entries()) {
      it(`${file}: ${one.name ?? index}`, async () => await check(one));
    }
  }

  each<{ deal: Fields<Deal>; encoded: string; hash: string }>("deal", async ({ deal, encoded, hash }) => {
    expect(await probe.dealHash(deal)).to.equal(hash);
    expect(packDeal(deal)).to.equal(encoded);
  });

  each<{
    domain: TypedDataDomain;
    separator: string;
    agreement: Fields<Agreement>;
    structHash: string;
    digest: string;
    signed: Record<string, { wallet: string; signature: string }>;
  }>("agreement", async ({ domain, separator, agreement, structHash, digest, signed }) => {
    expect(TypedDataEncoder.hashDomain(domain)).to.equal(separator);
    expect(await probe.agreementHash(agreement)).to.equal(structHash);
    expect(await probe.agreementDigest(separator, agreement)).to.equal(digest);
    for (const { wallet, signature } of Object.values(signed)) {
      expect(await probe.signed(wallet, digest, signature)).to.equal(true);
    }
  });

  each<{
    domain: TypedDataDomain;
    separator: string;
    sessionKey: Fields<SessionKey>;
    structHash: string;
    digest: string;
    wallet: string;
    signature: string;
    encoded: string;
  }>("certificate", async (one) => {
    expect(TypedDataEncoder.hashDomain(one.domain)).to.equal(one.separator);
    expect(await probe.sessionKeyHash(one.sessionKey)).to.equal(one.structHash);
    expect(await probe.sessionKeyDigest(one.separator, one.sessionKey)).to.equal(one.digest);
    expect(await probe.signed(one.wallet, one.digest, one.signature)).to.equal(true);
    expect(packCertificate(one.sessionKey, one.signature)).to.equal(one.encoded);
  });

  each<{
    separator: string;
    opener: string;
    responder: string;
    openerSalt: string;
    half: string;
    responderSalt: string;
    negotiation: string;
  }>("negotiation-id", async ({ separator, opener, responder, openerSalt, half, responderSalt, negotiation }) => {
    const words = pack(["bytes32", "uint256", "uint256", "bytes32"], [separator, opener, responder, openerSalt]);
    expect(ethers.sha256(words)).to.equal(half);
    expect(ethers.sha256(ethers.concat([half, responderSalt]))).to.equal(negotiation);
  });

  each<{ body: Fields<Body>; encoded: string; hash: string }>("body", async ({ body, encoded, hash }) => {
    const judge = BODIES[body.kind] as (probe: HashProbe, body: Fields<Body>) => [string, Promise<string> | string];
    const [packed, hashed] = judge(probe, body);
    expect(packed).to.equal(encoded);
    expect(await hashed).to.equal(hash);
  });

  each<{ separator: string; envelope: Fields<Envelope>; preimage: string; hash: string; encoded: string }>(
    "envelope",
    async ({ separator, envelope, preimage, hash, encoded }) => {
      const kind = KINDS.indexOf(envelope.kind);
      expect(await probe.envelopeHash(separator, { ...envelope, kind })).to.equal(hash);
      expect(ethers.sha256(preimage)).to.equal(hash);
      expect(packEnvelope(envelope)).to.equal(encoded);
    },
  );

  each<{ publicKey: PublicKey; envelope: Fields<Envelope>; signature: string; hash: string; message: string }>(
    "message",
    async ({ publicKey: { x, y }, envelope, signature, hash, message }) => {
      const [r, s] = [dataSlice(signature, 0, 32), dataSlice(signature, 32)];
      expect(await probe.p256(hash, r, s, x, y)).to.equal(true);
      expect(await probe.p256Solidity(hash, r, s, x, y)).to.equal(true);
      expect(dataSlice(message, 0, 238)).to.equal(ethers.concat(["0x01", packEnvelope(envelope), signature]));
    },
  );

  each<{ separator: string; publicKey: PublicKey; message: string; refusal: string }>(
    "message-refused",
    async ({ separator, publicKey: { x, y }, message }) => {
      const hash = await probe.envelopeHash(separator, readEnvelope(message));
      const [r, s] = [dataSlice(message, 174, 206), dataSlice(message, 206, 238)];
      expect(await probe.p256(hash, r, s, x, y)).to.equal(false);
      expect(await probe.p256Solidity(hash, r, s, x, y)).to.equal(false);
    },
    ({ refusal }) => refusal === "BadSignature",
  );
});

/** The envelope of a message, cut out by the offsets that the protocol's page gives. */
function readEnvelope(message: string) {
  const part = (from: number, to: number) => dataSlice(message, from, to);
  return {
    negotiation: part(1, 33),
    agent: part(33, 65),
    seq: part(65, 69),
    kind: part(69, 70),
    sentAt: part(70, 78),
    prev: part(78, 110),
    seen: part(110, 142),
    body: part(142, 174),
  };
}
