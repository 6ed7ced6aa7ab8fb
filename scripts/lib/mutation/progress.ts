/** What is kept between runs, in cache/mutation: verdicts as they fall, so that an interrupted run goes on where it was. */
import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { filesBelow, hashOf, readIfThere, writeWhole } from "../../bootstrap/files.mjs";
import { type Reached, reach } from "../contracts/coverage.ts";
import type { Verdict } from "./judge.ts";

/** Everything on which a verdict depends, besides the mutant: code and vectors below these. */
const INPUTS = ["contracts", "offchain", "test/contracts", "test/offchain", "test/vectors"];

export class Progress {
  readonly #folder: string;

  /** The progress on the contracts and tests as they are now. */
  constructor(root = join("cache", "mutation")) {
    this.#folder = join(root, fingerprint());
    mkdirSync(this.#folder, { recursive: true });
  }

  /** By id, the latest of each. */
  verdicts(): Map<string, Verdict> {
    // A line that was cut off, because the machine stopped, is left out.
    const lines = (readIfThere(this.#path) ?? "").split("\n").filter((line) => line.endsWith("}"));
    const verdicts: Verdict[] = lines.map((line) => JSON.parse(line));
    return new Map(verdicts.map((verdict) => [verdict.id, verdict]));
  }

  add(verdict: Verdict): void {
    appendFileSync(this.#path, `${JSON.stringify(verdict)}\n`);
  }

  /** What the tests reach, measured once. */
  async reached(say: (text: string) => void): Promise<Reached> {
    const path = join(this.#folder, "reached.json");
    const kept = readIfThere(path);
    if (kept === undefined) {
      const { probes, tests } = await reach(say);
      writeWhole(path, JSON.stringify({ probes, tests: tests.map((test) => ({ ...test, hits: [...test.hits] })) }));
      return { probes, tests };
    }
    const {
      probes,
      tests,
    }: Omit<Reached, "tests"> & { tests: { file: string; title: string; seconds: number; hits: number[] }[] } =
      JSON.parse(kept);
    return { probes, tests: tests.map((test) => ({ ...test, hits: new Set(test.hits) })) };
  }

  get #path(): string {
    return join(this.#folder, "verdicts.jsonl");
  }
}

function fingerprint(): string {
  const below = INPUTS.flatMap((folder) => filesBelow(folder, "").map((file) => `${folder}/${file}`));
  const files = below.filter((file) => /\.(?:sol|ts)$|^test\/vectors\//.test(file));
  const all = [...files, "hardhat.config.ts", "package-lock.json"];
  return hashOf(all.flatMap((path) => [path, readIfThere(path) ?? ""])).slice(0, 16);
}
