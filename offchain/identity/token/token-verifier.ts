import type { Clock } from "../../kernel/clock.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { AgentId } from "../../kernel/ids.ts";
import type { Deployment } from "../../ports/chain.ts";
import type { Crypto } from "../../ports/crypto.ts";
import type { JsonObject } from "../../terms/canonical-json.ts";
import { type Certificate, certificateFromHex } from "../../terms/certificate.ts";
import { JsonReader } from "../../terms/json-reader.ts";
import { parseJwt } from "../../terms/jwt.ts";
import { agentNamed } from "../agent-name.ts";
import type { CertificateVerifier } from "../certificate.ts";
import { keyIdOf, requireEs256, verifyEs256 } from "../es256.ts";
import type { ReplayGuard } from "./replay-guard.ts";
import { TOKEN_TYPE } from "./token.ts";

export interface TokenVerifierOptions {
  readonly deployment: Deployment;
  readonly certificates: CertificateVerifier;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly replays: ReplayGuard;
  /** Who we are; a token for anybody else is refused. */
  readonly audience: string;
  /** Clocks differ by up to so many seconds. */
  readonly leeway?: number;
  /** The longest that a token may count, in seconds: so long it has to be remembered. */
  readonly mostLifetime?: number;
}

interface Claims {
  readonly agent: AgentId;
  readonly audience: string;
  readonly issuedAt: number;
  readonly expires: number;
  readonly id: string;
}

const MOST_TEXT = 1_000;

/** Verifies tokens that agents issue. */
export class TokenVerifier {
  readonly #options: TokenVerifierOptions;
  readonly #leeway: number;
  readonly #mostLifetime: number;

  constructor(options: TokenVerifierOptions) {
    this.#options = options;
    this.#leeway = options.leeway ?? 60;
    this.#mostLifetime = options.mostLifetime ?? 300;
  }

  /** Whose token it is. Rejects for anything but a good one that was not used before. */
  async verify(token: string): Promise<AgentId> {
    const { clock, crypto, certificates, replays } = this.#options;
    const { header, claims, signature, input } = parseJwt(token);
    const certificate = readHeader(header);
    const read = this.#readClaims(claims);
    const now = Math.floor(clock.now() / 1000);
    this.#checkTimes(read, now);
    if (!(await verifyEs256(crypto, certificate.key, input, signature))) {
      throw new ParleyError("BadSignature", "the token's signature is not good");
    }
    // What forgers can make us do ends here; the registry is asked for those who hold the key that they name.
    await certificates.verify(certificate, read.agent, now, now);
    // Last, so that nobody can use up the id of a token that isn't theirs.
    await replays.use(read.agent, read.id, read.expires + this.#leeway, now);
    return read.agent;
  }

  #readClaims(claims: JsonObject): Claims {
    const { deployment, audience } = this.#options;
    const reader = new JsonReader(claims, "token");
    const issuer = reader.text("iss", MOST_TEXT);
    const read: Claims = {
      agent: agentNamed(deployment, issuer),
      audience: reader.text("aud", MOST_TEXT),
      issuedAt: reader.integer("iat", 0, Number.MAX_SAFE_INTEGER),
      expires: reader.integer("exp", 0, Number.MAX_SAFE_INTEGER),
      id: reader.text("jti", 64),
    };
    if (reader.text("sub", MOST_TEXT) !== issuer) throw refused("its subject is not its issuer");
    reader.end();
    if (read.audience !== audience) throw refused("it is for somebody else");
    if (!/^[0-9a-f]{32}$/.test(read.id)) throw refused("its `jti` is not 16 bytes in hexadecimal");
    return read;
  }

  #checkTimes({ issuedAt, expires }: Claims, now: number): void {
    if (expires <= issuedAt || expires - issuedAt > this.#mostLifetime) {
      throw refused(`it counts for ${expires - issuedAt} s, which is not from 1 to ${this.#mostLifetime}`);
    }
    if (issuedAt > now + this.#leeway) throw refused(`it was issued at ${issuedAt}, it is ${now}`);
    // As a JWT has it: the second that it names is over already.
    if (expires + this.#leeway <= now) {
      throw new ParleyError("TokenExpired", `the token counted until ${expires}, it is ${now}`, {
        hint: "issue another one; if that is refused too, set the clock",
      });
    }
  }
}

function readHeader(header: JsonObject): Certificate {
  requireEs256(header);
  const reader = new JsonReader(header, "token");
  reader.raw("alg");
  reader.oneOf("typ", [TOKEN_TYPE]);
  const id = reader.bytes32("kid");
  const certificate = certificateFromHex(reader.text("cert", MOST_TEXT));
  reader.end();
  if (id === keyIdOf(certificate)) return certificate;
  throw refused("its `kid` names another key than its certificate");
}

function refused(why: string): ParleyError<"TokenRefused"> {
  return new ParleyError("TokenRefused", `the token is refused: ${why}`, {
    hint: "issue it with `issueToken`, for the audience that the server names",
  });
}
