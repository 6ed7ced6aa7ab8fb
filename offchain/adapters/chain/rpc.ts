import {
  type Account,
  type Chain as ChainDefinition,
  createPublicClient,
  createWalletClient,
  defineChain,
  http,
  type PublicClient,
  type Transport,
  type WalletClient,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { Bytes32 } from "../../kernel/ids.ts";
import { chainError } from "./errors.ts";

/** How often to ask for a receipt, in milliseconds. Local chains include a transaction at once. */
const POLLING_MS = 50;

/** A node of a chain that was reached and said which chain it is. */
export interface Rpc {
  readonly url: string;
  readonly chainId: number;
  readonly reads: PublicClient<Transport, ChainDefinition>;
}

export type Writes = WalletClient<Transport, ChainDefinition, Account>;

export async function connectRpc(url: string): Promise<Rpc> {
  const transport = http(url, { retryCount: 2, timeout: 20_000 });
  try {
    const chainId = await createPublicClient({ transport }).getChainId();
    const chain = chainOf(chainId, url);
    return { url, chainId, reads: createPublicClient({ chain, transport, pollingInterval: POLLING_MS }) };
  } catch (thrown) {
    throw chainError(thrown, `connecting to ${URL.canParse(url) ? new URL(url).host : "the chain's node"}`);
  }
}

/** Signs transactions with a key that is in this process. */
export function walletFor({ url, chainId }: Rpc, secret: Bytes32): Writes {
  const account = privateKeyToAccount(secret);
  return createWalletClient({ account, chain: chainOf(chainId, url), transport: http(url, { retryCount: 2 }) });
}

function chainOf(id: number, url: string): ChainDefinition {
  const nativeCurrency = { name: "Ether", symbol: "ETH", decimals: 18 };
  return defineChain({ id, name: `chain ${id}`, nativeCurrency, rpcUrls: { default: { http: [url] } } });
}
