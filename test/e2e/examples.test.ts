import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const FOLDER = fileURLToPath(new URL("../../examples/", import.meta.url));

describe("the examples", () => {
  for (const file of readdirSync(FOLDER).filter((name) => /^\d\d-.*\.ts$/.test(name))) {
    it(`${file} runs, and says what came of it`, async () => {
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [`${FOLDER}${file}`], { timeout: 60_000 });
      assert.equal(stderr, "");
      assert.match(stdout, /agreed at \d+/);
      assert.match(stdout, /\d+ signatures verified/);
    });
  }
});
