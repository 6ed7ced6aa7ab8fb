import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { Heart } from "../../../../../offchain/adapters/transport/common/heart.ts";

const EVERY_MS = 20;

let heart: Heart | null = null;

afterEach(() => heart?.stop());

/** What a heart has its connection do, up to the first that is no ping; `react` is told of each. */
function beats(idleMs: number | null, react: (said: readonly string[], heart: Heart) => void): Promise<string[]> {
  // The heart alone keeps no process alive.
  const waiting = setInterval(() => undefined, EVERY_MS);
  return new Promise<string[]>((resolve) => {
    const said: string[] = [];
    const tell = (what: string) => {
      said.push(what);
      if (what !== "ping") resolve(said);
      else if (heart !== null) react(said, heart);
    };
    heart = new Heart(EVERY_MS, idleMs, {
      ping: () => tell("ping"),
      onDead: () => tell("dead"),
      onIdle: () => tell("idle"),
    });
  }).finally(() => clearInterval(waiting));
}

function sleepThrough(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

describe("a heart", () => {
  it("takes who gives no sign of life for dead", async () => {
    assert.equal((await beats(null, () => undefined)).at(-1), "dead");
  });

  it("gives another chance where it was asleep itself", async () => {
    const said = await beats(null, ({ length }) => {
      if (length === 1) sleepThrough(5 * EVERY_MS);
    });
    assert.deepEqual(said.slice(0, 2), ["ping", "ping"]);
    assert.equal(said.at(-1), "dead");
  });

  it("is content with any sign of life, but not for ever without a frame", async () => {
    const quiet = await beats(3 * EVERY_MS, (_said, alive) => alive.hear());
    assert.deepEqual(quiet, ["ping", "ping", "ping", "idle"]);
    const talking = await beats(3 * EVERY_MS, ({ length }, alive) => {
      if (length < 9) alive.hearFrame();
      else alive.hear();
    });
    assert.deepEqual([talking.length, talking.at(-1)], [12, "idle"]);
  });
});
