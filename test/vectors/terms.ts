// Vectors of what is named and hashed: deals, agreements, certificates, ids, canonical JSON, bodies, envelopes.
import { ByteWriter } from "../../offchain/kernel/binary.ts";
import { type Hex, toHex, utf8 } from "../../offchain/kernel/bytes.ts";
import { sha256 } from "../../offchain/kernel/hash.ts";
import { type Bytes32, ZERO_32, ZERO_ADDRESS } from "../../offchain/kernel/ids.ts";
import { MAX_AMOUNT } from "../../offchain/kernel/money.ts";
import { type Agreement, hashAgreement } from "../../offchain/terms/agreement.ts";
import { type Body, hashBody } from "../../offchain/terms/body.ts";
import { writeBody } from "../../offchain/terms/body-codec.ts";
import { canonicalJson, hashJson, type Json, parseCanonicalJson } from "../../offchain/terms/canonical-json.ts";
import { type Certificate, hashSessionKey, writeCertificate } from "../../offchain/terms/certificate.ts";
import { type Deal, hashDeal, writeDeal } from "../../offchain/terms/deal.ts";
import { registryDomain, settlementDomain, typedDigest } from "../../offchain/terms/eip712.ts";
import { type Envelope, envelopePreimage, hashEnvelope, writeEnvelope } from "../../offchain/terms/envelope.ts";
import { negotiationId, openerHalf } from "../../offchain/terms/negotiation-id.ts";
import { decodeProposal, encodeProposal, type Proposal } from "../../offchain/terms/proposal.ts";
import { signDigest } from "../../offchain/terms/wallet-signature.ts";
import { actor, certify, DEPLOYMENT, NOW, REGISTRY, SETTLEMENT } from "./actors.ts";
import { BUYER, PROPOSAL, Scene, SELLER } from "./scene.ts";

const MAX_256 = 2n ** 256n - 1n;
const ONES_20: Hex = `0x${"ff".repeat(20)}`;
const ONES_32: Hex = `0x${"ff".repeat(32)}`;

const scene = new Scene();
const TYPICAL = scene.dealAt(105_000_000n);
const DEAL_HASH = hashDeal(TYPICAL);

/** Every field as small as it can be. */
const SMALLEST: Deal = {
  buyer: 0n,
  seller: 0n,
  token: ZERO_ADDRESS,
  price: 0n,
  buyerBond: 0n,
  sellerBond: 0n,
  commitBy: 0,
  deliverWithin: 0,
  reviewPeriod: 0,
  arbitrator: ZERO_ADDRESS,
  maxFee: 0n,
  rulingWithin: 0,
  lapseShare: 0,
  category: ZERO_32,
  terms: ZERO_32,
  negotiation: ZERO_32,
};

/** Every field as large as its type lets it be. */
const LARGEST: Deal = {
  buyer: MAX_256,
  seller: MAX_256,
  token: ONES_20,
  price: MAX_AMOUNT,
  buyerBond: MAX_AMOUNT,
  sellerBond: MAX_AMOUNT,
  commitBy: 2 ** 40 - 1,
  deliverWithin: 2 ** 32 - 1,
  reviewPeriod: 2 ** 32 - 1,
  arbitrator: ONES_20,
  maxFee: 2n ** 96n - 1n,
  rulingWithin: 2 ** 32 - 1,
  lapseShare: 2 ** 16 - 1,
  category: ONES_32,
  terms: ONES_32,
  negotiation: ONES_32,
};

/** Every field different, so that no two can be exchanged unnoticed. */
const DISTINCT: Deal = {
  buyer: 0x0101n,
  seller: 0x0202n,
  token: `0x${"03".repeat(20)}`,
  price: 0x0404n,
  buyerBond: 0x0505n,
  sellerBond: 0x0606n,
  commitBy: 0x07_0707_0707,
  deliverWithin: 0x0808_0808,
  reviewPeriod: 0x0909_0909,
  arbitrator: `0x${"0a".repeat(20)}`,
  maxFee: 0x0b0bn,
  rulingWithin: 0x0c0c_0c0c,
  lapseShare: 0x0d0d,
  category: `0x${"0e".repeat(32)}`,
  terms: `0x${"0f".repeat(32)}`,
  negotiation: `0x${"10".repeat(32)}`,
};

