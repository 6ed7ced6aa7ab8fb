import { messageOf, ParleyError } from "../../kernel/errors.ts";
import type { Bytes32 } from "../../kernel/ids.ts";
import type { Deployment, Inclusion, SessionProofs } from "../../ports/chain.ts";
import { agreementToJson } from "../../terms/agreement-json.ts";
import { canonicalJson, type Json } from "../../terms/canonical-json.ts";
import { type Deal, hashDeal } from "../../terms/deal.ts";
import { JsonReader } from "../../terms/json-reader.ts";
import { BatchResult } from "./batch.ts";
import type { Rpc } from "./rpc.ts";

/** Brings an agreement to the chain. */
export interface Committer {
  commit(deal: Deal, proofs: SessionProofs): Promise<Inclusion>;
}

export interface RemoteRelayOptions {
  /** Where the relay takes agreements. */
  readonly url: string;
  /** Most milliseconds that its answer is waited for. */
  readonly waitMs?: number;
  /** Told where a deal is committed without it. */
  readonly onTrouble: (error: ParleyError) => void;
}

const USUAL_WAIT_MS = 60_000;

/** So long before `commitBy` it is left to nobody else any more, in seconds. */
const OURS_S = 300;

const MOST_ANSWER_BYTES = 4_096;

/**
 * Lets somebody else bring agreements to the chain, and pay for the gas. It is not trusted: what it says counts once our own node shows the
 * deal, and if it says anything else, or nothing, the deal is committed by ourselves.
 */
export class RemoteRelay implements Committer {
  readonly #rpc: Rpc;
  readonly #deployment: Deployment;
  readonly #own: Committer;
  readonly #options: RemoteRelayOptions;
  readonly #stopping = new AbortController();

  constructor(rpc: Rpc, deployment: Deployment, own: Committer, options: RemoteRelayOptions) {
    this.#rpc = rpc;
    this.#deployment = deployment;
    this.#own = own;
    this.#options = options;
  }

  async commit(deal: Deal, proofs: SessionProofs): Promise<Inclusion> {
    const { onTrouble } = this.#options;
    try {
      const { timestamp } = await this.#rpc.reads.getBlock();
      if (Number(timestamp) + OURS_S < deal.commitBy) return await this.#ask(deal, proofs);
    } catch (thrown) {
      if (this.#stopping.signal.aborted) throw stopped(thrown);
      onTrouble(unhelpful(thrown));
    }
    return await this.#own.commit(deal, proofs);
  }

  /** Waits for no answer any more. What the relay has by now it may still commit. */
  stop(): void {
    this.#stopping.abort();
  }

  async #ask(deal: Deal, proofs: SessionProofs): Promise<Inclusion> {
    const { url, waitMs = USUAL_WAIT_MS } = this.#options;
    const response = await fetch(new URL("commitments", url.endsWith("/") ? url : `${url}/`), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: canonicalJson(agreementToJson({ deal, proofs })),
      redirect: "error",
      signal: AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(waitMs)]),
    });
    const answer = new JsonReader(await readJson(response), "answer");
    if (!response.ok) throw new Error(`it refuses with ${answer.text("code")}`);
    return await this.#confirm(deal, answer.bytes32("transaction"));
  }

  /** Our own node has to show that this deal was committed there. */
  async #confirm(deal: Deal, hash: Bytes32): Promise<Inclusion> {
    const { logs, blockNumber: block } = await this.#rpc.reads.waitForTransactionReceipt({ hash, timeout: 15_000 });
    if (!new BatchResult(logs, this.#deployment.settlement).has(hashDeal(deal))) {
      throw new Error("the transaction that it names doesn't commit the deal");
    }
    // The gas was the relay's.
    return { transaction: hash, block, gasUsed: 0n };
  }
}

async function readJson({ body }: Response): Promise<Json> {
  if (body === null) throw new Error("its answer is empty");
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let [text, bytes] = ["", 0];
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MOST_ANSWER_BYTES) throw new Error(`its answer is longer than ${MOST_ANSWER_BYTES} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return JSON.parse(text + decoder.decode()) as Json;
}

function unhelpful(cause: unknown): ParleyError<"RelayFailed"> {
  return new ParleyError("RelayFailed", `the relay has not committed the deal: ${messageOf(cause)}`, {
    hint: "the agent commits it by itself; see whether the relay runs, and what it says",
    retryable: true,
    cause,
  });
}

function stopped(cause: unknown): ParleyError<"Stopped"> {
  return new ParleyError("Stopped", "committing the deal: it was stopped before the relay had answered", {
    hint: "start again: the chain tells whether the relay has committed it",
    retryable: true,
    cause,
  });
}
