import { utf8 } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { Crypto, SessionSigner } from "../ports/crypto.ts";
import type { PersonalVault } from "../ports/personal-vault.ts";
import { canonicalJson, type JsonObject, parseCanonicalJson } from "../terms/canonical-json.ts";
import { encodeDisclosure } from "../terms/control.ts";
import { type PersonalEntry, readPersonalRecord } from "../terms/personal.ts";
import { readStandardTerms } from "../terms/standard-terms.ts";
import type { State } from "./state.ts";

/** What the terms of a negotiation say of personal data. */
function personalOf({
  proposal,
}: State): { readonly salt: Bytes32; readonly entries: readonly PersonalEntry[] } | null {
  const terms = readStandardTerms(proposal.terms);
  return terms === null || terms.personal.length === 0 ? null : { salt: terms.salt, entries: terms.personal };
}

/**
 * The frame that gives the other side what the terms only commit to; null where there is nothing to give, or no deal that it
 * would be for. It is the opener's data, since the terms are; and for the responder's session key alone, whoever asks for it.
 */
export async function discloseTo(state: State, crypto: Crypto, vault: PersonalVault): Promise<Uint8Array | null> {
  const { brief, negotiation, peerCertificate } = state;
  const personal = personalOf(state);
  if (state.phase !== "agreed" || !brief.opener || personal === null || peerCertificate === null) return null;
  const record = await vault.get(personal.salt);
  if (record === null) return null;
  const content = utf8.encode(canonicalJson(record as unknown as JsonObject));
  return encodeDisclosure({
    negotiation,
    sealed: await crypto.sealTo(peerCertificate.key, content, utf8.encode(negotiation)),
  });
}

/** Takes in what the opener disclosed; resolves with false, and keeps nothing, where that is not what the terms commit to. */
export async function takeDisclosure(
  state: State,
  sealed: Uint8Array,
  signer: SessionSigner,
  vault: PersonalVault,
): Promise<boolean> {
  const personal = personalOf(state);
  if (state.phase !== "agreed" || state.brief.opener || personal === null) return false;
  if ((await vault.get(personal.salt)) !== null) return true;
  const content = await signer.unseal(sealed, utf8.encode(state.negotiation));
  if (content === null) return false;
  try {
    const parsed = parseCanonicalJson(new TextDecoder().decode(content)) as JsonObject;
    await vault.put(personal.salt, readPersonalRecord(parsed, personal.entries));
    return true;
  } catch (thrown) {
    if (thrown instanceof ParleyError && (thrown.code === "Malformed" || thrown.code === "Erased")) return false;
    throw thrown;
  }
}
