import { concat, fromHex, type Hex, utf8 } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import { keccakText } from "../../kernel/hash.ts";
import type { AgentId, Bytes32 } from "../../kernel/ids.ts";
import type { Deployment } from "../../ports/chain.ts";
import type { SessionSigner } from "../../ports/crypto.ts";
import { AbiWords } from "../../terms/abi-words.ts";
import { canonicalJson, hashJson, type JsonObject, parseCanonicalJson } from "../../terms/canonical-json.ts";
import { domainSeparator, registryDomain, typedDigest } from "../../terms/eip712.ts";
import { JsonReader } from "../../terms/json-reader.ts";
import type { Wallet } from "../wallet.ts";
import { checkNarrower } from "./attenuation.ts";
import { type MandateTerms, MOST_LINKS, readDocument, writeDocument } from "./document.ts";

/** A document and its signature: by the owner's wallet for the first link, by the holder before it for any other. */
export interface Link {
  readonly document: JsonObject;
  readonly signature: Hex;
}

const CREDENTIAL_TYPEHASH = keccakText("MandateCredential(uint256 agent,bytes32 credential)");

/** Sets these signatures apart from whatever else a key signs. */
const PURPOSE = utf8.encode("parley mandate, version 1\n");

const MOST_CHARACTERS = 128 << 10;

/** A contract wallet's signature may hold those of many people. */
const MOST_SIGNATURE_CHARACTERS = 8 << 10;

/** Has an agent's owner say what may be done in the agent's name. Costs no transaction; ends with its tenure. */
export async function issueMandate(
  owner: Wallet,
  deployment: Deployment,
  agent: AgentId,
  tenure: number,
  terms: MandateTerms,
): Promise<string> {
  const document = writeDocument(agent, { tenure }, terms);
  readDocument(document);
  return encodeLinks([{ document, signature: await owner.signDigest(ownerDigest(deployment, agent, document)) }]);
}

/** Passes on less of a mandate, by the key that holds it. */
export async function delegateMandate(
  mandate: string,
  holder: SessionSigner,
  deployment: Deployment,
  terms: MandateTerms,
): Promise<string> {
  const links = decodeLinks(mandate);
  const last = links.at(-1) as Link;
  const parent = readDocument(last.document);
  const document = writeDocument(parent.agent, { parent: hashJson(last.document) }, terms);
  checkNarrower(readDocument(document), parent);
  if (holder.publicKey.x !== parent.holder.x || holder.publicKey.y !== parent.holder.y) {
    throw new ParleyError("MandateInvalid", "the mandate is held by another key than the one that would pass it on");
  }
  const signature = await holder.sign(holderPreimage(deployment, document));
  return encodeLinks([...links, { document, signature }]);
}

export function decodeLinks(text: string): readonly Link[] {
  if (text.length > MOST_CHARACTERS) {
    throw new ParleyError("Malformed", `a mandate is longer than ${MOST_CHARACTERS} characters`);
  }
  const links = parseCanonicalJson(text);
  if (!Array.isArray(links) || links.length === 0 || links.length > MOST_LINKS) {
    throw new ParleyError("Malformed", `a mandate is a list of 1 to ${MOST_LINKS} links`);
  }
  return links.map((link, index) => {
    const reader = new JsonReader(link, `mandate.${index}`);
    const document = reader.raw("document") as JsonObject;
    const signature = reader.text("signature", MOST_SIGNATURE_CHARACTERS) as Hex;
    reader.end();
    return { document, signature };
  });
}

function encodeLinks(links: readonly Link[]): string {
  return canonicalJson(links.map(({ document, signature }) => ({ document, signature })));
}

/** What the owner's wallet signs. */
export function ownerDigest(deployment: Deployment, agent: AgentId, document: JsonObject): Bytes32 {
  const hash = new AbiWords(3).bytes32(CREDENTIAL_TYPEHASH).uint(agent, 256).bytes32(hashJson(document)).keccak256();
  return typedDigest(separatorOf(deployment), hash);
}

/** What a holder's key signs. */
export function holderPreimage(deployment: Deployment, document: JsonObject): Uint8Array {
  return concat(PURPOSE, fromHex(separatorOf(deployment)), fromHex(hashJson(document)));
}

function separatorOf({ chainId, registry }: Deployment): Bytes32 {
  return domainSeparator(registryDomain(chainId, registry));
}
