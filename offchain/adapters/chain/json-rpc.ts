import { type IncomingMessage, Agent as PlainAgent, request as plainly } from "node:http";
import { request as securely, Agent as TlsAgent } from "node:https";
import {
  createTransport,
  type EIP1193RequestFn,
  HttpRequestError,
  RpcRequestError,
  TimeoutError,
  type Transport,
} from "viem";
import { messageOf, ParleyError } from "../../kernel/errors.ts";

export interface JsonRpcOptions {
  readonly timeoutMs: number;
  /** Most questions that go out in one request. */
  readonly batch: number;
  /** How often a question is asked again that wasn't answered; not at all if not given. */
  readonly retries?: number;
}

type Call = { readonly method: string; readonly params?: unknown };

interface Question {
  readonly call: Call;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** What a node says of one question. */
interface Answer {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** Connections to one node; what comes beyond waits for one of them. */
const SOCKETS = 64;

/** An answer that is longer is given up: nothing that is asked for is so long, but for ranges that can be asked for in parts. */
const MOST_BYTES = 10 << 20;

/** Of a node that says that an answer would be too long. */
const TOO_LONG = 413;

/** Characters of a page that a gateway answers with, as they stand in an error. */
const LONGEST_DETAIL = 500;

/**
 * Asks a node by JSON-RPC over HTTP. Questions of one moment share a request. It does what viem's own transport does, without `fetch`, which
 * takes as much of a processor as all else that is done for a question.
 */
export function jsonRpc(address: string, options: JsonRpcOptions): Transport {
  const { retries = 0 } = options;
  const node = new Node(address, options);
  return () =>
    createTransport(
      {
        ...{ key: "http", name: "JSON-RPC over HTTP", type: "http", retryCount: retries, timeout: options.timeoutMs },
        // What it resolves with is up to what was asked: no signature of ours could say it.
        request: ((call: Call) => node.ask(call)) as EIP1193RequestFn,
      },
      { url: node.address },
    );
}

class Node {
  readonly #url: URL;
  /** Without a password: it stands in errors. */
  readonly #address: string;
  readonly #options: JsonRpcOptions;
  readonly #agent: PlainAgent | TlsAgent;
  readonly #send: typeof plainly;
  readonly #headers: Readonly<Record<string, string>>;
  #waiting: Question[] = [];
  #next = 1;

  constructor(address: string, options: JsonRpcOptions) {
    this.#options = options;
    this.#url = readAddress(address);
    const isSecure = this.#url.protocol === "https:";
    const { username, password } = this.#url;
    this.#headers = username === "" ? {} : { authorization: basic(username, password) };
    [this.#url.username, this.#url.password] = ["", ""];
    this.#address = this.#url.href;
    this.#agent = new (isSecure ? TlsAgent : PlainAgent)({ keepAlive: true, maxSockets: SOCKETS });
    this.#send = isSecure ? securely : plainly;
  }

  get address(): string {
    return this.#address;
  }

  ask(call: Call): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call, resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    const questions = this.#waiting;
    this.#waiting = [];
    for (let at = 0; at < questions.length; at += this.#options.batch) {
      void this.#exchange(questions.slice(at, at + this.#options.batch));
    }
  }

  async #exchange(questions: readonly Question[]): Promise<void> {
    const first = this.#next;
    this.#next += questions.length;
    const asked = questions.map(({ call }, index) => ({ jsonrpc: "2.0", id: first + index, ...call }));
    const calls = questions.map(({ call }) => call);
    try {
      const answer = await this.#post(JSON.stringify(asked.length === 1 ? asked[0] : asked), calls);
      const answers = Array.isArray(answer) ? (answer as readonly Answer[]) : null;
      const byId = answers === null ? null : new Map(answers.map((one) => [one?.id, one]));
      for (const [index, question] of questions.entries()) {
        // To what it doesn't take as a whole a node answers with one error.
        this.#tell(question, byId === null ? (answer as Answer) : byId.get(first + index));
      }
    } catch (thrown) {
      for (const { reject } of questions) reject(thrown as Error);
    }
  }

  #tell({ call, resolve, reject }: Question, answer: Answer | undefined): void {
    const url = this.#address;
    if (answer === null || typeof answer !== "object")
      reject(new HttpRequestError({ body: call, url, details: "no answer to it" }));
    else if (answer.error) reject(new RpcRequestError({ body: call, error: answer.error, url }));
    else resolve(answer.result);
  }

  async #post(text: string, calls: readonly Call[]): Promise<unknown> {
    const { response, content } = await this.#transmit(text, calls);
    const { statusCode: status = 0, statusMessage = "" } = response;
    const isGood = status >= 200 && status < 300;
    const answer = parse(content);
    // A node may say by both status and content what is wrong: the content says more.
    if (isGood ? answer !== undefined : isError(answer)) return answer;
    const details = isGood ? "the answer is not JSON" : statusMessage || content.slice(0, LONGEST_DETAIL);
    throw new HttpRequestError({ ...this.#about(calls), status, details });
  }

  #transmit(text: string, calls: readonly Call[]): Promise<{ response: IncomingMessage; content: string }> {
    return new Promise((resolve, reject) => {
      let isAnswered = false;
      const fail = (error: Error) => {
        clearTimeout(timer);
        reject(error);
        request.destroy();
      };
      const lost = (cause: unknown) =>
        fail(new HttpRequestError({ ...this.#about(calls), cause: cause as Error, details: messageOf(cause) }));
      const headers = {
        ...this.#headers,
        "content-type": "application/json",
        "content-length": Buffer.byteLength(text),
      };
      const request = this.#send(this.#url, { method: "POST", agent: this.#agent, headers }, (response) => {
        isAnswered = true;
        const pieces: Buffer[] = [];
        let length = 0;
        response.on("data", (piece: Buffer) => {
          length += piece.length;
          pieces.push(piece);
          if (length <= MOST_BYTES) return;
          fail(
            new HttpRequestError({ ...this.#about(calls), status: TOO_LONG, details: `more than ${MOST_BYTES} bytes` }),
          );
        });
        response.once("error", lost);
        response.once("end", () => {
          clearTimeout(timer);
          resolve({ response, content: Buffer.concat(pieces).toString() });
        });
        response.once("close", () => {
          if (!response.complete) lost(new Error("the answer broke off"));
        });
      });
      const timer = setTimeout(
        () => fail(new TimeoutError({ body: { calls }, url: this.#address })),
        this.#options.timeoutMs,
      );
      request.once("error", lost);
      // Without a word of why, as where a server changes to another protocol.
      request.once("close", () => {
        if (!isAnswered) lost(new Error("the connection was closed"));
      });
      request.end(text);
    });
  }

  #about(calls: readonly Call[]) {
    return { body: { calls }, url: this.#address };
  }
}

function readAddress(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw new ParleyError("BadEndpoint", "the address of a chain's node is not an http: or https: URL", {
    hint: "give one such as http://127.0.0.1:8545",
  });
}

function basic(username: string, password: string): string {
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(credentials).toString("base64")}`;
}

function parse(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}

function isError(answer: unknown): boolean {
  const { error } = (answer ?? {}) as Answer;
  return typeof error?.code === "number" && typeof error.message === "string";
}
