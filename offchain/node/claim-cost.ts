import { FeeMarket } from "../adapters/chain/fees.ts";
import type { Rpc } from "../adapters/chain/rpc.ts";
import { ParleyError } from "../kernel/errors.ts";
import { type Address, toAddress, ZERO_ADDRESS } from "../kernel/ids.ts";
import type { Amount } from "../kernel/money.ts";
import { type GasPrice, gasCost, MEASURED_GAS, WEI_PER_COIN } from "../settlement/gas-cost.ts";
import type { Json } from "../terms/canonical-json.ts";
import { JsonReader } from "../terms/json-reader.ts";

/** What a whole native coin is worth in tokens, in their smallest units. */
export type CoinPrices = ReadonlyMap<Address, Amount>;

/** Most tokens that an agent is told a price for. */
const MOST_TOKENS = 100;

/** Prices as a configuration tells them: amounts by the tokens' addresses. */
export function readPrices(value: Json, path: string): CoinPrices {
  const reader = new JsonReader(value, path);
  const tokens = Object.keys(value as object);
  if (tokens.length > MOST_TOKENS) {
    throw new ParleyError("Malformed", `'${path}' must name at most ${MOST_TOKENS} tokens`, { facts: { path } });
  }
  return new Map(tokens.map((token) => [addressOf(token, reader.at(token)), reader.amount(token)] as const));
}

/** What gas costs at present, as one deals in a token; null for tokens without a price. */
export type GasPrices = (token: Address) => Promise<GasPrice | null>;

export function gasPrices(rpc: Rpc, prices: CoinPrices): GasPrices {
  const market = new FeeMarket(rpc);
  return async (token) => {
    const perCoin = token === ZERO_ADDRESS ? WEI_PER_COIN : prices.get(token);
    if (perCoin === undefined) return null;
    const { most: perGas } = await market.present();
    return { perGas, perCoin };
  };
}

/** What claiming a receipt costs at present; null for tokens without a price. */
export function claimCosts(priceIn: GasPrices): (token: Address) => Promise<Amount | null> {
  return async (token) => {
    const price = await priceIn(token);
    return price && gasCost(MEASURED_GAS.claimReceipt, price);
  };
}

function addressOf(token: string, path: string): Address {
  try {
    return toAddress(token);
  } catch (cause) {
    throw new ParleyError("Malformed", `'${path}' must be named by a token's address`, { cause, facts: { path } });
  }
}
