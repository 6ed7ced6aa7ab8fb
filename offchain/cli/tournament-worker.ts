/** One of the threads that play a tournament's matches. */
import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../kernel/errors.ts";
import { referenceOf } from "../negotiation/analysis/reference.ts";
import { protocolNamed } from "../negotiation/protocols/registry.ts";
import { strategyNamed } from "../negotiation/strategies/registry.ts";
import { Arena, type Match, type MatchRecord } from "../negotiation/tournament.ts";
import { readScenario } from "./scenario-file.ts";
import type { FoundScenario } from "./scenario-folder.ts";

/** What a worker is started with. */
export interface TournamentSetup {
  readonly scenarios: readonly FoundScenario[];
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

/** The arena of the last batch: most are of the same scenario as the one before, and two at once could be too much. */
let atHand: { readonly place: number; readonly arena: Arena } | null = null;

function arenaOf(place: number): Arena {
  if (atHand?.place === place) return atHand.arena;
  atHand = null;
  const files = scenarios[place];
  if (files === undefined) throw new Error(`there is no scenario ${place}`);
  const scenario = readScenario(files);
  atHand = { place, arena: new Arena(scenario, referenceOf(scenario)) };
  return atHand.arena;
}

function play(matches: readonly Match[]): MatchRecord[] {
  return matches.map((match) => arenaOf(match.scenario).play(match, conditions));
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
