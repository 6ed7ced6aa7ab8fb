// Transactions to the four contracts that steps call.
import type { Interface } from "ethers";
import type { Plan } from "../plan.ts";
import type { Run } from "../run.ts";
import type { Payout, State } from "../state.ts";

type Target = keyof Run["chain"]["address"];

export interface Call {
  name: string;
  from: string;
  target?: Target;
  method: string;
  args: readonly unknown[];
  value?: bigint;
  // biome-ignore lint/suspicious/noConfusingVoidType: most operations return nothing
  model: (draft: State) => Payout | undefined | void | string;
}

/** A plan of one call. What the model returns counts only if it is a payout. */
export function call(run: Run, { target = "settlement", method, args, model, ...rest }: Call): Plan {
  const contract = run.chain[target].interface as unknown as Interface;
  return {
    ...rest,
    to: run.chain.address[target],
    data: contract.encodeFunctionData(method, args),
    model: (draft) => {
      const payout = model(draft);
      return typeof payout === "object" ? payout : undefined;
    },
  };
}
