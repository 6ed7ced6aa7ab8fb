import type { IncomingMessage, ServerResponse } from "node:http";
import { messageOf, ParleyError } from "../../../kernel/errors.ts";
import { type HttpListening, listenHttp, refuse } from "../http/server.ts";
import type { CallAnswer, CallRequest } from "./client.ts";

/** Names the deal that a call is on account of, by its hash; without it, it is the newest one. */
export const DEAL_HEADER = "parley-deal";

export interface DoorOptions {
  /** Makes the call. `deal` is what the header names. */
  readonly call: (deal: string | null, request: CallRequest) => Promise<CallAnswer>;
  /** Most bytes of a call's body. */
  readonly mostBytes: number;
  readonly onTrouble: (error: ParleyError) => void;
}

/**
 * Where a buyer's own applications make their calls, as if the API were on this machine. Each costs money, so no web page may make
 * one: what a browser sends names another host, or an origin.
 */
export async function openDoor(address: string, options: DoorOptions): Promise<HttpListening> {
  let host = "";
  const door = await listenHttp(address, (request, response) => {
    answer(request, response, host, options).catch((thrown: unknown) => {
      // Who hung up needs no answer, and is no trouble.
      if (response.closed || request.socket.destroyed) return;
      const error = thrown instanceof ParleyError ? thrown : doorFailed(thrown);
      refuse(response, 502, error.code, error.hint ?? "see what the agent says");
      options.onTrouble(error);
    });
  });
  ({ host } = new URL(door.url));
  return door;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  host: string,
  { call, mostBytes }: DoorOptions,
): Promise<void> {
  const { headers, method = "GET", url = "/" } = request;
  if (headers.host !== host || headers.origin !== undefined) {
    return refuse(
      response,
      403,
      "ForeignCaller",
      `call http://${host} from a program of this machine, not from a web page`,
    );
  }
  const body = await readBody(request, mostBytes);
  if (body === null) return refuse(response, 413, "TooLarge", `send at most ${mostBytes} bytes`);
  const { [DEAL_HEADER]: deal, ...others } = headers;
  const came = await call(typeof deal === "string" ? deal : null, { method, path: url, headers: others, body });
  response.writeHead(came.status, { ...came.headers, "content-length": came.body.length });
  response.end(came.body);
}

async function readBody(request: IncomingMessage, most: number): Promise<Uint8Array | null> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    // Read to its end all the same: who still sends hears no answer.
    if (length <= most) pieces.push(piece);
  }
  return length > most ? null : Buffer.concat(pieces);
}

function doorFailed(cause: unknown): ParleyError<"CallFailed"> {
  return new ParleyError("CallFailed", `a call could not be made: ${messageOf(cause)}`, {
    hint: "call again; if that fails too, see what the agent says",
    cause,
  });
}
