import { ParleyError } from "../kernel/errors.ts";
import { type Analysis, analyze } from "../negotiation/analysis/analyze.ts";
import { Trace, type Turn } from "../negotiation/analysis/trace.ts";
import { PROTOCOLS } from "../negotiation/protocols/registry.ts";
import { type Scenario, utilitiesOf } from "../negotiation/scenario.ts";
import { negotiate } from "../negotiation/session.ts";
import type { Result, Step } from "../negotiation/setting.ts";
import { STRATEGIES } from "../negotiation/strategies/registry.ts";
import { parseFlags, wholeNumber } from "./args.ts";
import { type Command, EXIT, usageError } from "./command.ts";
import { type Bargain, offersOf, type Pair } from "./pictures/bargain.ts";
import { drawCurves } from "./pictures/curves.ts";
import { drawPlane } from "./pictures/plane.ts";
import { svgOf } from "./pictures/svg.ts";
import { readReferences, readScenario, scenarioFlags } from "./scenario-file.ts";
import { bold, faint, print, style } from "./screen.ts";
import { protocolFor, strategyFor } from "./table.ts";
import { writeText } from "./text-file.ts";

const MOST_ROUNDS = 1_000_000;
const COLUMNS = 72;
/** So many points of the frontier are more than a picture shows apart. */
const MOST_DRAWN = 5_000;

const HELP = `parley negotiate: let strategies negotiate over a scenario

usage: parley negotiate --scenario FILE --a STRATEGY --b STRATEGY [FLAGS]

  --scenario FILE      issues and parties as JSON; docs/scenarios.md has the form, examples/scenarios some of them
  --a STRATEGY         of the first party, which speaks first; --b of the second, and so on to --h
  --profile FILE       one for each party: with --scenario of a domain of Genius (XML), alone of GeniusWeb (JSON)
  --protocol NAME      how they take turns (default alternating-offers, or stacked-alternating-offers for more than two)
  --rounds N           the deadline (default 100)
  --seed N             chance, where a strategy or the protocol uses any (default 1)
  --reference NAME=N   a figure that the scenario's utilities depend on, instead of the scenario's own; repeatable
  --svg FILE           draw it as a picture, too
  --trace              print every move, and why it was made; with --json also how far it is from the best
  --json               the result as one JSON object

Protocols:
${Object.entries(PROTOCOLS)
  .map(([name, { about }]) => `  ${name.padEnd(28)} ${about}`)
  .join("\n")}

A strategy may be told more: boulware:pace=0.1:anchor=0.9. Of each, fallback=escalate or fallback=post says what is to
follow without a deal. docs/strategies.md says which to choose. They are:
${Object.entries(STRATEGIES)
  .map(([name, { about, parameters }]) => {
    const set = Object.keys(parameters).join(", ");
    return `  ${name.padEnd(20)} ${about}${set === "" ? "" : `\n${" ".repeat(23)}(${set})`}`;
  })
  .join("\n")}

example: parley negotiate --scenario examples/scenarios/cloud-capacity.json --a boulware --b conceder --rounds 20
`;

const SEATS = ["a", "b", "c", "d", "e", "f", "g", "h"] as const;

export const negotiateCommand: Command = {
  help: HELP,
  async run(args) {
    const flags = parseFlags("negotiate", args, {
      scenario: { type: "string" },
      profile: { type: "string", multiple: true, default: [] },
      protocol: { type: "string" },
      rounds: { type: "string", default: "100" },
      seed: { type: "string", default: "1" },
      reference: { type: "string", multiple: true, default: [] },
      svg: { type: "string" },
      trace: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      a: { type: "string" },
      b: { type: "string" },
      c: { type: "string" },
      d: { type: "string" },
      e: { type: "string" },
      f: { type: "string" },
      g: { type: "string" },
      h: { type: "string" },
    });
    const files = scenarioFlags("negotiate", flags);
    const rounds = wholeNumber("negotiate", "rounds", flags.rounds, 1, MOST_ROUNDS);
    const seed = wholeNumber("negotiate", "seed", flags.seed, 0, 0xffff_ffff);
    const scenario = readScenario(files, readReferences("negotiate", flags.reference));
    const isForTwo = scenario.parties.length === 2;
    if (flags.svg !== undefined && !isForTwo) throw usageError("--svg draws negotiations between two", "negotiate");
    const protocol = protocolFor(flags.protocol, scenario.parties.length);
    const strategies = strategiesOf(flags, scenario).map(([seat, text]) => strategyFor(seat, text, protocol));
    // Only who looks at what was said keeps it, and only who looks at the frontier waits for it.
    const looks = isForTwo && (flags.svg !== undefined || !flags.json);
    const steps: Step[] = [];
    const keeping = looks || flags.trace ? { watch: (step: Step) => void steps.push(step) } : {};
    const result = negotiate({ scenario, protocol, strategies, rounds, seed, ...keeping });
    const analysis = looks || (flags.trace && flags.json) ? analyzed(scenario) : null;
    const bargain = looks ? bargainOf(scenario, steps, result, analysis) : null;
    if (flags.svg !== undefined && bargain !== null) writeText(flags.svg, svgOf(bargain, scenario.name));
    if (flags.json) {
      const trace = flags.trace ? { trace: turnsOf(scenario, analysis, steps) } : {};
      print(JSON.stringify({ ...resultToJson(scenario, result), ...trace }));
    } else {
      if (flags.trace) for (const step of steps) print(traceLine(scenario, step));
      show(scenario, result, bargain);
    }
    return result.fault === null ? EXIT.ok : EXIT.failed;
  },
};

