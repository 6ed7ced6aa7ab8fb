import { toHex } from "../../kernel/bytes.ts";
import type { AgentId } from "../../kernel/ids.ts";
import type { Entropy } from "../../kernel/random.ts";
import type { Deployment } from "../../ports/chain.ts";
import { certificateToHex } from "../../terms/certificate.ts";
import { encodePart, signingInput } from "../../terms/jwt.ts";
import { agentName } from "../agent-name.ts";
import { ES256, keyIdOf, signEs256 } from "../es256.ts";
import type { SigningKeys } from "../signing-keys.ts";

/** The media type of our tokens; so no other JWT that the same key may sign can be taken for one. */
export const TOKEN_TYPE = "parley-agent+jwt";

/** Long enough to cross a network, too short to be worth stealing. */
const LIFETIME_S = 60;

/** What a token says. */
export interface TokenRequest {
  readonly agent: AgentId;
  /** Whom it is for: nobody else takes it. */
  readonly audience: string;
  /** Unix seconds. */
  readonly now: number;
  readonly lifetime?: number;
}

/**
 * Shows somebody who we are: a JWT that counts for one audience, for a minute, once. It brings the wallet's certificate
 * along, so that whoever gets it needs nothing but the registry.
 */
export async function issueToken(
  keys: SigningKeys,
  deployment: Deployment,
  entropy: Entropy,
  { agent, audience, now, lifetime = LIFETIME_S }: TokenRequest,
): Promise<string> {
  const certificate = keys.certificate(now + lifetime);
  const header = { alg: ES256, typ: TOKEN_TYPE, kid: keyIdOf(certificate), cert: certificateToHex(certificate) };
  const name = agentName(deployment, agent);
  const jti = toHex(entropy.bytes(16)).slice(2);
  const claims = { iss: name, sub: name, aud: audience, iat: now, exp: now + lifetime, jti };
  const [head, body] = [encodePart(header), encodePart(claims)];
  return `${head}.${body}.${await signEs256(keys.signer(certificate.key), signingInput(head, body))}`;
}