function packed(write: (writer: ByteWriter) => ByteWriter): Hex {
  return toHex(write(new ByteWriter()).finish());
}

export function deals() {
  const named = {
    typical: TYPICAL,
    "metered, in native coin, nobody to rule": {
      ...TYPICAL,
      token: ZERO_ADDRESS,
      reviewPeriod: 0,
      arbitrator: ZERO_ADDRESS,
      maxFee: 0n,
    },
    "every field different": DISTINCT,
    "every field as small as can be": SMALLEST,
    "every field as large as can be": LARGEST,
  };
  return Object.entries(named).map(([name, deal]) => {
    return { name, deal, encoded: packed((writer) => writeDeal(writer, deal)), hash: hashDeal(deal) };
  });
}

export function agreements() {
  const named: Record<string, Agreement> = {
    typical: { deal: TYPICAL, transcript: `0x${"a1".repeat(32)}`, buyerEpoch: 1, sellerEpoch: 2 },
    "largest epochs": { deal: LARGEST, transcript: ONES_32, buyerEpoch: 2 ** 32 - 1, sellerEpoch: 2 ** 32 - 2 },
  };
  return Object.entries(named).map(([name, agreement]) => {
    const structHash = hashAgreement(agreement);
    const digest = typedDigest(SETTLEMENT, structHash);
    const sign = ({ wallet, walletSecret }: typeof BUYER) => ({ wallet, signature: signDigest(digest, walletSecret) });
    const domain = settlementDomain(DEPLOYMENT.chainId, DEPLOYMENT.settlement);
    const signed = { buyer: sign(BUYER), seller: sign(SELLER) };
    return { name, domain, separator: SETTLEMENT, agreement, structHash, digest, signed };
  });
}

export function certificates() {
  const largest = { agent: MAX_256, notBefore: Number.MAX_SAFE_INTEGER - 1, notAfter: Number.MAX_SAFE_INTEGER };
  const named: Record<string, [Certificate, typeof BUYER]> = {
    buyer: [BUYER.certificate, BUYER],
    seller: [SELLER.certificate, SELLER],
    "largest values": [
      certify(BUYER.walletSecret, { ...BUYER.certificate.key, ...largest, epoch: 2 ** 32 - 1 }),
      BUYER,
    ],
  };
  return Object.entries(named).map(([name, [certificate, { wallet }]]) => {
    const structHash = hashSessionKey(certificate.key);
    const digest = typedDigest(REGISTRY, structHash);
    const encoded = packed((writer) => writeCertificate(writer, certificate));
    const domain = registryDomain(DEPLOYMENT.chainId, DEPLOYMENT.registry);
    const { key: sessionKey, signature } = certificate;
    return { name, domain, separator: REGISTRY, sessionKey, structHash, digest, wallet, signature, encoded };
  });
}

export function negotiationIds() {
  return [
    [SETTLEMENT, 1n, 2n, BUYER.salt, SELLER.salt] as const,
    [SETTLEMENT, 2n, 1n, BUYER.salt, SELLER.salt] as const,
    [ONES_32, MAX_256, MAX_256 - 1n, ONES_32, ONES_32] as const,
  ].map(([separator, opener, responder, openerSalt, responderSalt]) => {
    const half = openerHalf(separator, opener, responder, openerSalt);
    const negotiation = negotiationId(half, responderSalt);
    return { separator, opener, responder, openerSalt, half, responderSalt, negotiation };
  });
}

/** JSON that has a canonical form: what a sender makes of it. */
const WITH_FORM: Record<string, string> = {
  "an empty object": "{}",
  "an empty list": "[]",
  literals: "[null,true,false]",
  text: '"plain"',
  "white space and order": '{ "b" : [ 2, 1 ] , "a" : { "d" : 4, "c" : 3 } }',
  "names by UTF-16 code units (the example of RFC 8785)":
    '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",' +
    '"\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"Latin Small Letter O With Diaeresis"}',
  "names of digits, by text and not by value": '{"10":1,"9":2,"1":3}',
  "an empty name": '{"a":1,"":0}',
  "names that JavaScript uses itself": '{"toString":3,"constructor":2,"__proto__":1}',
  escapes: '"\\u0000\\b\\t\\n\\f\\r\\u001f\\u007f\\"\\\\\\/\\u2028\\u00e9"',
  "the largest integers": "[9007199254740991,-9007199254740991]",
  "integers in other spellings": "[1.0,1e3,-0,0.0]",
  "nested 32 deep": `${"[".repeat(32)}1${"]".repeat(32)}`,
  "nested 32 deep, the innermost an empty list": `${"[".repeat(33)}${"]".repeat(33)}`,
  "nested 32 deep, by objects": `${'{"a":'.repeat(32)}1${"}".repeat(32)}`,
  "a fraction that rounds to an integer, as a double": "[9007199254740991.3]",
};

