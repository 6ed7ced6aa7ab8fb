import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { type Anvil, startAnvil } from "./anvil.ts";

const PROGRAM = fileURLToPath(new URL("../../offchain/cli/main.ts", import.meta.url));

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `parley` as a user would, and waits for its end. */
function parley(...args: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", PROGRAM, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr })));
}

interface Story {
  readonly processes: readonly [number, number];
  readonly rounds: number;
  readonly dealHash: string;
  readonly price: string;
  readonly outcome: string;
  readonly gas: Readonly<Record<string, number>>;
  readonly balances: Readonly<Record<"before" | "after", Readonly<Record<"buyer" | "seller", string>>>>;
  readonly verified: boolean;
}

function moved({ balances }: Story, side: "buyer" | "seller"): bigint {
  return BigInt(balances.after[side]) - BigInt(balances.before[side]);
}

function checkDeal({ code, stdout, stderr }: Ran): void {
  assert.equal(code, 0, stderr);
  const story = JSON.parse(stdout) as Story;
  const [first, second] = story.processes;
  assert.ok(first > 0 && second > 0 && first !== second && first !== process.pid);
  assert.ok(story.rounds >= 2);
  assert.match(story.dealHash, /^0x[0-9a-f]{64}$/);
  assert.equal(moved(story, "buyer"), -BigInt(story.price));
  assert.equal(moved(story, "seller"), BigInt(story.price));
  for (const step of ["register", "deposit", "commit", "deliver", "accept"])
    assert.ok((story.gas[step] ?? 0) > 21_000, step);
  assert.equal(story.verified, true);
}

/** What every bond is in the stories: 50 by the buyer, 150 by the seller, of a token with 6 decimals. */
const BONDS = { buyer: 50_000_000n, seller: 150_000_000n };

function checkFault({ code, stdout, stderr }: Ran): void {
  assert.equal(code, 0, stderr);
  const story = JSON.parse(stdout) as Story;
  assert.equal(story.outcome, "defaulted");
  assert.equal(moved(story, "buyer"), 0n);
  assert.equal(moved(story, "seller"), BONDS.buyer / 10n);
  assert.equal(story.verified, true);
}

function checkPanel({ code, stdout, stderr }: Ran): void {
  assert.equal(code, 0, stderr);
  const story = JSON.parse(stdout) as Story;
  assert.equal(story.outcome, "ruled");
  const earned = (BigInt(story.price) * 6_250n) / 10_000n - BONDS.seller;
  assert.equal(moved(story, "seller"), earned);
  assert.equal(moved(story, "buyer"), -earned);
  assert.equal(story.verified, true);
}

