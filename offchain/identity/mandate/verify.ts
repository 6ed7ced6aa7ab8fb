import { isHex } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { AgentId, Bytes32 } from "../../kernel/ids.ts";
import type { Deployment, Principals } from "../../ports/chain.ts";
import type { Crypto, PublicKey } from "../../ports/crypto.ts";
import { hashJson } from "../../terms/canonical-json.ts";
import { recoverWallet } from "../../terms/wallet-signature.ts";
import type { Act } from "./act.ts";
import { checkNarrower } from "./attenuation.ts";
import { decodeLinks, holderPreimage, type Link, ownerDigest } from "./credential.ts";
import { type MandateDocument, readDocument } from "./document.ts";

/** What mandates are judged by. */
export interface MandateContext {
  readonly deployment: Deployment;
  readonly principals: Principals;
  readonly crypto: Crypto;
}

/** A mandate whose every signature is good. Whoever acts by it has to show that it has the holder's key. */
export interface VerifiedMandate {
  readonly agent: AgentId;
  readonly holder: PublicKey;
  /** How many hands it has come through after the owner's. */
  readonly depth: number;
  readonly notBefore: number;
  readonly notAfter: number;
  /** Throws `MandateForbids`, or what is wrong with the time, unless the act is allowed now (Unix seconds). */
  requireAllowed(act: Act, now: number): void;
}

interface Understood {
  readonly link: Link;
  readonly document: MandateDocument;
}

/**
 * Verifies the whole chain of a mandate up to the present owner's signature. Throws `UnresolvedConstraint` where it holds
 * a constraint that isn't known, in whichever link.
 */
export async function verifyMandate(text: string, context: MandateContext): Promise<VerifiedMandate> {
  const links = decodeLinks(text).map((link): Understood => ({ link, document: readDocument(link.document) }));
  const [first, ...others] = links as [Understood, ...Understood[]];
  // What costs nothing comes first; the chain is asked only about what holds together by itself.
  let last = first;
  for (const next of others) {
    await requireDerived(next, last, context);
    last = next;
  }
  await requireOwner(first, context);
  const { agent, holder, notBefore, notAfter } = last.document;
  return {
    agent,
    holder,
    depth: others.length,
    notBefore,
    notAfter,
    requireAllowed: (act, now) => requireAllowed(last.document, act, now),
  };
}

async function requireDerived(next: Understood, last: Understood, { deployment, crypto }: MandateContext) {
  const { document, link } = next;
  const parent: Bytes32 = hashJson(last.link.document);
  if (document.parent !== parent || document.tenure !== null) throw invalid("a link names another one as its parent");
  checkNarrower(document, last.document);
  const preimage = holderPreimage(deployment, link.document);
  if (!isHex(link.signature, 64) || !(await crypto.verify(last.document.holder, preimage, link.signature))) {
    throw invalid("a link is not signed by the holder of the one before it");
  }
}

async function requireOwner({ document, link }: Understood, { deployment, principals }: MandateContext) {
  const { agent, tenure, parent } = document;
  if (tenure === null || parent !== null) throw invalid("its first link is not the owner's");
  if (!isHex(link.signature)) throw invalid("its first link is not signed");
  const ownership = await principals.ownership(agent);
  if (ownership.tenure !== tenure) {
    throw new ParleyError("MandateEnded", `the owner who signed the mandate doesn't own agent ${agent} any more`, {
      hint: "ask the present owner for a mandate",
      facts: { tenure, present: ownership.tenure },
    });
  }
  const digest = ownerDigest(deployment, agent, link.document);
  // As on the chain: the key behind an address is asked before the code at it.
  if (recoverWallet(digest, link.signature) === ownership.owner) return;
  if (await principals.signedBy(ownership.owner, digest, link.signature)) return;
  throw invalid(`it is not signed by the owner of agent ${agent}`);
}

function requireAllowed({ notBefore, notAfter, rules }: MandateDocument, act: Act, now: number): void {
  if (now < notBefore || now > notAfter || act.commitBy > notAfter) {
    const what =
      now < notBefore || now > notAfter ? `it is ${now}` : `the deal could be committed until ${act.commitBy}`;
    throw new ParleyError("MandateOutOfTime", `the mandate counts from ${notBefore} to ${notAfter}, and ${what}`, {
      hint: "ask for a mandate that lasts longer, or name an earlier `commitBy`",
    });
  }
  for (const rule of rules.values()) {
    if (rule.allows(act)) continue;
    throw new ParleyError("MandateForbids", `the mandate's constraint '${rule.type}' forbids this deal`, {
      hint: "deal within the mandate, or ask whoever gave it for a wider one",
      facts: { constraint: rule.type },
    });
  }
}

function invalid(what: string): ParleyError<"MandateInvalid"> {
  return new ParleyError("MandateInvalid", `the mandate is worth nothing: ${what}`);
}
