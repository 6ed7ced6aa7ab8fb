import type { Scenario } from "../scenario.ts";
import { BARTER } from "./barter.ts";
import { DISPUTES } from "./disputes.ts";
import { FAULTS } from "./faults.ts";
import { PLAIN } from "./plain.ts";

export const SCENARIOS: readonly Scenario[] = [...PLAIN, ...FAULTS, ...DISPUTES, BARTER];
