/** One of the threads that try policies. */
import { parentPort } from "node:worker_threads";
import type { Policy } from "../../../offchain/negotiation/strategies/policy.ts";
import { Course, drawScenarios, type Mark } from "./course.ts";

/** Policies to be marked over scenarios drawn from a seed. */
export interface Exam {
  readonly policies: readonly Policy[];
  readonly scenarios: number;
  readonly seed: number;
}

export interface Marks {
  readonly marks: readonly Mark[];
  readonly boulware: Mark;
}

parentPort?.on("message", ({ policies, scenarios, seed }: Exam) => {
  const course = new Course(drawScenarios(scenarios, seed));
  const marks: Marks = { marks: policies.map((policy) => course.mark(policy)), boulware: course.boulware };
  parentPort?.postMessage(marks);
});
