import { messageOf, ParleyError } from "../../../kernel/errors.ts";
import type { Bytes32 } from "../../../kernel/ids.ts";
import type { Order, Rejection, Supply } from "../../../ports/connector.ts";
import { evidenceOf } from "../../../terms/delivery-proof.ts";
import { digestIn } from "../../../terms/delivery-terms.ts";
import type { ArtifactServer } from "./artifact-server.ts";
import { type Digested, digestFile } from "./digest.ts";

/** A seller's file: each deal that names its digest is delivered by serving it to the buyer. */
export class ArtifactSupply implements Supply {
  readonly #file: string;
  readonly #server: ArtifactServer;
  #known: Promise<Digested> | null = null;

  constructor(file: string, server: ArtifactServer) {
    this.#file = file;
    this.#server = server;
  }

  /** A deal about another file can't be kept: better nothing is committed. */
  async reserve({ terms }: Order): Promise<Rejection | null> {
    const { digest } = await this.#digested();
    const wanted = terms === null ? null : digestIn(terms);
    if (wanted === digest) return null;
    return { code: "NotForSale", note: `the terms' digest is ${wanted ?? "absent"}, the file here is ${digest}` };
  }

  /** What it sells. */
  async digest(): Promise<Bytes32> {
    return (await this.#digested()).digest;
  }

  async deliver(order: Order): Promise<Bytes32> {
    await this.resume(order);
    return evidenceOf({ kind: "hash", digest: await this.digest() });
  }

  /** Serves a deal's file: also after a restart, when it was delivered long ago. */
  async resume({ deal, dealHash, transcript }: Order): Promise<void> {
    const digested = await this.#digested();
    this.#server.offer({ dealHash, transcript, buyer: deal.buyer, file: this.#file, ...digested });
  }

  async release(order: Order): Promise<void> {
    this.#server.withdraw(order);
  }

  /** Read once: a file that changes meanwhile is no longer what was sold, and the buyer finds that out too. */
  async #digested(): Promise<Digested> {
    this.#known ??= digestFile(this.#file);
    try {
      return await this.#known;
    } catch (cause) {
      this.#known = null;
      throw new ParleyError("ArtifactUnavailable", `${this.#file} can't be read: ${messageOf(cause)}`, {
        hint: "name a file in `deliver.artifact` that is there, and readable for the agent's user",
        retryable: true,
        facts: { file: this.#file },
        cause,
      });
    }
  }
}
