import { parseAbi } from "viem";
import { ParleyError } from "../../kernel/errors.ts";
import { type Address, ZERO_ADDRESS } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import { chainError } from "./errors.ts";
import type { Rpc } from "./rpc.ts";

/** How a token's amounts are written. */
export interface TokenFacts {
  readonly token: Address;
  /** What it calls itself: anybody can deploy a token of any name. */
  readonly symbol: string;
  readonly decimals: number;
}

const abi = parseAbi([
  "function symbol() view returns (string)",
  "function decimals() view returns (uint8)",
  "function balanceOf(address) view returns (uint256)",
  "function allowance(address owner, address spender) view returns (uint256)",
]);

/** More than any amount of 128 bits can show. */
const MOST_DECIMALS = 38;
const LONGEST_SYMBOL = 16;

/** What amounts are called whose token has no name that could be shown. */
const UNITS = "units";

/** Reads tokens; the zero address is the chain's native coin. */
export class Tokens {
  readonly #rpc: Rpc;
  readonly #known = new Map<Address, Promise<TokenFacts>>();

  constructor(rpc: Rpc) {
    this.#rpc = rpc;
  }

  facts(token: Address): Promise<TokenFacts> {
    const known = this.#known.get(token) ?? this.#facts(token);
    this.#known.set(token, known);
    return known;
  }

  /** The same, for whoever only shows amounts: of a token that can't be read they are shown as they are. */
  async factsOrUnits(token: Address): Promise<TokenFacts> {
    try {
      return await this.facts(token);
    } catch (thrown) {
      if (!(thrown instanceof ParleyError) || thrown.code !== "TokenUnreadable") throw thrown;
      return { token, symbol: UNITS, decimals: 0 };
    }
  }

  balance(token: Address, holder: Address): Promise<Amount> {
    return this.#read(`reading what ${holder} holds`, () =>
      token === ZERO_ADDRESS
        ? this.#rpc.reads.getBalance({ address: holder })
        : this.#rpc.reads.readContract({ address: token, abi, functionName: "balanceOf", args: [holder] }),
    );
  }

  allowance(token: Address, owner: Address, spender: Address): Promise<Amount> {
    const args = [owner, spender] as const;
    return this.#read("reading the allowance", () =>
      this.#rpc.reads.readContract({ address: token, abi, functionName: "allowance", args }),
    );
  }

  async #facts(token: Address): Promise<TokenFacts> {
    if (token === ZERO_ADDRESS) return { token, symbol: "native coin", decimals: 18 };
    const code = await this.#read("reading the token's code", () => this.#rpc.reads.getCode({ address: token }));
    if (code === undefined || code === "0x") throw unreadable(token, "there is no contract");
    const contract = { address: token, abi } as const;
    const [decimals, symbol] = await Promise.all([
      this.#optional(() => this.#rpc.reads.readContract({ ...contract, functionName: "decimals" })),
      this.#optional(() => this.#rpc.reads.readContract({ ...contract, functionName: "symbol" })),
    ]);
    if (decimals === null || decimals > MOST_DECIMALS) throw unreadable(token, "it doesn't tell its decimals");
    return { token, decimals, symbol: plain(symbol ?? "") };
  }

  /** ERC-20 leaves a token's name open; null where it has none. Silence of the node is another matter. */
  async #optional<T>(read: () => Promise<T>): Promise<T | null> {
    try {
      return await read();
    } catch (thrown) {
      const error = chainError(thrown, "reading the token");
      if (error.code === "ChainUnreachable") throw error;
      return null;
    }
  }

  async #read<T>(doing: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (thrown) {
      throw chainError(thrown, doing);
    }
  }
}

/** A symbol that looks like a figure, or that holds what isn't seen, would make amounts say something else. */
function plain(symbol: string): string {
  return /^[A-Za-z][A-Za-z0-9.$₮-]*$/u.test(symbol) && symbol.length <= LONGEST_SYMBOL ? symbol : UNITS;
}

function unreadable(token: Address, because: string): ParleyError<"TokenUnreadable"> {
  return new ParleyError("TokenUnreadable", `${token} is no token that can be read: ${because}`, {
    hint: "check the token's address, and that the node is of the right chain; native coin is the zero address",
    facts: { token },
  });
}
