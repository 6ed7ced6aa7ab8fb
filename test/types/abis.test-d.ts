/** viem infers arguments and results from the generated ABIs: they must stay literal. */
import type { ContractFunctionArgs, ContractFunctionReturnType } from "viem";
import type { testTokenAbi } from "../../offchain/adapters/chain/abis.ts";
import { type Equal, expectType } from "./expect.ts";

type Abi = typeof testTokenAbi;

expectType<Equal<ContractFunctionArgs<Abi, "view", "balanceOf">, readonly [`0x${string}`]>>();
expectType<Equal<ContractFunctionReturnType<Abi, "view", "balanceOf">, bigint>>();

// @ts-expect-error A comparison that doesn't hold doesn't compile.
expectType<Equal<ContractFunctionReturnType<Abi, "view", "balanceOf">, string>>();
