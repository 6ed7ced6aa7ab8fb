import { verifyReading } from "../../identity/reading.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { Bytes32 } from "../../kernel/ids.ts";
import type { Crypto } from "../../ports/crypto.ts";
import { hashJson } from "../../terms/canonical-json.ts";
import { hashDeal } from "../../terms/deal.ts";
import { isProof, proofFromJson } from "../../terms/delivery-proof.ts";
import { domainSeparator, settlementDomain } from "../../terms/eip712.ts";
import type { MeterReading } from "../../terms/meter-reading.ts";
import { verifyTranscript } from "../verify.ts";
import type { Bundle } from "./bundle.ts";

/** A reading that a bundle has attached, with the hash of the document that it stands in. */
export interface AttachedReading extends MeterReading {
  readonly document: Bytes32;
}

/**
 * All readings that are attached, each verified: signed with a key that this very negotiation introduced, about a deal that it came to.
 * Rejects where one isn't: who attaches it says that it is.
 */
export async function readingsIn(crypto: Crypto, bundle: Bundle): Promise<readonly AttachedReading[]> {
  const documents = (bundle.attachments ?? []).filter(isProof);
  if (documents.length === 0) return [];
  const { chainId, settlement } = bundle.deployment;
  const separator = domainSeparator(settlementDomain(chainId, settlement));
  const { certificates, agreements } = await verifyTranscript(crypto, separator, bundle.transcript);
  const found: AttachedReading[] = [];
  for (const content of documents) {
    const proof = proofFromJson(content);
    const document = hashJson(content);
    for (const signed of proof.kind === "readings" ? proof.readings : []) {
      const reading = await verifyReading(crypto, signed, [certificates.opener, certificates.responder]);
      const isAboutIt = agreements.some(
        (one) => hashDeal(one.deal) === reading.deal && one.transcript === reading.transcript,
      );
      if (!isAboutIt) throw malformed(`attachments.${document}`, "about a deal of this negotiation");
      found.push({ ...reading, document });
    }
  }
  return found;
}

function malformed(path: string, expected: string): ParleyError<"Malformed"> {
  return new ParleyError("Malformed", `'${path}' must be ${expected}`, { facts: { path } });
}
