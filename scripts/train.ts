/** See HELP. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { SeededEntropy } from "../offchain/kernel/random.ts";
import { writeWhole } from "./bootstrap/files.mjs";
import { positive, runCommand } from "./lib/command.ts";
import type { Mark } from "./lib/training/course.ts";
import { draw, narrowed } from "./lib/training/search.ts";
import { FLOOR, policyOf, START } from "./lib/training/vector.ts";
import type { Exam, Marks } from "./lib/training/worker.ts";

const TARGET = "offchain/negotiation/strategies/learned-policy.ts";

/** The scenarios of the last exam are drawn apart from all others. */
const FINAL_SEED = 0x7fff_fff1;

const HELP = `
Trains the strategy "learned" in simulation and freezes what it has learned in ${TARGET}:

    npm run train -- [options]

    --generations N   how often the search moves (default 36)
    --population N    policies tried in each (default 40)
    --scenarios N     scenarios in each, drawn anew (default 16)
    --seed K          the same seed gives the same policy, to the last digit (default 1)
    --workers N       how many threads (default 2); they don't change the result
    --dry             print the policy and write nothing

In the end it is tried over 200 scenarios that it was not trained on, beside Boulware.
`;

/** Threads that mark policies. */
class Examiners {
  readonly #workers: readonly Worker[];

  constructor(count: number) {
    const file = new URL("lib/training/worker.ts", import.meta.url);
    this.#workers = Array.from({ length: count }, () => new Worker(file));
  }

  async mark({ policies, ...exam }: Exam): Promise<Marks> {
    const size = Math.ceil(policies.length / this.#workers.length);
    const parts = await Promise.all(
      this.#workers.map(async (worker, index) => {
        worker.postMessage({ ...exam, policies: policies.slice(index * size, (index + 1) * size) });
        const [marks]: [Marks] = (await once(worker, "message")) as never;
        return marks;
      }),
    );
    return { marks: parts.flatMap(({ marks }) => marks), boulware: parts[0]?.boulware as Mark };
  }

  async end(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

function show({ utility, agreement }: Mark): string {
  return `utility ${utility.toFixed(4)}, agreement ${agreement.toFixed(4)}`;
}

await runCommand(
  HELP,
  {
    generations: { type: "string", default: "36" },
    population: { type: "string", default: "40" },
    scenarios: { type: "string", default: "16" },
    seed: { type: "string", default: "1" },
    workers: { type: "string", default: "2" },
    dry: { type: "boolean", default: false },
  },
  async (flags) => {
    const population = positive("--population", flags.population);
    const scenarios = positive("--scenarios", flags.scenarios);
    const random = new SeededEntropy(positive("--seed", flags.seed));
    const examiners = new Examiners(positive("--workers", flags.workers));
    try {
      let search = START as { centre: readonly number[]; spread: readonly number[] };
      for (let generation = 1; generation <= positive("--generations", flags.generations); generation++) {
        const vectors = draw(search, population, random);
        const exam = { policies: vectors.map(policyOf), scenarios, seed: random.uint32() };
        const { marks, boulware } = await examiners.mark(exam);
        const ranked = vectors
          .map((vector, index) => ({ vector, mark: marks[index] as Mark }))
          .sort((a, b) => b.mark.fitness - a.mark.fitness);
        search = narrowed(
          search,
          ranked.slice(0, Math.ceil(population / 5)).map(({ vector }) => vector),
          FLOOR,
        );
        console.error(`${generation}: best ${show((ranked[0] as { mark: Mark }).mark)}; boulware ${show(boulware)}`);
      }
      const policy = policyOf(search.centre);
      const { marks, boulware } = await examiners.mark({ policies: [policy], scenarios: 200, seed: FINAL_SEED });
      console.log(`learned ${show(marks[0] as Mark)}; boulware ${show(boulware)}`);
      const text = `// Written by \`npm run train\`: what the strategy "learned" has learned.\nimport type { Policy } from "./policy.ts";\n\nexport const LEARNED: Policy = ${literal(policy)};\n`;
      if (flags.dry) console.log(text);
      else writeWhole(TARGET, text);
    } finally {
      await examiners.end();
    }
  },
);

/** As the formatter writes it. */
function literal(policy: object): string {
  const lines = Object.entries(policy).map(
    ([name, value]) => `  ${name}: ${JSON.stringify(value).replaceAll(",", ", ")},`,
  );
  return `{\n${lines.join("\n")}\n}`;
}
