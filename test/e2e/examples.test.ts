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
      const lines = createInterface({ input: seller.stdout });
      const [said] = await once(lines, "line");
      const agreed = once(lines, "line");
      const address = String(said).replace("listening at ", "");
      const { stdout } = await promisify(execFile)(process.execPath, [`${folder}buyer.ts`, address], {
        timeout: 60_000,
      });
      assert.match(stdout, /agreed at \d+/);
      assert.match(stdout, /\d+ signatures verified/);
      assert.match(String(await agreed), /^agreed at \d+, with agent 1$/);
      // Its port is taken now.
      await assert.rejects(promisify(execFile)(process.execPath, [`${folder}seller.ts`, address]), {
        code: 1,
        stderr: /^somebody listens on [^\n]+\n$/,
      });
    } finally {
      const ended = once(seller, "exit");
      seller.kill();
      await ended;
    }
  });

  it("02-two-processes says that the buyer waits, and gives up on a seller that isn't there", async () => {
    const args = [`${FOLDER}02-two-processes/buyer.ts`, "ws://127.0.0.1:9", "", "1"];
    await assert.rejects(promisify(execFile)(process.execPath, args, { timeout: 60_000 }), {
      code: 1,
      stdout: "waiting for the seller at ws://127.0.0.1:9\n",
      stderr: "no deal: nothing came of it in 1 s; does seller.ts run at ws://127.0.0.1:9?\n",
    });
  });
});
