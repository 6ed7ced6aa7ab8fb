import type { EstimateContractGasParameters } from "viem";
import type { Hex } from "../../kernel/bytes.ts";
import type { Address } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { Rpc } from "./rpc.ts";

interface Request {
  readonly to: Address;
  readonly data: Hex;
  readonly value: Amount;
}

/** More than the estimate said: the same function takes some more another time. */
const [MARGIN, OF] = [12n, 10n];

export function withMargin(gas: bigint): bigint {
  return (gas * MARGIN) / OF;
}

/**
 * After so many calls it is found out anew what a function takes: one that took much once must not bind so much coin, and so much of a
 * block, for good. It costs little, spread over that many.
 */
const USES = 50;

/**
 * How much gas calls take. A node finds that out by trying a call again and again with less of it, which costs it ten times as much as
 * the call: so what a function took is remembered for a while, and the next call of it only tried once, with that.
 */
export class GasBook {
  readonly #rpc: Rpc;
  readonly #account: Address;
  /** By contract and function. */
  readonly #known = new Map<string, { readonly gas: bigint; uses: number }>();

  constructor(rpc: Rpc, account: Address) {
    this.#rpc = rpc;
    this.#account = account;
  }

  /**
   * What a call takes at most as things are now; rejects as `estimate` does where it would be refused. Where it `isSure` that it isn't, what
   * is remembered will do.
   */
  async limit(request: Request, trial: EstimateContractGasParameters, isSure = false): Promise<bigint> {
    const name = nameOf(request);
    const known = this.#known.get(name);
    const isFresh = known !== undefined && ++known.uses <= USES;
    if (isFresh && (isSure || (await this.#suffices(request, known.gas)))) return known.gas;
    const gas = withMargin(await this.#rpc.reads.estimateContractGas(trial));
    if (!isFresh || gas > known.gas) this.#known.set(name, { gas, uses: 0 });
    return gas;
  }

  /** What was sent with that has failed: it may have been too little. */
  forget(request: Request): void {
    this.#known.delete(nameOf(request));
  }

  /** False too where the call is refused: by which name, the estimate tells. */
  async #suffices(request: Request, gas: bigint): Promise<boolean> {
    try {
      await this.#rpc.reads.call({ ...request, gas, account: this.#account });
      return true;
    } catch {
      return false;
    }
  }
}

/** The contract and its function. */
function nameOf({ to, data }: Request): string {
  return `${to}${data.slice(0, 10)}`;
}
