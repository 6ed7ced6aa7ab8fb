/** What docs/strategies.md shows that comes from running: its pictures and its tables of figures. */

/** A picture, and the command that draws it. */
export interface Picture {
  readonly args: readonly string[];
  readonly path: string;
}

/** A strategy's figures in a tournament, as `parley tournament --json` has them. */
interface Row {
  readonly strategy: string;
  readonly utility: { readonly mean: number };
  readonly agreement: { readonly mean: number };
  readonly welfare: { readonly mean: number };
}

/** The tables of a tournament with each deadline. */
export type Brought = ReadonlyMap<number, readonly Row[]>;

export const ROUNDS = [20, 50, 200] as const;
const SHOWN = ["utility", "agreement", "welfare"] as const;

export function picturesOf(page: string): Picture[] {
  const found = page.matchAll(/^`parley (negotiate .*) --svg (docs\/pictures\/[^`]+)`$/gm);
  return [...found].map(([, args = "", path = ""]) => ({ args: args.split(" "), path }));
}

/** The tournament whose table the page has, with another deadline. */
export function tournamentOf(page: string, rounds: number): string[] {
  const [, args = ""] = /^parley (tournament .*)$/m.exec(page) ?? [];
  return args.replace(/--rounds \d+/, `--rounds ${rounds}`).split(" ");
}

/** One strategy's cells: a figure at each deadline, then the next. */
export function cellsOf(strategy: string, brought: Brought): (string | undefined)[] {
  return SHOWN.flatMap((figure) =>
    ROUNDS.map((rounds) =>
      brought
        .get(rounds)
        ?.find((row) => row.strategy === strategy)
        ?.[figure].mean.toFixed(3),
    ),
  );
}

/** The page with that table written anew, the best over all deadlines first. */
export function withTable(page: string, brought: Brought): string {
  const strategies = (brought.get(ROUNDS[0]) ?? []).map(({ strategy }) => strategy);
  const mean = (strategy: string) =>
    ROUNDS.reduce(
      (sum, rounds) => sum + (brought.get(rounds)?.find((row) => row.strategy === strategy)?.utility.mean ?? 0),
      0,
    );
  const rows = strategies
    .sort((one, other) => mean(other) - mean(one))
    .map((strategy) => `| \`${strategy}\` | ${cellsOf(strategy, brought).join(" | ")} |\n`);
  return page.replace(
    /(^\| strategy \| utility.*\n\|[-:|]+\|\n)(?:\|.*\n)+/m,
    (_, head: string) => head + rows.join(""),
  );
}

/** What can be set: a strategy's spec and its figures. */
const SETTING = /^\| `(boulware\S*)` \| (\.\d+) \| (\.\d+) \| (\d+) \|$/gm;

/** The strategies whose settings the page compares, with the figures that it has. */
export function settingsOf(page: string): { readonly strategy: string; readonly figures: readonly string[] }[] {
  return [...page.matchAll(SETTING)].map(([, strategy = "", ...figures]) => ({ strategy, figures }));
}

export function negotiationOf(strategy: string): string[] {
  const flags = ["--a", strategy, "--b", "linear", "--rounds", "50", "--json"];
  return ["negotiate", "--scenario", "examples/scenarios/cloud-capacity.json", ...flags];
}

/** The figures of such a negotiation's result as the page has them. */
export function figuresOf(result: string): string[] {
  const { utilities, rounds }: { utilities: readonly number[]; rounds: number } = JSON.parse(result);
  return [...utilities.map((one) => one.toFixed(3).slice(1)), String(rounds)];
}

/** The page with the figures of what can be set written anew. */
export function withSettings(page: string, figures: ReadonlyMap<string, readonly string[]>): string {
  return page.replace(SETTING, (row, strategy: string) => {
    const found = figures.get(strategy);
    return found === undefined ? row : `| \`${strategy}\` | ${found.join(" | ")} |`;
  });
}
