/**
 * Keeps the contract tests loaded in one process and runs any of them when asked, as often as asked: to start Hardhat and read the tests
 * takes longer than most of them run. Contracts are read from `artifacts` when they are deployed, so they may change between runs.
 * Started by test-bench.ts in a workspace, with the test files as arguments.
 */
import hre from "hardhat";
import Mocha from "mocha";
import { addReached, openChains, takeReached } from "./listener.ts";
import type { Answer, Order, Outcome, TestCase } from "./test-bench.ts";

type Fixture = () => Promise<unknown>;

/** What the plugin for Mocha and the network adds to a connection. */
interface Chain {
  readonly provider: { request(request: { method: string; params?: readonly unknown[] }): Promise<unknown> };
  readonly networkHelpers: { loadFixture: (fixture: Fixture) => Promise<unknown>; clearSnapshots(): void };
  close(): Promise<void>;
}

function chains(): Chain[] {
  return openChains() as Chain[];
}

/** A set-up runs once and is then restored; whoever restores it stands on all that it ran. */
function countSetUps({ networkHelpers }: Chain): void {
  const load = networkHelpers.loadFixture;
  const ran = new Map<Fixture, Set<string>>();
  networkHelpers.loadFixture = async (fixture) => {
    const before = takeReached();
    const loaded = await load(fixture);
    const all = new Set([...(ran.get(fixture) ?? []), ...takeReached()]);
    ran.set(fixture, all);
    addReached([...before, ...all]);
    return loaded;
  };
}

async function takeSnapshot({ provider }: Chain): Promise<unknown> {
  return await provider.request({ method: "evm_snapshot" });
}

process.env["HH_TEST"] = "true";
process.env["NODE_ENV"] ??= "test";
const mocha = new Mocha({ ...hre.config.test.mocha, reporter: class {} as never });
mocha.cleanReferencesAfterRun(false);
for (const file of process.argv.slice(2)) mocha.addFile(file);
await mocha.loadFilesAsync();

/** Those that the test files opened for good, each with a snapshot of how it was; others are a test's own. */
const lasting = new Map<Chain, unknown>();
for (const chain of chains()) {
  countSetUps(chain);
  lasting.set(chain, await takeSnapshot(chain));
}

const tests: Mocha.Test[] = [];
const members = new Map<Mocha.Suite, { tests: Mocha.Test[]; suites: Mocha.Suite[] }>();
function enter(suite: Mocha.Suite): void {
  members.set(suite, { tests: suite.tests, suites: suite.suites });
  tests.push(...suite.tests);
  for (const inner of suite.suites) enter(inner);
}
enter(mocha.suite);

/** Leaves only what is chosen in a suite, and tells whether that is anything. */
function narrow(suite: Mocha.Suite, chosen: ReadonlySet<Mocha.Test>): boolean {
  const all = members.get(suite) ?? { tests: [], suites: [] };
  suite.tests = all.tests.filter((test) => chosen.has(test));
  suite.suites = all.suites.filter((inner) => narrow(inner, chosen));
  return suite.tests.length + suite.suites.length > 0;
}

/** Everything as it was before the first test: other contracts are to be deployed. */
async function startAfresh(): Promise<void> {
  for (const chain of chains()) {
    if (!lasting.has(chain)) {
      await chain.close();
      continue;
    }
    await chain.provider.request({ method: "evm_revert", params: [lasting.get(chain)] });
    lasting.set(chain, await takeSnapshot(chain));
    chain.networkHelpers.clearSnapshots();
  }
}

async function run({ chosen, bail }: Order): Promise<Outcome[]> {
  await startAfresh();
  const numbers = new Map(tests.map((test, number) => [test, number]));
  if (!narrow(mocha.suite, new Set(chosen.flatMap((number) => tests[number] ?? [])))) return [];
  takeReached();
  const outcomes: Outcome[] = [];
  let start = performance.now();
  const end = (test: Mocha.Test | undefined, result: Outcome["result"]) => {
    const seconds = (performance.now() - start) / 1000;
    start = performance.now();
    // A hook before all tests fails for the first of them.
    const number = test === undefined ? undefined : numbers.get(test);
    outcomes.push({ test: number ?? chosen[0] ?? 0, result, seconds, reached: [...takeReached()] });
  };
  await new Promise<void>((done) => {
    const runner = mocha.run(() => done());
    runner.on("pass", (test) => end(test, "passed"));
    runner.on("pending", (test) => end(test, "skipped"));
    runner.on("fail", (failed: Mocha.Test | Mocha.Hook) => {
      end(
        failed.type === "hook" ? (failed.ctx?.currentTest as Mocha.Test | undefined) : (failed as Mocha.Test),
        "failed",
      );
      if (bail) runner.abort();
    });
  });
  return outcomes;
}

function tell(answer: Answer): void {
  process.send?.(answer);
}

process.on("message", (order: Order) => {
  run(order).then(
    (outcomes) => tell({ outcomes }),
    (error: unknown) => tell({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.once("disconnect", () => process.exit());

const root = `${process.cwd()}/`;
const cases = tests.map((test): TestCase => ({ file: (test.file ?? "").replace(root, ""), title: test.fullTitle() }));
tell({ tests: cases });
