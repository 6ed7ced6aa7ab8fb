import type { IncomingMessage, ServerResponse } from "node:http";
import { BatchRelay } from "../adapters/chain/batch-relay.ts";
import { connectRpc } from "../adapters/chain/rpc.ts";
import { Sender } from "../adapters/chain/sender.ts";
import { verifyContracts } from "../adapters/chain/verify-contracts.ts";
import { serveKnown } from "../adapters/connector/http/places.ts";
import { listenHttp, refuse, type ServerTls } from "../adapters/connector/http/server.ts";
import { NodeCrypto } from "../adapters/crypto/node/crypto.ts";
import { SqliteJournal } from "../adapters/journal/sqlite/journal.ts";
import { utf8 } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { Secret } from "../kernel/secret.ts";
import type { Inclusion } from "../ports/chain.ts";
import { checkCarried } from "../settlement/carried.ts";
import { type CarriedAgreement, readAgreement } from "../terms/agreement-json.ts";
import { type Json, parseCanonicalJson } from "../terms/canonical-json.ts";
import { hashDeal } from "../terms/deal.ts";
import { domainSeparator, settlementDomain } from "../terms/eip712.ts";
import { JsonReader } from "../terms/json-reader.ts";
import { loadTls } from "./admission.ts";
import { SystemClock } from "./clock.ts";
import { Quotas } from "./quotas.ts";
import type { RelayConfig } from "./relay-config.ts";

/** More than any agreement has: two messages with a deal, two certificates. */
const MOST_BYTES = 16_384;

/** Milliseconds in which a request has to come in whole. */
const REQUEST_MS = 10_000;

const MINUTE_MS = 60_000;

/** Addresses that are counted at a time. */
const MOST_ADDRESSES = 10_000;

/** What became of an agreement, or what stands in the way of all. */
export type RelayEvent =
  | { readonly event: "ready"; readonly url: string; readonly payer: string }
  | { readonly event: "committed"; readonly deal: Bytes32; readonly transaction: Bytes32; readonly gasUsed: string }
  | { readonly event: "refused"; readonly code: string; readonly deal: Bytes32 | null }
  | { readonly event: "trouble"; readonly code: string; readonly message: string; readonly hint: string | null };

export interface RunningRelay {
  readonly url: string;
  /** Takes nothing more, and leaves what was signed to the next start. */
  stop(): Promise<void>;
}

/**
 * Carries other agents' agreements to the chain, and pays for the gas: whoever holds an agreement may. Each is verified before anything is sent,
 * here and by a trial on the chain. It keeps no agreement: who has sent one waits for the answer, and commits by itself if none comes.
 */
export async function startRelay(
  config: RelayConfig,
  wallet: Secret<Bytes32>,
  tell: (event: RelayEvent) => void,
): Promise<RunningRelay> {
  const { deployment } = config;
  const tls = config.tls === null ? null : await loadTls(config.tls);
  const rpc = await connectRpc(config.rpc);
  await verifyContracts(rpc, deployment);
  const clock = new SystemClock();
  const journal = new SqliteJournal(config.journal);
  const onTrouble = ({ code, message, hint }: ParleyError) =>
    tell({ event: "trouble", code, message, hint: hint ?? null });
  const sender = new Sender(rpc, wallet.reveal(), { journal, onTrouble });
  const relay = new BatchRelay(rpc, sender, deployment, clock, config.batch);
  const quotas = new Quotas(clock, config.perMinute, MINUTE_MS, MOST_ADDRESSES);
  const separator = domainSeparator(settlementDomain(deployment.chainId, deployment.settlement));
  const crypto = new NodeCrypto();
  let waiting = 0;

  const listening = await listenHttp(
    config.listen,
    (request, response) => {
      void serve(request, response).catch((thrown: unknown) => tellRefusal(response, thrown, null));
    },
    { tls: tls as ServerTls | null, requestMs: REQUEST_MS },
  ).catch(async (thrown: unknown) => {
    await journal.close();
    throw thrown;
  });
  // What an earlier process has signed is brought to its end, whether or not anybody asks for it again.
  void sender.resume().catch((thrown: unknown) => onTrouble(thrown as ParleyError));
  tell({ event: "ready", url: listening.url, payer: sender.address });
  return {
    url: listening.url,
    stop: async () => {
      relay.stop();
      await sender.stop();
      await listening.close();
      await journal.close();
    },
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url !== "/commitments") return refuse(response, 404, "NotFound", "POST an agreement to /commitments");
    if (request.method !== "POST") return refuse(response, 405, "MethodNotAllowed", "POST an agreement");
    if (!quotas.take(request.socket.remoteAddress ?? "")) return busy(response, "TooManyRequests", 60);
    if (waiting >= config.mostWaiting) return busy(response, "QueueFull", 5);
    waiting++;
    serveKnown(request, response);
    try {
      await commit(await readAgreementOf(request), response);
    } finally {
      waiting--;
    }
  }

  async function commit(agreement: CarriedAgreement, response: ServerResponse): Promise<void> {
    const deal = hashDeal(agreement.deal);
    try {
      await checkCarried(agreement, separator, crypto);
      const inclusion = await relay.commit(agreement.deal, agreement.proofs);
      tell({ event: "committed", deal, ...told(inclusion) });
      answer(response, { ...told(inclusion), block: inclusion.block.toString() });
    } catch (thrown) {
      tellRefusal(response, thrown, deal);
    }
  }

  function tellRefusal(response: ServerResponse, thrown: unknown, deal: Bytes32 | null): void {
    const known = thrown instanceof ParleyError ? thrown : new ParleyError("Unexpected", "something unforeseen");
    tell({ event: "refused", code: known.code, deal });
    refuse(response, statusOf(known), known.code, known.hint ?? "commit the deal yourself");
  }
}

function told({ transaction, gasUsed }: Inclusion) {
  return { transaction, gasUsed: gasUsed.toString() };
}

/** Whose fault it is: of the request, of the deal, or of this relay. */
function statusOf({ code, facts }: ParleyError): number {
  if (code === "Malformed" || code === "BadAgreement" || code === "Oversized") return 400;
  return facts["contractError"] === undefined ? 503 : 422;
}

async function readAgreementOf(request: IncomingMessage): Promise<CarriedAgreement> {
  try {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) throw new Error(`it is longer than ${MOST_BYTES} bytes`);
      chunks.push(chunk);
    }
    return readAgreement(new JsonReader(parseCanonicalJson(utf8.decode(Buffer.concat(chunks))), ""));
  } catch (cause) {
    const hint = `send it whole, as canonical JSON of ${MOST_BYTES} bytes at most`;
    throw new ParleyError("Malformed", "that is no agreement", { hint, cause });
  }
}

function answer(response: ServerResponse, body: { readonly [name: string]: Json }): void {
  const text = JSON.stringify(body);
  response.writeHead(200, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
  });
  response.end(text);
}

function busy(response: ServerResponse, code: string, seconds: number): void {
  response.setHeader("retry-after", seconds);
  refuse(response, 429, code, `come again in ${seconds} s, or commit the deal yourself`);
}
