import type { IncomingMessage, ServerResponse } from "node:http";
import { messageOf, ParleyError } from "../../../kernel/errors.ts";
import { serveKnown } from "../http/places.ts";
import { type HttpListening, listenHttp, refuse } from "../http/server.ts";
import type { CallAnswer, CallRequest } from "./client.ts";

/** Names the deal that a call is on account of, by its hash, or the newest one. Every call has it: see `openDoor`. */
export const DEAL_HEADER = "parley-deal";

/** Instead of a hash: the deal that was begun last. */
const NEWEST = "newest";

export interface DoorOptions {
  /** Makes the call; throws `TooManyCalls` where the deal has no place for it. `deal` is the hash that the header names; null for the newest. */
  readonly call: (deal: string | null, request: CallRequest) => Promise<CallAnswer>;
  /** Most bytes of a call's body. */
  readonly mostBytes: number;
  /** Calls under way at a time, of all deals: each is held in memory. */
  readonly mostCalls: number;
  readonly onTrouble: (error: ParleyError) => void;
}

/**
 * Where a buyer's own applications make their calls, as if the API were on this machine. Each costs money, so no web page may make
 * one: what a browser sends names another host, an origin, or where it is from. An image or a link of an old browser's names none of
 * these, but can't have a header of ours: that takes a question beforehand, which has an origin.
 */
export async function openDoor(address: string, options: DoorOptions): Promise<HttpListening> {
  let host = "";
  let underWay = 0;
  const door = await listenHttp(address, async (request, response) => {
    if (underWay >= options.mostCalls) {
      return refuse(response, 503, "TooManyCalls", `have at most ${options.mostCalls} calls under way, and call again`);
    }
    underWay++;
    serveKnown(request, response);
    try {
      await answer(request, response, host, options);
    } catch (thrown) {
      // Who hung up needs no answer, and is no trouble.
      if (response.closed || request.socket.destroyed) return;
      if (thrown instanceof ParleyError && thrown.code === "TooManyCalls") {
        return refuse(response, 503, thrown.code, thrown.hint ?? "call again");
      }
      const error = thrown instanceof ParleyError ? thrown : doorFailed(thrown);
      refuse(response, 502, error.code, error.hint ?? "see what the agent says");
      options.onTrouble(error);
    } finally {
      underWay--;
    }
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
  if (headers.host !== host || headers.origin !== undefined || isOfPage(headers["sec-fetch-site"])) {
    return refuse(
      response,
      403,
      "ForeignCaller",
      `call http://${host} from a program of this machine, not from a web page`,
    );
  }
  const { [DEAL_HEADER]: deal, ...others } = headers;
  if (typeof deal !== "string" || deal === "") {
    return refuse(response, 403, "DealUnnamed", `send ${DEAL_HEADER}: ${NEWEST}, or the hash of the deal that pays`);
  }
  const body = await readBody(request, mostBytes);
  if (body === null) return refuse(response, 413, "TooLarge", `send at most ${mostBytes} bytes`);
  const came = await call(deal === NEWEST ? null : deal, { method, path: url, headers: others, body });
  response.writeHead(came.status, { ...came.headers, "content-length": came.body.length });
  response.end(came.body);
}

/** What browsers say of a request: a page of another site's, or of another port of this machine's. */
function isOfPage(site: string | string[] | undefined): boolean {
  return site !== undefined && site !== "none" && site !== "same-origin";
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
