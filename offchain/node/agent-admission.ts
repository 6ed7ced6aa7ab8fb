import { AgentTokens } from "../identity/authentication/authenticators.ts";
import { ReplayGuard } from "../identity/token/replay-guard.ts";
import { TokenVerifier } from "../identity/token/token-verifier.ts";
import type { Authenticator } from "../ports/authenticator.ts";
import type { AdmissionContext } from "./admission.ts";

/** Tokens of one agent that are remembered: each request has one, and each is good for a minute or two. */
const MOST_TOKENS = 200_000;

/** Takes agents' own tokens for the address by which they know us, which may not be known before we listen. */
export function admitAgents(context: AdmissionContext, url: () => string): Authenticator {
  let tokens: AgentTokens | null = null;
  return {
    challenge: "Bearer",
    authenticate: async (credentials) => {
      tokens ??= new AgentTokens(
        new TokenVerifier({
          ...context,
          audience: new URL(url()).origin,
          replays: new ReplayGuard({ mostOfAgent: MOST_TOKENS, most: 10 * MOST_TOKENS }),
        }),
      );
      return await tokens.authenticate(credentials);
    },
  };
}
