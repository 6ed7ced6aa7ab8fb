import type { Address } from "../../kernel/ids.ts";
import type { Rpc } from "./rpc.ts";

export interface GapOptions {
  /** How often it is asked, each time. */
  readonly looks: number;
  readonly pause: () => Promise<void>;
  /** How long it has to be so. */
  readonly patienceMs: number;
}

/**
 * Finds out whether nothing is under an account's next nonce. One answer isn't enough: a node may not have heard of what waits there, or have
 * just been started; and whoever has lost something gets time to offer it again.
 */
export class Gap {
  readonly #rpc: Rpc;
  readonly #address: Address;
  readonly #options: GapOptions;
  #seen: { readonly nonce: number; readonly since: number } | null = null;

  constructor(rpc: Rpc, address: Address, options: GapOptions) {
    [this.#rpc, this.#address, this.#options] = [rpc, address, options];
  }

  async look(nonce: number): Promise<"free" | "perhaps" | "taken"> {
    const { looks, pause, patienceMs } = this.#options;
    for (let look = 0; look < looks; look++) {
      if (look > 0) await pause();
      const next = await this.#rpc.reads.getTransactionCount({ address: this.#address, blockTag: "pending" });
      if (next === nonce) continue;
      this.#seen = null;
      return "taken";
    }
    const now = performance.now();
    if (this.#seen?.nonce !== nonce) this.#seen = { nonce, since: now };
    if (now - this.#seen.since < patienceMs) return "perhaps";
    this.#seen = null;
    return "free";
  }
}
