import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import { messageOf, ParleyError } from "../../../kernel/errors.ts";
import type { AgentId } from "../../../kernel/ids.ts";
import type { ClientCertificate, Credentials } from "../../../ports/authenticator.ts";
import type { WebSocketSettings } from "./options.ts";

type Decide = (isIn: boolean, code?: number, message?: string, headers?: Record<string, string>) => void;

/** Decides who may open a WebSocket, before it is one. */
export class Admission {
  readonly #settings: WebSocketSettings;
  readonly #agents = new WeakMap<IncomingMessage, AgentId>();

  constructor(settings: WebSocketSettings) {
    this.#settings = settings;
  }

  /** Undefined where everybody may. */
  get verifyClient() {
    if (this.#settings.authenticator === null) return undefined;
    return ({ req }: { readonly req: IncomingMessage }, decide: Decide): void => {
      void this.#judge(req, decide);
    };
  }

  /** Which agent opened it; null where nobody asked. */
  agentOf(request: IncomingMessage): AgentId | null {
    return this.#agents.get(request) ?? null;
  }

  async #judge(request: IncomingMessage, decide: Decide): Promise<void> {
    const { authenticator, report } = this.#settings;
    const challenge = authenticator?.challenge ?? null;
    const headers = challenge === null ? {} : { "www-authenticate": challenge };
    try {
      const agent = (await authenticator?.authenticate(credentialsOf(request))) ?? null;
      if (agent === null) return decide(false, 401, "Unauthorized", headers);
      this.#agents.set(request, agent);
      decide(true);
    } catch (thrown) {
      const isOurs = !(thrown instanceof ParleyError) || thrown.retryable;
      // Who is turned away is told no more than that; why is for whoever runs the server.
      report(turnedAway(request, thrown));
      decide(false, isOurs ? 503 : 401, isOurs ? "Service Unavailable" : "Unauthorized", isOurs ? {} : headers);
    }
  }
}

function credentialsOf(request: IncomingMessage): Credentials {
  return { authorization: request.headers.authorization ?? null, certificate: certificateOf(request) };
}

/** A certificate that no authority of ours stands behind is none. */
function certificateOf({ socket }: IncomingMessage): ClientCertificate | null {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return null;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return null;
  const fingerprint = certificate.fingerprint256.replaceAll(":", "").toLowerCase();
  // Node quotes a name that could be taken for two, and writes commas in it otherwise: one name stays one.
  return { fingerprint, names: certificate.subjectAltName?.split(", ") ?? [] };
}

function turnedAway({ socket }: IncomingMessage, cause: unknown): ParleyError<"TurnedAway"> {
  const peer = `${socket.remoteAddress}:${socket.remotePort}`;
  return new ParleyError("TurnedAway", `${peer} was turned away: ${messageOf(cause)}`, {
    // It is no defect of ours: strangers must not fill the log with warnings. With other credentials it may succeed.
    retryable: true,
    facts: { peer },
    cause,
  });
}