type Seat = (typeof SEATS)[number];

/** One strategy for each party, and none without a party. */
function strategiesOf(flags: Readonly<{ [seat in Seat]?: string | undefined }>, { parties }: Scenario) {
  const stray = SEATS.find((seat, index) => index >= parties.length && flags[seat] !== undefined);
  if (stray !== undefined) throw usageError(`--${stray} is too much: there are ${parties.length} parties`, "negotiate");
  return parties.map(({ name }, index): readonly [Seat, string] => {
    const seat = SEATS[index];
    if (seat === undefined) throw usageError(`there are ${parties.length} parties, more than flags`, "negotiate");
    const text = flags[seat];
    if (text === undefined || text === "")
      throw usageError(`--${seat} is missing: the strategy of ${name}`, "negotiate");
    return [seat, text];
  });
}

function resultToJson(scenario: Scenario, { outcome, ...result }: Result) {
  const { agreement, utilities, rounds, offers, reason, fault, fallbacks } = result;
  const named = outcome === null ? null : scenario.space.describe(outcome);
  return { agreement, outcome, utilities, rounds, offers, reason, fault, fallbacks, named };
}

function turnsOf(scenario: Scenario, analysis: Analysis | null, steps: readonly Step[]): readonly Turn[] {
  const trace = new Trace(scenario, analysis);
  for (const step of steps) trace.watch(step);
  return trace.turns;
}

function traceLine({ parties, space }: Scenario, { by, round, move, why }: Step): string {
  const what = move.say === "offer" ? JSON.stringify(space.describe(move.outcome)) : move.say;
  return `${faint(String(round + 1).padStart(4))} ${(parties[by]?.name ?? "").padEnd(12)} ${what}  ${faint(why)}`;
}

function show(scenario: Scenario, result: Result, bargain: Bargain | null): void {
  if (bargain !== null && bargain.offers.length > 0) draw(bargain);
  const { agreement, outcome, utilities, rounds, offers, reason, fallbacks } = result;
  print(bold(agreement ? `agreed in round ${rounds}, after ${offers} offers` : `no agreement: ${reason}`));
  if (outcome !== null) {
    for (const [issue, value] of Object.entries(scenario.space.describe(outcome))) print(`  ${issue}: ${value}`);
  }
  for (const [index, { name }] of scenario.parties.entries()) {
    const fallback = fallbacks?.[index] ?? "abort";
    print(`  ${name} has ${utilities[index]?.toFixed(4)}${fallback === "abort" ? "" : `, and is to ${fallback}`}`);
  }
}

function draw(bargain: Bargain): void {
  const points = bargain.offers.map(({ by, utilities }) => ({
    by: by === 0 ? ("buyer" as const) : ("seller" as const),
    price: utilities[0] * 100,
  }));
  const prices = points.map(({ price }) => price);
  const low = prices.reduce((one, other) => Math.min(one, other), 0);
  const high = prices.reduce((one, other) => Math.max(one, other), 100);
  const shown = points.length > COLUMNS ? `the last ${COLUMNS}` : "from the first to the last";
  print(faint(`what ${bargain.names[0]} has of the offers, in percent, ${shown}`));
  for (const line of drawCurves(points, [low, high], COLUMNS, style)) print(line);
  print();
  for (const line of drawPlane(bargain, style)) print(line);
  print();
}

/** What there is to draw. The frontier is left out where there are too many outcomes to know it. */
function bargainOf(
  scenario: Scenario,
  steps: readonly Step[],
  { outcome }: Result,
  analysis: Analysis | null,
): Bargain {
  const [first, second] = scenario.parties;
  const worth = (one: readonly number[]) => utilitiesOf(scenario, one);
  const { size = 0 } = analysis?.frontier ?? {};
  const step = Math.max(1, (size - 1) / MOST_DRAWN);
  const drawn = size === 0 ? 0 : Math.floor((size - 1) / step) + 1;
  const places = Array.from({ length: drawn }, (_, index) => Math.round(index * step));
  return {
    names: [first?.name ?? "", second?.name ?? ""],
    offers: offersOf(steps, worth),
    frontier: places.map((place) => pairOf([...(analysis?.frontier.utilitiesAt(place) ?? [])])),
    nash: analysis?.nash ? pairOf(analysis.nash.utilities) : null,
    reservations: [first?.reservation ?? 0, second?.reservation ?? 0],
    agreed: outcome === null ? null : pairOf(worth(outcome)),
  };
}

/** On a grid, where there are continuous issues; null where there are too many outcomes. */
function analyzed(scenario: Scenario): Analysis | null {
  try {
    return analyze(scenario, { grid: 40 });
  } catch (thrown) {
    if (thrown instanceof ParleyError && thrown.code === "TooManyOutcomes") return null;
    throw thrown;
  }
}

function pairOf([first = 0, second = 0]: readonly number[]): Pair {
  return [first, second];
}