/** JSON that has none, or is none. */
const WITHOUT_FORM: Record<string, string> = {
  "a fraction": "[0.5]",
  "an integer past 2^53 - 1": "[9007199254740992]",
  "a number past every double": "[1e400]",
  "half of a surrogate pair": '"\\ud800"',
  "half of a surrogate pair in a name": '{"\\udc00":1}',
  "nested 33 deep": `${"[".repeat(33)}1${"]".repeat(33)}`,
  "nested 33 deep, the innermost an empty list": `${"[".repeat(34)}${"]".repeat(34)}`,
  "nested 33 deep, by objects": `${'{"a":'.repeat(33)}1${"}".repeat(33)}`,
  "a name twice": '{"a":1,"a":1}',
  "nothing at all": "",
  "an open end": '{"a":1',
  "a comma too many": "[1,]",
  "two documents": "{}{}",
  "a byte order mark": "\ufeff{}",
  "not a number": "NaN",
  "single quotes": "{'a':1}",
};

export function canonicalJsons() {
  const good = Object.entries(WITH_FORM).map(([name, text]) => {
    const canonical = canonicalJson(JSON.parse(text) as Json);
    return { name, text, canonical, sha256: sha256(utf8.encode(canonical)), accepted: text === canonical };
  });
  const bad = Object.entries(WITHOUT_FORM).map(([name, text]) => {
    return { name, text, canonical: null, sha256: null, accepted: isCanonical(text) };
  });
  return [...good, ...bad];
}

function isCanonical(text: string): boolean {
  try {
    parseCanonicalJson(text);
    return true;
  } catch {
    return false;
  }
}

export function proposals() {
  const changed: Record<string, Proposal> = {
    "the typical one": PROPOSAL,
    "a seller's": { ...PROPOSAL, role: "seller", protocol: { name: "alternating-offers", rounds: 10_000 } },
  };
  const good = Object.entries(changed).map(([name, proposal]) => {
    const text = encodeProposal(proposal);
    return { name, text, sha256: sha256(utf8.encode(text)), terms: hashJson(proposal.terms), refusal: null };
  });
  const { deal, terms, ...rest } = JSON.parse(encodeProposal(PROPOSAL)) as { [name: string]: Json } & {
    deal: { [name: string]: Json };
    terms: { [name: string]: Json };
  };
  const broken: Record<string, Json> = {
    "another version": { ...rest, deal, terms, version: 2 },
    "a member that nobody knows": { ...rest, deal, terms, discount: 5 },
    "a member that nobody knows, deeper": { ...rest, deal: { ...deal, price: "1" }, terms },
    "no terms": { ...rest, deal },
    "terms without a salt": { ...rest, deal, terms: { title: "guess me" } },
    "another protocol": { ...rest, deal, terms, protocol: { name: "auction", rounds: 5 } },
    "no rounds": { ...rest, deal, terms, protocol: { name: "alternating-offers", rounds: 0 } },
    "too many rounds": { ...rest, deal, terms, protocol: { name: "alternating-offers", rounds: 10_001 } },
    "a number for an amount": { ...rest, deal: { ...deal, buyerBond: 5 }, terms },
    "an amount with a leading zero": { ...rest, deal: { ...deal, buyerBond: "05" }, terms },
    "a fee past 2^96 - 1": { ...rest, deal: { ...deal, maxFee: (2n ** 96n).toString() }, terms },
    "a share over the whole": { ...rest, deal: { ...deal, lapseShare: 10_001 }, terms },
    "a short address": { ...rest, deal: { ...deal, token: "0x00" }, terms },
  };
  const bad = Object.entries(broken).map(([name, json]) => {
    const text = canonicalJson(json);
    return { name, text, sha256: sha256(utf8.encode(text)), terms: null, refusal: refusalOf(text) };
  });
  return [...good, ...bad];
}

