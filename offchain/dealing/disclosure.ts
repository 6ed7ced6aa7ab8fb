import type { CertificateVerifier } from "../identity/certificate.ts";
import type { SigningKeys } from "../identity/signing-keys.ts";
import { utf8 } from "../kernel/bytes.ts";
import type { Clock } from "../kernel/clock.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { Crypto } from "../ports/crypto.ts";
import type { PersonalVault } from "../ports/personal-vault.ts";
import { canonicalJson, type JsonObject, parseCanonicalJson } from "../terms/canonical-json.ts";
import { encodeDisclosure } from "../terms/control.ts";
import { type PersonalEntry, readPersonalRecord } from "../terms/personal.ts";
import type { Proposal } from "../terms/proposal.ts";
import { Refusal } from "../terms/refusal.ts";
import { readStandardTerms } from "../terms/standard-terms.ts";
import type { State } from "./state.ts";

/** What judges whether the other side may have it. */
interface Judges {
  readonly crypto: Crypto;
  readonly certificates: CertificateVerifier;
  readonly clock: Clock;
}

export function takesPersonalData(proposal: Proposal): boolean {
  return personalOf({ proposal }) !== null;
}

/**
 * The frame that gives the other side what the terms only commit to; null where there is nothing to give. It is the opener's data, since
 * the terms are; and for the responder's session key alone, whoever asks for it. That key must count still: a stolen one counts only
 * until its epoch is ended. Nor is anything given for which consent has ended.
 */
export async function discloseTo(
  state: State,
  { crypto, certificates, clock }: Judges,
  vault: PersonalVault,
): Promise<Uint8Array | null> {
  const { brief, negotiation, peerCertificate } = state;
  const personal = personalOf(state);
  if (state.phase !== "agreed" || !brief.opener || personal === null || peerCertificate === null) return null;
  const now = Math.floor(clock.now() / 1000);
  if (personal.entries.some(({ consent }) => consent.until < now)) return null;
  try {
    await certificates.verify(peerCertificate, brief.peer, now, now);
  } catch (thrown) {
    if (thrown instanceof Refusal) return null;
    throw thrown;
  }
  const record = await vault.get(personal.salt);
  if (record === null) return null;
  const content = utf8.encode(canonicalJson(record as unknown as JsonObject));
  const sealed = await crypto.sealTo(peerCertificate.key, content, utf8.encode(negotiation));
  return encodeDisclosure({ negotiation, sealed });
}

/**
 * Takes in what the opener disclosed; keeps nothing where that is not what the terms commit to, or is there already. It is kept by the
 * negotiation: the salt is the other side's choice, and it may have chosen that of somebody else's terms.
 */
export async function takeDisclosure(
  state: State,
  sealed: Uint8Array,
  keys: SigningKeys,
  vault: PersonalVault,
): Promise<"kept" | "useless" | "refused"> {
  const personal = personalOf(state);
  if (state.phase !== "agreed" || state.brief.opener || personal === null) return "refused";
  if ((await vault.get(state.negotiation)) !== null) return "useless";
  try {
    const signer = keys.signer(state.brief.certificate.key);
    const content = await signer.unseal(sealed, utf8.encode(state.negotiation));
    if (content === null) return "refused";
    const parsed = parseCanonicalJson(new TextDecoder().decode(content)) as JsonObject;
    await vault.put(state.negotiation, readPersonalRecord(parsed, personal.entries));
    return "kept";
  } catch (thrown) {
    if (!(thrown instanceof ParleyError)) throw thrown;
    // What was erased, or came when the key for it was let go, is of no more use, and no fault of who sent it.
    if (thrown.code === "Erased" || thrown.code === "KeysChanged") return "useless";
    if (thrown.code === "Malformed") return "refused";
    throw thrown;
  }
}

/** What the terms of a negotiation say of personal data. */
function personalOf({
  proposal,
}: Pick<State, "proposal">): { readonly salt: Bytes32; readonly entries: readonly PersonalEntry[] } | null {
  const terms = readStandardTerms(proposal.terms);
  return terms === null || terms.personal.length === 0 ? null : { salt: terms.salt, entries: terms.personal };
}
