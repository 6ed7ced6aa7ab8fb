import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createInterface } from "node:readline";
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

  it("02-two-processes bargain with each other over a WebSocket", async () => {
    const folder = `${FOLDER}02-two-processes/`;
    const seller = spawn(process.execPath, [`${folder}seller.ts`, "ws://127.0.0.1:0"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const [said] = await once(createInterface({ input: seller.stdout }), "line");
      const address = String(said).replace("listening at ", "");
      const { stdout } = await promisify(execFile)(process.execPath, [`${folder}buyer.ts`, address], {
        timeout: 60_000,
      });
      assert.match(stdout, /agreed at \d+/);
      assert.match(stdout, /\d+ signatures verified/);
    } finally {
      const ended = once(seller, "exit");
      seller.kill();
      await ended;
    }
  });
});
