import { ParleyError } from "../../kernel/errors.ts";
import type { AgentId } from "../../kernel/ids.ts";
import type { Authenticator, Credentials } from "../../ports/authenticator.ts";
import { bearerToken, parseJwt } from "../../terms/jwt.ts";
import { TOKEN_TYPE } from "../token/token.ts";
import type { TokenVerifier } from "../token/token-verifier.ts";

/** Agents by their TLS certificates: a SHA-256 fingerprint in hexadecimal, or an alternative name such as `DNS:a.example`. */
export class ClientCertificates implements Authenticator {
  readonly challenge = null;
  readonly #agents: ReadonlyMap<string, AgentId>;

  constructor(agents: ReadonlyMap<string, AgentId>) {
    this.#agents = new Map([...agents].map(([name, agent]) => [normalName(name), agent]));
  }

  async authenticate({ certificate }: Credentials): Promise<AgentId | null> {
    if (certificate === null) return null;
    const found = [certificate.fingerprint, ...certificate.names].flatMap((name) => {
      const agent = this.#agents.get(normalName(name));
      return agent === undefined ? [] : [agent];
    });
    const [agent, ...others] = new Set(found);
    if (agent !== undefined && others.length === 0) return agent;
    const what = agent === undefined ? "no agent's" : "several agents'";
    throw new ParleyError("Unauthenticated", `the client's certificate ${certificate.fingerprint} is ${what}`, {
      hint: "let the server's operator map this certificate to one agent",
    });
  }
}

/** Agents by the tokens that they issue themselves. */
export class AgentTokens implements Authenticator {
  readonly challenge = 'Bearer realm="parley"';
  readonly #verifier: TokenVerifier;

  constructor(verifier: TokenVerifier) {
    this.#verifier = verifier;
  }

  async authenticate({ authorization }: Credentials): Promise<AgentId | null> {
    const token = bearerToken(authorization);
    // Another issuer's token is somebody else's to judge.
    return token === null || !isAgentToken(token) ? null : await this.#verifier.verify(token);
  }
}

/**
 * Several ways to show who one is. Whatever is shown has to be good, and all of it has to mean one agent: a good
 * certificate doesn't make up for a stolen token.
 */
export class Several implements Authenticator {
  readonly challenge: string | null;
  readonly #ways: readonly Authenticator[];

  constructor(ways: readonly Authenticator[]) {
    this.#ways = ways;
    this.challenge = ways.find(({ challenge }) => challenge !== null)?.challenge ?? null;
  }

  async authenticate(credentials: Credentials): Promise<AgentId | null> {
    let agent: AgentId | null = null;
    for (const way of this.#ways) {
      const shown = await way.authenticate(credentials);
      if (shown !== null && agent !== null && shown !== agent) {
        throw new ParleyError("Unauthenticated", `what was shown means agent ${agent} as well as agent ${shown}`);
      }
      agent = shown ?? agent;
    }
    return agent;
  }
}

function isAgentToken(token: string): boolean {
  try {
    return parseJwt(token).header["typ"] === TOKEN_TYPE;
  } catch {
    return false;
  }
}

/** Fingerprints come with colons and in capitals; the kind of a name is written either way, and DNS has no case. */
function normalName(name: string): string {
  const fingerprint = name.replaceAll(":", "").toLowerCase();
  if (/^[0-9a-f]{64}$/.test(fingerprint)) return fingerprint;
  return name.replace(/^DNS:.*$/i, (text) => text.toLowerCase()).replace(/^[A-Za-z]+:/, (kind) => kind.toUpperCase());
}
