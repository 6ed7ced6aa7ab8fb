import { open } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { messageOf, ParleyError } from "../../../kernel/errors.ts";
import type { AgentId, Bytes32 } from "../../../kernel/ids.ts";
import type { Authenticator } from "../../../ports/authenticator.ts";
import { type DealName, dealIn, keyOf } from "../http/deal-path.ts";
import { serveKnown } from "../http/places.ts";
import { type HttpListening, type ListenOptions, listenHttp, refuse, whoAsks } from "../http/server.ts";
import { readRange } from "./range.ts";

/** Codes of what comes of a connection that the other side has closed. */
const GONE: readonly string[] = ["ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET", "EPIPE"];

/** Requests for one deal's file that are answered at a time. Its buyer has one under way, and maybe some that it gave up. */
const MOST_AT_ONCE = 8;

/** What a deal's buyer may fetch. */
export interface Offered extends DealName {
  readonly buyer: AgentId;
  readonly file: string;
  readonly digest: Bytes32;
  readonly bytes: number;
}

export interface ArtifactServerOptions extends ListenOptions {
  readonly authenticator: Authenticator;
  /** Told of what went wrong on our side while a file was served. */
  readonly onTrouble: (error: ParleyError) => void;
}

/** Serves the file of each deal to its buyer, and to nobody else. */
export class ArtifactServer {
  readonly #options: ArtifactServerOptions;
  readonly #offered = new Map<string, Offered>();
  /** How many are answered, by deal. */
  readonly #busy = new Map<string, number>();
  #listening: HttpListening | null = null;

  private constructor(options: ArtifactServerOptions) {
    this.#options = options;
  }

  static async listen(address: string, options: ArtifactServerOptions): Promise<ArtifactServer> {
    const server = new ArtifactServer(options);
    const answer = (request: IncomingMessage, response: ServerResponse) => {
      server.#answer(request, response).catch((thrown: unknown) => server.#fail(response, thrown));
    };
    server.#listening = await listenHttp(address, answer, options);
    return server;
  }

  /** Where it listens, with the port that it got. */
  get url(): string {
    return this.#listening?.url ?? "";
  }

  offer(offered: Offered): void {
    this.#offered.set(keyOf(offered), offered);
  }

  withdraw(name: DealName): void {
    this.#offered.delete(keyOf(name));
  }

  async close(): Promise<void> {
    await this.#listening?.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== "GET" && request.method !== "HEAD") {
      return refuse(response, 405, "MethodNotAllowed", "artifacts are fetched with GET");
    }
    const agent = await this.#identify(request);
    if (agent === null) {
      return refuse(response, 401, "Unauthenticated", "send a token of the buyer's agent for this address");
    }
    const name = dealIn((request.url ?? "").split("?", 1)[0] ?? "");
    const offered = name?.rest === "" ? this.#offered.get(keyOf(name)) : undefined;
    // Whether there is such a deal is its two sides' business.
    if (offered?.buyer !== agent)
      return refuse(response, 404, "NotFound", "nothing is delivered to you here, or not yet");
    const key = keyOf(offered);
    const busy = this.#busy.get(key) ?? 0;
    if (busy >= MOST_AT_ONCE) return refuse(response, 429, "TooManyRequests", "wait for the file to come");
    this.#busy.set(key, busy + 1);
    serveKnown(request, response);
    try {
      await this.#serve(offered, request, response);
    } finally {
      const left = (this.#busy.get(key) ?? 1) - 1;
      if (left === 0) this.#busy.delete(key);
      else this.#busy.set(key, left);
    }
  }

  async #identify(request: IncomingMessage): Promise<AgentId | null> {
    try {
      return await whoAsks(request, this.#options.authenticator);
    } catch (thrown) {
      if (thrown instanceof ParleyError && !thrown.retryable) return null;
      throw thrown;
    }
  }

  async #serve({ file, digest, bytes }: Offered, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const opened = await open(file, "r");
    try {
      const { size } = await opened.stat();
      if (size !== bytes) throw changed(file, bytes, size);
      const etag = `"${digest}"`;
      const isSame = request.headers["if-range"] === undefined || request.headers["if-range"] === etag;
      const span = isSame ? readRange(request.headers.range, bytes) : null;
      const common = { etag, "accept-ranges": "bytes", "cache-control": "no-store" };
      if (span === "unsatisfiable") {
        response.writeHead(416, { ...common, "content-range": `bytes */${bytes}`, "content-length": 0 }).end();
        return;
      }
      const { from, to } = span ?? { from: 0, to: bytes - 1 };
      response.writeHead(span === null ? 200 : 206, {
        ...common,
        "content-type": "application/octet-stream",
        "content-length": to - from + 1,
        ...(span === null ? {} : { "content-range": `bytes ${from}-${to}/${bytes}` }),
      });
      if (request.method === "HEAD" || bytes === 0) {
        response.end();
        return;
      }
      await pipeline(opened.createReadStream({ start: from, end: to, autoClose: false }), response);
    } finally {
      await opened.close();
    }
  }

  #fail(response: ServerResponse, thrown: unknown): void {
    const isGone = GONE.includes(String((thrown as { code?: unknown } | null)?.code));
    // The buyer hung up, and comes back for the rest.
    if (isGone) return;
    refuse(response, 503, "Unavailable", "try again in a while");
    this.#options.onTrouble(thrown instanceof ParleyError ? thrown : cantServe(thrown));
  }
}

function changed(file: string, expected: number, actual: number): ParleyError<"ArtifactChanged"> {
  return new ParleyError("ArtifactChanged", `${file} has ${actual} bytes, and had ${expected} when it was sold`, {
    hint: "put the file back that was sold: the buyer takes no other",
    facts: { file, expected, actual },
  });
}

function cantServe(cause: unknown): ParleyError<"ArtifactUnavailable"> {
  return new ParleyError("ArtifactUnavailable", `what was sold can't be served: ${messageOf(cause)}`, {
    hint: "see whether the file is there, and readable for the agent's user",
    cause,
  });
}