function refusalOf(text: string): string | null {
  try {
    decodeProposal(text);
    return null;
  } catch (thrown) {
    return (thrown as { code: string }).code;
  }
}

const BODIES: Record<string, Body> = {
  open: {
    kind: "OPEN",
    responder: 2n,
    salt: BUYER.salt,
    certificate: BUYER.certificate,
    proposal: encodeProposal(PROPOSAL),
  },
  "open, its proposal not of ASCII": {
    kind: "OPEN",
    responder: MAX_256,
    salt: ONES_32,
    certificate: actor(7n, { epoch: 0 }).certificate,
    proposal: '"\u00e9 \u20ac \ud83d\ude00"',
  },
  join: { kind: "JOIN", open: `0x${"c1".repeat(32)}`, salt: SELLER.salt, certificate: SELLER.certificate },
  "join, its certificate not signed": {
    kind: "JOIN",
    open: ZERO_32,
    salt: ZERO_32,
    certificate: { key: SELLER.certificate.key, signature: "0x" },
  },
  offer: { kind: "OFFER", deal: TYPICAL },
  accept: { kind: "ACCEPT", deal: DEAL_HASH },
  "end, nobody at fault": { kind: "END", code: "Withdrawn", subject: ZERO_32, note: "" },
  "end, about an envelope": {
    kind: "END",
    code: "Conflict",
    subject: `0x${"c2".repeat(32)}`,
    note: "agent 2 signed two envelopes with seq 3",
  },
  "end, the longest note": { kind: "END", code: "TooManyRounds", subject: ONES_32, note: `${"\u20ac".repeat(93)}!` },
  deliver: { kind: "DELIVER", deal: DEAL_HASH, evidence: `0x${"d1".repeat(32)}` },
  receipt: { kind: "RECEIPT", deal: DEAL_HASH, total: 52_500_000n },
  "receipt, the largest": { kind: "RECEIPT", deal: ONES_32, total: MAX_AMOUNT },
  cancel: { kind: "CANCEL", deal: DEAL_HASH, toSeller: 30_000_000n, until: NOW + 600 },
  "cancel, the largest": { kind: "CANCEL", deal: ONES_32, toSeller: MAX_AMOUNT, until: 2 ** 40 - 1 },
  dispute: { kind: "DISPUTE", deal: DEAL_HASH, share: 2_500, evidence: `0x${"d3".repeat(32)}` },
  "dispute, the largest": { kind: "DISPUTE", deal: ONES_32, share: 2 ** 16 - 1, evidence: ONES_32 },
};

export function bodies() {
  return Object.entries(BODIES).map(([name, body]) => {
    return { name, body, encoded: packed((writer) => writeBody(writer, body)), hash: hashBody(body) };
  });
}

export function envelopes() {
  const first: Envelope = {
    negotiation: scene.half,
    agent: 1n,
    seq: 0,
    kind: "OPEN",
    sentAt: NOW * 1_000,
    prev: ZERO_32,
    seen: ZERO_32,
    body: `0x${"b0".repeat(32)}`,
  };
  const kinds = ["OPEN", "JOIN", "OFFER", "ACCEPT", "END", "DELIVER", "RECEIPT", "CANCEL", "DISPUTE"] as const;
  const named: Record<string, [Bytes32, Envelope]> = {
    "every field as large as can be": [
      ONES_32,
      {
        negotiation: ONES_32,
        agent: MAX_256,
        seq: 2 ** 32 - 1,
        kind: "DISPUTE",
        sentAt: Number.MAX_SAFE_INTEGER,
        prev: ONES_32,
        seen: ONES_32,
        body: ONES_32,
      },
    ],
  };
  for (const [seq, kind] of kinds.entries()) {
    named[kind] = [SETTLEMENT, { ...first, seq, kind, sentAt: first.sentAt + seq, prev: `0x${`e${seq}`.repeat(32)}` }];
  }
  return Object.entries(named).map(([name, [separator, envelope]]) => {
    const preimage = toHex(envelopePreimage(separator, envelope));
    const encoded = packed((writer) => writeEnvelope(writer, envelope));
    return { name, separator, envelope, preimage, hash: hashEnvelope(separator, envelope), encoded };
  });
}
