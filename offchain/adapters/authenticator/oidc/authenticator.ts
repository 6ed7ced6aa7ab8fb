import type { Clock } from "../../../kernel/clock.ts";
import { ParleyError } from "../../../kernel/errors.ts";
import type { AgentId } from "../../../kernel/ids.ts";
import type { Authenticator, Credentials } from "../../../ports/authenticator.ts";
import type { Json, JsonObject } from "../../../terms/canonical-json.ts";
import { bearerToken, type Jwt, parseJwt } from "../../../terms/jwt.ts";
import { fits, isKnown, verifyWith } from "./algorithms.ts";
import { IssuerKeys, type KeyCacheSettings } from "./issuer-keys.ts";

export interface OidcOptions extends Partial<KeyCacheSettings> {
  /** The issuer, exactly as its tokens and its discovery document name it. */
  readonly issuer: string;
  /** What the issuer calls us; tokens for others are refused. */
  readonly audience: string;
  /** Which agent each subject speaks for; nobody else is let in. */
  readonly agents: ReadonlyMap<string, AgentId>;
  /** The claim that names the subject: `sub`, or e.g. `client_id`. */
  readonly claim?: string;
  readonly clock: Clock;
  /** Clocks differ by up to so many seconds. */
  readonly leeway?: number;
}

const SETTINGS: KeyCacheSettings = {
  timeoutMs: 5_000,
  mostBytes: 256 << 10,
  maxAgeMs: 10 * 60_000,
  cooldownMs: 30_000,
};

/** What an access token may call itself: RFC 9068's type, or JWT in general. */
const TYPES: readonly (Json | undefined)[] = [undefined, "JWT", "at+jwt", "application/at+jwt"];

/** Agents by the bearer tokens of an OAuth 2 authorization server that publishes its keys as OpenID Connect has it. */
export class OidcAuthenticator implements Authenticator {
  readonly challenge = 'Bearer realm="parley"';
  readonly #options: OidcOptions;
  readonly #keys: IssuerKeys;

  /** Throws `BadIssuer` where the issuer's address is none that keys can be trusted from. */
  constructor(options: OidcOptions) {
    this.#options = options;
    this.#keys = new IssuerKeys(options.issuer, options.clock, { ...SETTINGS, ...options });
  }

  async authenticate({ authorization }: Credentials): Promise<AgentId | null> {
    const token = bearerToken(authorization);
    const jwt = token === null ? null : parseOrNull(token);
    // Another issuer's token is somebody else's to judge.
    if (jwt === null || jwt.claims["iss"] !== this.#options.issuer) return null;
    this.#checkClaims(jwt.claims);
    await this.#verify(jwt);
    const subject = jwt.claims[this.#options.claim ?? "sub"];
    const agent = typeof subject === "string" ? this.#options.agents.get(subject) : undefined;
    if (agent !== undefined) return agent;
    throw refused("its subject is no agent's");
  }

  async #verify({ header, input, signature }: Jwt): Promise<void> {
    const { alg, kid, typ } = header;
    if (!isKnown(alg)) throw refused("its algorithm is not accepted");
    if (Object.hasOwn(header, "crit") || !TYPES.includes(typ))
      throw refused("its header asks for what isn't done here");
    const named = typeof kid === "string" ? kid : null;
    const candidates = await this.#keys.find((key) => fits(key, alg) && (named === null || key.id === named));
    // Without a name, one key has to be meant: trying many would let an old one pass for the new.
    const [key, ...others] = candidates;
    if (key === undefined || others.length > 0) throw refused("it doesn't name one key of the issuer's");
    if (!verifyWith(key, alg, input, signature)) throw refused("its signature is not good");
  }

  #checkClaims({ aud, exp, nbf, iat }: JsonObject): void {
    const { audience, clock, leeway = 60 } = this.#options;
    const now = Math.floor(clock.now() / 1000);
    const audiences = Array.isArray(aud) ? (aud as readonly Json[]) : [aud];
    if (!audiences.includes(audience)) throw refused("it is for somebody else");
    if (typeof exp !== "number" || exp + leeway <= now) throw refused("it has expired, or never does");
    for (const begin of [nbf, iat]) {
      if (begin !== undefined && !(typeof begin === "number" && begin <= now + leeway)) {
        throw refused("it doesn't count yet");
      }
    }
  }
}

function parseOrNull(token: string): Jwt | null {
  try {
    return parseJwt(token);
  } catch {
    return null;
  }
}

function refused(why: string): ParleyError<"TokenRefused"> {
  return new ParleyError("TokenRefused", `the issuer's token is refused: ${why}`, {
    hint: "get a new token from the issuer, for this audience",
  });
}
