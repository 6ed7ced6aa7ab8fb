import type { ByteReader, ByteWriter } from "../kernel/binary.ts";
import { utf8 } from "../kernel/bytes.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { Body } from "./body.ts";
import { readCertificate, writeCertificate } from "./certificate.ts";
import { readDeal, writeDeal } from "./deal.ts";
import type { Kind } from "./envelope.ts";
import { Refusal, refusalName, refusalNumber } from "./refusal.ts";

type BodyCodec<B extends Body> = {
  write(writer: ByteWriter, body: B): ByteWriter;
  /** `named` is the envelope's own `body` field. */
  read(reader: ByteReader, named: Bytes32): B;
};

/** Longest note of an END, in bytes of UTF-8. */
export const MAX_NOTE_BYTES = 280;

const CODECS: { readonly [K in Kind]: BodyCodec<Extract<Body, { kind: K }>> } = {
  OPEN: {
    write: (writer, body) =>
      writeCertificate(writer.bigUint(body.responder, 32).hex(body.salt, 32), body.certificate).text(body.proposal, 4),
    read: (reader) => ({
      kind: "OPEN",
      responder: reader.bigUint(32),
      salt: reader.hex(32),
      certificate: readCertificate(reader),
      proposal: reader.text(4),
    }),
  },
  JOIN: {
    write: (writer, body) => writeCertificate(writer.hex(body.open, 32).hex(body.salt, 32), body.certificate),
    read: (reader) => ({
      kind: "JOIN",
      open: reader.hex(32),
      salt: reader.hex(32),
      certificate: readCertificate(reader),
    }),
  },
  OFFER: {
    write: (writer, body) => writeDeal(writer, body.deal),
    read: (reader) => ({ kind: "OFFER", deal: readDeal(reader) }),
  },
  // The envelope names the deal already: nothing is left to say.
  ACCEPT: { write: (writer) => writer, read: (_reader, named) => ({ kind: "ACCEPT", deal: named }) },
  END: {
    write: (writer, body) =>
      writer
        .uint(refusalNumber(body.code), 2)
        .hex(body.subject, 32)
        .block(checkNote(utf8.encode(body.note)), 2),
    read: (reader) => ({
      kind: "END",
      code: refusalName(reader.uint(2)),
      subject: reader.hex(32),
      note: utf8.decode(checkNote(reader.block(2))),
    }),
  },
  DELIVER: {
    write: (writer, body) => writer.hex(body.deal, 32).hex(body.evidence, 32),
    read: (reader) => ({ kind: "DELIVER", deal: reader.hex(32), evidence: reader.hex(32) }),
  },
  RECEIPT: {
    write: (writer, body) => writer.hex(body.deal, 32).bigUint(body.total, 16),
    read: (reader) => ({ kind: "RECEIPT", deal: reader.hex(32), total: reader.bigUint(16) }),
  },
  CANCEL: {
    write: (writer, body) => writer.hex(body.deal, 32).bigUint(body.toSeller, 16).uint(body.until, 5),
    read: (reader) => ({
      kind: "CANCEL",
      deal: reader.hex(32),
      toSeller: reader.bigUint(16),
      until: reader.uint(5),
    }),
  },
  DISPUTE: {
    write: (writer, body) => writer.hex(body.deal, 32).uint(body.share, 2).hex(body.evidence, 32),
    read: (reader) => ({ kind: "DISPUTE", deal: reader.hex(32), share: reader.uint(2), evidence: reader.hex(32) }),
  },
};

/** Writes what a body says beyond its kind. */
export function writeBody(writer: ByteWriter, body: Body): ByteWriter {
  const codec = CODECS[body.kind] as BodyCodec<Body>;
  return codec.write(writer, body);
}

/** Reads a body of that kind; `named` is the `body` field of its envelope. */
export function readBody<K extends Kind>(reader: ByteReader, kind: K, named: Bytes32): Extract<Body, { kind: K }> {
  const codec: BodyCodec<Body> = CODECS[kind] as BodyCodec<Body>;
  return codec.read(reader, named) as Extract<Body, { kind: K }>;
}

function checkNote(bytes: Uint8Array): Uint8Array {
  if (bytes.length > MAX_NOTE_BYTES) throw new Refusal("Malformed", `a note has at most ${MAX_NOTE_BYTES} bytes`);
  return bytes;
}
