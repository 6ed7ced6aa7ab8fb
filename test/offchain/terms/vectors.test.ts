import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { NodeCrypto } from "../../../offchain/adapters/crypto/node/crypto.ts";
import { decodeRecord, encodeRecord } from "../../../offchain/dealing/record.ts";
import type { Event } from "../../../offchain/dealing/state.ts";
import { ByteReader, ByteWriter } from "../../../offchain/kernel/binary.ts";
import { fromHex, type Hex, toHex, utf8 } from "../../../offchain/kernel/bytes.ts";
import { sha256 } from "../../../offchain/kernel/hash.ts";
import type { Address, Bytes32 } from "../../../offchain/kernel/ids.ts";
import type { PublicKey } from "../../../offchain/ports/crypto.ts";
import { type Agreement, hashAgreement } from "../../../offchain/terms/agreement.ts";
import { type Body, hashBody } from "../../../offchain/terms/body.ts";
import { readBody, writeBody } from "../../../offchain/terms/body-codec.ts";
import { canonicalJson, hashJson, type Json, parseCanonicalJson } from "../../../offchain/terms/canonical-json.ts";
import {
  hashSessionKey,
  readCertificate,
  type SessionKey,
  writeCertificate,
} from "../../../offchain/terms/certificate.ts";
import { decodeResume, encodeResume, type Resume } from "../../../offchain/terms/control.ts";
import { type Deal, hashDeal, readDeal, writeDeal } from "../../../offchain/terms/deal.ts";
import { type Domain, domainSeparator, typedDigest } from "../../../offchain/terms/eip712.ts";
import {
  type Envelope,
  envelopePreimage,
  hashEnvelope,
  readEnvelope,
  writeEnvelope,
} from "../../../offchain/terms/envelope.ts";
import { decodeMessage, encodeMessage } from "../../../offchain/terms/message.ts";
import { negotiationId, openerHalf } from "../../../offchain/terms/negotiation-id.ts";
import { decodeProposal, encodeProposal } from "../../../offchain/terms/proposal.ts";
import { Refusal } from "../../../offchain/terms/refusal.ts";
import { recoverWallet } from "../../../offchain/terms/wallet-signature.ts";
import { verifyTranscript } from "../../../offchain/transcript/verify.ts";
import { generate } from "../../vectors/generate.ts";
import { inWords } from "../../vectors/journal.ts";
import {
  bodyFrom,
  dealFrom,
  envelopeFrom,
  load,
  type Plain,
  pathOf,
  plain,
  sessionKeyFrom,
} from "../../vectors/json.ts";

const crypto = new NodeCrypto();

function written(write: (writer: ByteWriter) => ByteWriter): Hex {
  return toHex(write(new ByteWriter()).finish());
}

function read<T>(bytes: Hex, reading: (reader: ByteReader) => T): T {
  const reader = new ByteReader(fromHex(bytes));
  const value = reading(reader);
  reader.end();
  return value;
}

/** One test for each case of a file. */
function each<Case>(file: string, check: (one: Case & { name: string }) => void | Promise<void>): void {
  describe(`the vectors of ${file}`, () => {
    const cases = load<Case & { name: string }>(file);
    for (const [index, one] of cases.entries()) it(one.name ?? `case ${index}`, () => check(one));
  });
}

describe("the vectors", () => {
  for (const [name, text] of generate()) {
    it(`of ${name} come out the same when they are made again`, () => {
      assert.equal(text, readFileSync(pathOf(name), "utf8"));
    });
  }
});

each<{ deal: Plain<Deal>; encoded: Hex; hash: Bytes32 }>("deal", ({ deal: fields, encoded, hash }) => {
  const deal = dealFrom(fields);
  assert.equal(
    written((writer) => writeDeal(writer, deal)),
    encoded,
  );
  assert.deepEqual(read(encoded, readDeal), deal);
  assert.equal(hashDeal(deal), hash);
});

type Signed = { wallet: Address; signature: Hex };

each<{
  domain: Domain;
  separator: Bytes32;
  agreement: Plain<Agreement>;
  structHash: Bytes32;
  digest: Bytes32;
  signed: Record<"buyer" | "seller", Signed>;
}>("agreement", ({ domain, separator, agreement, structHash, digest, signed }) => {
  assert.equal(domainSeparator(domain), separator);
  assert.equal(hashAgreement({ ...agreement, deal: dealFrom(agreement.deal) }), structHash);
  assert.equal(typedDigest(separator, structHash), digest);
  for (const { wallet, signature } of Object.values(signed)) assert.equal(recoverWallet(digest, signature), wallet);
});

each<{
  domain: Domain;
  separator: Bytes32;
  sessionKey: Plain<SessionKey>;
  structHash: Bytes32;
  digest: Bytes32;
  wallet: Address;
  signature: Hex;
  encoded: Hex;
}>("certificate", ({ domain, separator, sessionKey, structHash, digest, wallet, signature, encoded }) => {
  const certificate = { key: sessionKeyFrom(sessionKey), signature };
  assert.equal(domainSeparator(domain), separator);
  assert.equal(hashSessionKey(certificate.key), structHash);
  assert.equal(typedDigest(separator, structHash), digest);
  assert.equal(recoverWallet(digest, signature), wallet);
  assert.equal(
    written((writer) => writeCertificate(writer, certificate)),
    encoded,
  );
  assert.deepEqual(read(encoded, readCertificate), certificate);
});

