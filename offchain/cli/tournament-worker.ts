/** One of the threads that play a tournament's matches. */
import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../kernel/errors.ts";
import { referenceOf } from "../negotiation/analysis/reference.ts";
import { protocolNamed } from "../negotiation/protocols/registry.ts";
import { strategyNamed } from "../negotiation/strategies/registry.ts";
import { Arena, type Match, type MatchRecord } from "../negotiation/tournament.ts";
import { readScenario, type ScenarioFiles } from "./scenario-file.ts";

/** What a worker is started with. */
export interface TournamentSetup {
  readonly scenarios: readonly ScenarioFiles[];
  /** Of all that is in them. */
  readonly digest: string;
  readonly strategies: readonly string[];
  readonly protocol: string;
  readonly rounds: number;
  readonly seed: number;
}

/** What it says of the matches that it was given: all of one scenario. */
export type TournamentSaid = { readonly records: readonly MatchRecord[] } | { readonly error: string };

const { scenarios, strategies, protocol, rounds, seed }: TournamentSetup = workerData;
const conditions = { strategies: strategies.map(strategyNamed), protocol: protocolNamed(protocol), rounds, seed };

function play(matches: readonly Match[]): MatchRecord[] {
  const files = scenarios[matches[0]?.scenario ?? 0];
  if (files === undefined) return [];
  const scenario = readScenario(files);
  const arena = new Arena(scenario, referenceOf(scenario));
  return matches.map((match) => arena.play(match, conditions));
}

parentPort?.on("message", (matches: readonly Match[]) => {
  let said: TournamentSaid;
  try {
    said = { records: play(matches) };
  } catch (thrown) {
    said = { error: messageOf(thrown) };
  }
  parentPort?.postMessage(said);
});
