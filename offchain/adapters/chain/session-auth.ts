import { ParleyError } from "../../kernel/errors.ts";
import { type Bytes32, ZERO_32 } from "../../kernel/ids.ts";
import type { SessionProof, SessionProofs } from "../../ports/chain.ts";
import type { Deal } from "../../terms/deal.ts";

/** An agreement as `commitBySession` and `commitOrDeclare` take it. */
export function agreementArgs(deal: Deal, { buyer, seller }: SessionProofs) {
  const buyerAccepts = buyer.message.body.kind === "ACCEPT";
  const offer = buyerAccepts ? seller : buyer;
  return [deal, buyerAccepts, offer.message.envelope.seen, sessionAuth(buyer), sessionAuth(seller)] as const;
}

/** An OFFER or ACCEPT as `equivocation` takes it. */
export function saidArgs(proof: SessionProof) {
  const { kind, body } = proof.message.envelope;
  return { accepts: kind === "ACCEPT", deal: body, auth: actArgs(proof) } as const;
}

/** What a side said about a deal that is committed, as the contract takes it. */
export function actArgs(proof: SessionProof) {
  return { session: sessionAuth(proof), seen: proof.message.envelope.seen } as const;
}

/** The parts of a certificate and an envelope that the contract can't fill in itself. */
function sessionAuth({ message, certificate }: SessionProof) {
  const { envelope, signature } = message;
  const { key } = certificate;
  return {
    epoch: key.epoch,
    notBefore: BigInt(key.notBefore),
    notAfter: BigInt(key.notAfter),
    x: key.x,
    y: key.y,
    ...compactSignature(certificate),
    seq: envelope.seq,
    sentAt: BigInt(envelope.sentAt),
    prev: envelope.prev,
    r: signature.slice(0, 66) as Bytes32,
    s: `0x${signature.slice(66)}` as Bytes32,
  };
}

/** The wallet's signature in the form of ERC-2098, the parity of v in the top bit of s; zeros where there is none. */
function compactSignature({ signature }: SessionProof["certificate"]): {
  certificateR: Bytes32;
  certificateVS: Bytes32;
} {
  // A contract wallet signs nothing that counts here: its certificate has to be recorded in the registry.
  if (signature === "0x") return { certificateR: ZERO_32, certificateVS: ZERO_32 };
  if (signature.length !== 132) {
    throw new ParleyError("CertificateInvalid", "the certificate's signature has neither 65 bytes nor none");
  }
  const parity = signature.endsWith("1c") ? 1n << 255n : 0n;
  const s = BigInt(`0x${signature.slice(66, 130)}`) | parity;
  return {
    certificateR: signature.slice(0, 66) as Bytes32,
    certificateVS: `0x${s.toString(16).padStart(64, "0")}`,
  };
}
