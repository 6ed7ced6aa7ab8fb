import type { Scenarios } from "../scenario.ts";
import { agentScenarios } from "./agents.ts";
import { dealScenarios } from "./deals.ts";
import { disputeScenarios } from "./disputes.ts";
import { faultScenarios } from "./faults.ts";
import { handOverScenarios } from "./handOver.ts";
import { treasuryScenarios } from "./treasury.ts";

/** Every operation whose gas is kept in the snapshot: of whole transactions, with the intrinsic 21,000 and calldata. */
export const scenarios: Scenarios = {
  ...agentScenarios,
  ...treasuryScenarios,
  ...dealScenarios,
  ...disputeScenarios,
  ...faultScenarios,
  ...handOverScenarios,
};
