import { utf8 } from "../../kernel/bytes.ts";
import { messageOf, ParleyError } from "../../kernel/errors.ts";
import type { Crypto } from "../../ports/crypto.ts";
import type { DisputeRecord } from "../../ports/dispute-record.ts";
import type { Json } from "../../terms/canonical-json.ts";
import { type AttachedReading, readingsIn } from "../../transcript/evidence/attached-readings.ts";
import { type Bundle, bundleFromJson, type ChainAccount } from "../../transcript/evidence/bundle.ts";
import { examine, type Findings, holds } from "../../transcript/evidence/examine.ts";

/** A bundle that was found to be true, and of the deal in question. */
export interface Proven {
  readonly bundle: Bundle;
  readonly findings: Findings;
  /** The readings that it has attached, each of its signer's hand. */
  readonly readings: readonly AttachedReading[];
}

/** Which deal evidence has to be of. */
export type DealInQuestion = Pick<DisputeRecord, "deployment" | "deal" | "dealHash" | "transcript">;

const HINT = "export it anew (parley evidence export), or ask who filed it for the file as it was made";

/** Whether a file claims to be a bundle, be it a bad one; anything else is a file that people look at. */
export function isBundle(bytes: Uint8Array): boolean {
  return /"format"\s*:\s*"parley-evidence"/.test(new TextDecoder().decode(bytes));
}

/**
 * Verifies a bundle that is brought for a deal: every signature, both chains, the agreement that was committed, and all of it against the
 * chain, which `ask` reads. Throws `EvidenceUnverified` or `EvidenceOfOtherDeal`; a chain that can't be asked is told as it is.
 */
export async function checkBundle(
  crypto: Crypto,
  wanted: DealInQuestion,
  bytes: Uint8Array,
  ask: (bundle: Bundle) => Promise<ChainAccount>,
): Promise<Proven> {
  const bundle = await verifying(() => bundleFromJson(JSON.parse(utf8.decode(bytes)) as Json));
  checkPlace(bundle, wanted);
  // Without the chain first, so that what is forged costs nobody a question.
  const alone = await verifying(() => examine(crypto, bundle));
  if (alone.negotiation !== wanted.deal.negotiation) {
    throw ofOtherDeal(`it is of negotiation ${alone.negotiation}, and the deal of ${wanted.deal.negotiation}`);
  }
  const findings = await examine(crypto, bundle, await ask(bundle));
  if (findings.agreement?.transcript !== wanted.transcript) {
    throw unverified(`it lacks the ACCEPT ${wanted.transcript}, by which the deal was committed`);
  }
  if (!holds(findings)) throw unverified(whatIsUntrue(findings));
  // As the rest: who attaches readings says that they are signed, about this.
  const readings = await verifying(() => readingsIn(crypto, bundle));
  return { bundle, findings, readings };
}

function checkPlace({ deployment }: Bundle, wanted: DealInQuestion): void {
  const { chainId, settlement, registry } = wanted.deployment;
  const isSame = deployment.settlement === settlement && deployment.registry === registry;
  if (isSame && deployment.chainId === chainId) return;
  throw ofOtherDeal(
    `it is for the Settlement ${deployment.settlement} on chain ${deployment.chainId}, and the deal is with ${settlement} on ${chainId}`,
  );
}

function whatIsUntrue({ opener, responder, discrepancies }: Findings): string {
  const untrue = discrepancies.filter(({ kind }) => kind === "contradicted").map(({ at, says }) => `${at}: ${says}`);
  const refuted = [opener, responder].filter(({ standing }) => standing === "refuted");
  const [first = "it contradicts the chain"] = [
    ...untrue,
    ...refuted.map(({ agent }) => `its keys of agent ${agent} are certified by another wallet than the agent's`),
  ];
  return first;
}

/** Whatever is wrong with what is in the file, it is the file that doesn't verify. */
async function verifying<T>(act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (thrown) {
    const code = thrown instanceof ParleyError ? ` [${thrown.code}]` : "";
    throw unverified(`${messageOf(thrown)}${code}`, thrown);
  }
}

function unverified(says: string, cause?: unknown): ParleyError<"EvidenceUnverified"> {
  return new ParleyError("EvidenceUnverified", `the evidence does not verify: ${says}`, { hint: HINT, cause });
}

function ofOtherDeal(says: string): ParleyError<"EvidenceOfOtherDeal"> {
  return new ParleyError("EvidenceOfOtherDeal", `the evidence is of another deal: ${says}`, {
    hint: "name the bundle of this deal's own negotiation: parley evidence export --negotiation ID",
  });
}