each<{
  separator: Bytes32;
  opener: string;
  responder: string;
  openerSalt: Bytes32;
  half: Bytes32;
  responderSalt: Bytes32;
  negotiation: Bytes32;
}>("negotiation-id", ({ separator, opener, responder, openerSalt, half, responderSalt, negotiation }) => {
  assert.equal(openerHalf(separator, BigInt(opener), BigInt(responder), openerSalt), half);
  assert.equal(negotiationId(half, responderSalt), negotiation);
});

each<{ text: string; canonical: string | null; sha256: Bytes32 | null; accepted: boolean }>(
  "canonical-json",
  ({ text, canonical, sha256: hash, accepted }) => {
    if (canonical !== null) {
      const value = JSON.parse(text) as Json;
      assert.equal(canonicalJson(value), canonical);
      assert.equal(hashJson(value), hash);
      assert.equal(canonicalJson(parseCanonicalJson(canonical)), canonical);
    }
    assert.equal(accepted, text === canonical);
    if (!accepted) assert.throws(() => parseCanonicalJson(text), { code: "Malformed" });
  },
);

each<{ text: string; sha256: Bytes32; terms: Bytes32 | null; refusal: string | null }>(
  "proposal",
  ({ text, sha256: hash, terms, refusal }) => {
    assert.equal(sha256(utf8.encode(text)), hash);
    if (refusal !== null) return assert.throws(() => decodeProposal(text), { code: refusal });
    const proposal = decodeProposal(text);
    assert.equal(encodeProposal(proposal), text);
    assert.equal(hashJson(proposal.terms), terms);
  },
);

each<{ body: Plain<Body>; encoded: Hex; hash: Bytes32 }>("body", ({ body: fields, encoded, hash }) => {
  const body = bodyFrom(fields);
  assert.equal(
    written((writer) => writeBody(writer, body)),
    encoded,
  );
  assert.deepEqual(
    read(encoded, (reader) => readBody(reader, body.kind, hash)),
    body,
  );
  assert.equal(hashBody(body), hash);
});

each<{ separator: Bytes32; envelope: Plain<Envelope>; preimage: Hex; hash: Bytes32; encoded: Hex }>(
  "envelope",
  ({ separator, envelope: fields, preimage, hash, encoded }) => {
    const envelope = envelopeFrom(fields);
    assert.equal(toHex(envelopePreimage(separator, envelope)), preimage);
    assert.equal(hashEnvelope(separator, envelope), hash);
    assert.equal(sha256(fromHex(preimage)), hash);
    assert.equal(
      written((writer) => writeEnvelope(writer, envelope)),
      encoded,
    );
    assert.deepEqual(read(encoded, readEnvelope), envelope);
  },
);

interface SignedMessage {
  separator: Bytes32;
  publicKey: PublicKey;
  envelope: Plain<Envelope>;
  signature: Hex;
  body: Plain<Body>;
  hash: Bytes32;
  message: Hex;
}

each<SignedMessage>("message", ({ separator, publicKey, envelope, signature, body, hash, message }) => {
  const decoded = decodeMessage(fromHex(message));
  assert.deepEqual(decoded, { envelope: envelopeFrom(envelope), signature, body: bodyFrom(body) });
  assert.equal(toHex(encodeMessage(decoded)), message);
  assert.equal(hashEnvelope(separator, decoded.envelope), hash);
  assert.equal(crypto.verify(publicKey, envelopePreimage(separator, decoded.envelope), signature), true);
});

each<{ separator: Bytes32; publicKey: PublicKey; message: Hex | null; length: number; refusal: string }>(
  "message-refused",
  ({ separator, publicKey, message, length, refusal }) => {
    const bytes = message === null ? new Uint8Array(length) : fromHex(message);
    assert.equal(bytes.length, length);
    assert.throws(
      () => {
        const { envelope, signature } = decodeMessage(bytes);
        if (crypto.verify(publicKey, envelopePreimage(separator, envelope), signature)) return;
        throw new Refusal("BadSignature", "refused");
      },
      { name: "Refusal", code: refusal },
    );
  },
);

each<{ resume: Resume | null; frame: Hex }>("resume", ({ resume, frame }) => {
  if (resume === null) return assert.throws(() => decodeResume(fromHex(frame)), { name: "ParleyError" });
  assert.deepEqual(decodeResume(fromHex(frame)), resume);
  assert.equal(toHex(encodeResume(resume)), frame);
});

each<{ event: Plain<Event>; sent: readonly Hex[]; record: Hex }>("journal", ({ event, sent, record }) => {
  const decoded = decodeRecord(fromHex(record));
  assert.deepEqual(decoded.sent.map(toHex), sent);
  assert.equal(toHex(encodeRecord(decoded)), record);
  assert.deepEqual(plain(inWords(decoded.event)), event);
});

interface TranscriptCase {
  separator: Bytes32;
  opener: readonly Hex[];
  responder: readonly Hex[];
  proves: {
    negotiation: Bytes32;
    signatures: number;
    agreement: { deal: Bytes32; transcript: Bytes32 } | null;
  } | null;
  refusal: string | null;
}

each<TranscriptCase>("transcript", async ({ separator, opener, responder, proves, refusal }) => {
  const verifying = async () => {
    const decode = (frames: readonly Hex[]) => frames.map((frame) => decodeMessage(fromHex(frame)));
    return await verifyTranscript(crypto, separator, { opener: decode(opener), responder: decode(responder) });
  };
  if (refusal !== null) return assert.rejects(verifying, { name: "Refusal", code: refusal });
  const { negotiation, signatures, agreement } = await verifying();
  assert.equal(negotiation, proves?.negotiation);
  assert.equal(signatures, proves?.signatures);
  const found = agreement && { deal: hashDeal(agreement.deal), transcript: agreement.transcript };
  assert.deepEqual(found, proves?.agreement);
});