describe("parley demo", { concurrency: 2 }, () => {
  it("settles a deal between two processes on the embedded chain", async () =>
    checkDeal(await parley("demo", "--json")));

  it("does the same on a chain of another make", async () => {
    const anvil: Anvil = await startAnvil();
    try {
      checkDeal(await parley("demo", "--json", "--network", anvil.url, "--seed", "3"));
      // The same chain takes a second story: nothing is left over that would be in its way.
      checkCheat(await parley("demo", "--json", "--story", "cheat", "--network", anvil.url));
      checkFault(await parley("demo", "--json", "--story", "fault", "--network", anvil.url));
      checkPanel(await parley("demo", "--json", "--story", "panel", "--network", anvil.url));
    } finally {
      await anvil.stop();
    }
  });

  it("ends well though the seller's process is killed twice", async () => {
    checkDeal(await parley("demo", "--json", "--story", "crash"));
  });

  it("takes the bond of a seller that doesn't deliver", async () => {
    checkCheat(await parley("demo", "--json", "--story", "cheat"));
  });

  it("makes a buyer pay from its stake for an agreement that its mandate forbids", async () => {
    checkFault(await parley("demo", "--json", "--story", "fault"));
  });

  it("proves a forged round, and makes the forger pay", async () => {
    const { code, stdout, stderr } = await parley("demo", "--json", "--story", "liar");
    assert.equal(code, 0, stderr);
    const { verified, faults } = JSON.parse(stdout);
    assert.equal(verified, true);
    assert.deepEqual(
      faults.map(({ agent, code: what, onChain }: Record<string, unknown>) => ({ agent, what, onChain })),
      [{ agent: "1", what: "Equivocation", onChain: true }],
    );
  });

  it("lets a panel of the Court rule on a delivery in dispute", async () => {
    checkPanel(await parley("demo", "--json", "--story", "panel"));
  });

  it("prints an account for people, with the curves", async () => {
    const { code, stdout } = await parley("demo", "--rounds", "6");
    assert.equal(code, 0);
    for (const words of ["● buyer offers", "buyer would have paid", "Everything held."])
      assert.ok(stdout.includes(words));
  });

  it("says in one line what is wrong, what to do, and by which exit code", async () => {
    const server = createServer().listen(0, "127.0.0.1").unref();
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const taken = typeof address === "object" && address ? String(address.port) : "";
    const cases: readonly (readonly [code: number, says: RegExp, ...args: string[]])[] = [
      [74, /port \d+ is taken/, "demo", "--port", taken],
      [69, /does not answer/, "demo", "--network", "http://127.0.0.1:9"],
      [2, /--network takes/, "demo", "--network", "ftp://somewhere"],
      [2, /no story 'none'/, "demo", "--story", "none"],
      [2, /'--nonsense'/, "demo", "--nonsense"],
      [2, /no command 'dance'/, "dance"],
      [2, /--config FILE is missing/, "agent"],
      [78, /can't be read/, "agent", "--config", "does-not-exist.json"],
    ];
    for (const [code, says, ...args] of cases) {
      const ran = await parley(...args);
      assert.equal(ran.code, code, `${args.join(" ")}: ${ran.stderr}`);
      assert.match(ran.stderr.split("\n")[0] ?? "", says);
      assert.ok(ran.stderr.trim().split("\n").length <= 2, `more than an error and a hint: ${ran.stderr}`);
    }
    server.close();
  });
});

describe("a demo that is interrupted", () => {
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    it(`by ${signal} ends with ${code}, and leaves neither keys nor processes`, async () => {
      const folder = await mkdtemp(join(tmpdir(), "parley-interrupted-"));
      const child = spawn(
        process.execPath,
        ["--disable-warning=ExperimentalWarning", PROGRAM, "demo", "--pace", "200"],
        {
          stdio: ["ignore", "pipe", "pipe"],
          env: { ...process.env, TMPDIR: folder },
        },
      );
      let [said, complained] = ["", ""];
      child.stderr.on("data", (chunk: Buffer) => {
        complained += chunk.toString();
      });
      child.stdout.on("data", (chunk: Buffer) => {
        const before = said;
        said += chunk.toString();
        // Both agents are at it from about here on: the seller's process is the last thing that is started before.
        if (!before.includes("agents 1 and 2") && said.includes("agents 1 and 2"))
          setTimeout(() => child.kill(signal), 1_500);
      });
      assert.equal(await new Promise((resolve) => child.once("close", resolve)), code);
      assert.ok(!said.includes("Everything held."));
      assert.equal(complained, "");
      const left = (await readdir(folder)).filter((name) => name !== "node-compile-cache");
      assert.deepEqual(left, []);
      // What was killed may be about to end still, and Node's cache of compiled code is the last that it writes.
      await rm(folder, { recursive: true, maxRetries: 10, retryDelay: 200 });
    });
  }
});

function checkCheat({ code, stdout, stderr }: Ran): void {
  assert.equal(code, 0, stderr);
  const story = JSON.parse(stdout) as Story;
  assert.equal(story.outcome, "refunded");
  assert.ok(moved(story, "buyer") > 0n);
  assert.equal(moved(story, "buyer"), -moved(story, "seller"));
  assert.equal(story.gas["deliver"], 0);
}
