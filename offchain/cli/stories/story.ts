import { within } from "../../kernel/clock.ts";
import type { AgentEvent } from "../../node/agent-event.ts";
import { SystemClock } from "../../node/clock.ts";
import type { OutcomeName } from "../../node/outcome-name.ts";
import type { Rehearsal } from "../../node/principal.ts";
import type { Deal } from "../../terms/deal.ts";
import { drawCurves, type Point } from "../pictures/curves.ts";
import { bold, faint, LiveBlock, print, style } from "../screen.ts";
import { printAccount } from "../summary.ts";
import { type Account, type Balances, type Check, readBalances, takeAccount } from "./account.ts";
import { type Cast, DECIMALS, type Delivery, type Scene, type SceneOptions, type Staging, setScene } from "./scene.ts";

/** Most milliseconds that the last receipt is waited for. */
const RECEIPT_MS = 10_000;

/** What `parley demo` can play. */
export interface Play {
  readonly title: string;
  /** Plays it; with `quiet` nothing is said on the way. */
  play(options: SceneOptions, quiet: boolean): Promise<Played>;
}

export interface Played {
  /** Whether everything that the story claims was checked and held. */
  readonly verified: boolean;
  readonly json: Record<string, unknown>;
}

/** A play with two agents: what is different from one to the next. */
export interface Story {
  readonly title: string;
  readonly summary: string;
  readonly delivery: Delivery;
  /** How it ends, if it goes as told. */
  readonly outcome: OutcomeName;
  /** Prepares what else the story needs on the chain. */
  stage?(rehearsal: Rehearsal, narrate: (line: string) => void): Promise<Staging>;
  /** For stories in which something happens as they bargain: at least so many milliseconds go by between two answers. */
  readonly leastPaceMs?: number;
  /** What happens as they bargain. */
  meanwhile?(scene: Scene, cast: Cast): Promise<void>;
  /** What happens once both have agreed; resolves when the chain has the last word. Returns what else was checked. */
  unfold(scene: Scene, cast: Cast, narrate: (line: string) => void): Promise<readonly Check[]>;
  /** What each free balance gains by it. */
  gains(deal: Deal): Balances;
}

/** Plays a story from an empty chain to the last balance. `quiet` says nothing on the way. */
export async function playStory(story: Story, asked: SceneOptions, quiet: boolean): Promise<Account> {
  const options = { ...asked, paceMs: Math.max(asked.paceMs, story.leastPaceMs ?? 0) };
  const say = quiet ? () => undefined : print;
  const narrate = (line: string) => say(`  ${line}`);
  say(bold(`Parley: ${story.title}`));
  say(faint(story.summary));
  const prepare = (line: string) => say(faint(`  ${line} …`));
  const scene = await setScene(options, async (rehearsal) => (await story.stage?.(rehearsal, prepare)) ?? {}, prepare);
  try {
    const { chainId, settlement } = scene.rehearsal.deployment;
    say(faint(`chain ${chainId}, Settlement at ${settlement}; agents ${scene.buyer.agent} and ${scene.seller.agent}`));
    say();
    const before = await readBalances(scene);
    const curves = quiet ? null : new Curves(scene, options.rounds);
    const cast = await scene.play(story.delivery, (who, event) => {
      if (who === "buyer") curves?.add(event);
    });
    await story.meanwhile?.(scene, cast);
    await Promise.all([cast.buyer.event("agreed"), cast.seller.event("agreed")]);
    curves?.end();
    const checks = await story.unfold(scene, cast, narrate);
    if (story.outcome === "settled") await receipted(cast);
    await cast.buyer.stop();
    await cast.seller.stop();
    const account = await takeAccount(scene, cast, before, { ...story, checks });
    if (!quiet) printAccount(scene, account, options.paceMs);
    return account;
  } finally {
    await scene.close();
  }
}

/**
 * Waits for the receipt that a buyer signs after it has accepted: it comes when the money is paid already, and a seller that has just been
 * started again may be a moment without a connection. A seller that was killed with it in its journal doesn't tell of it again.
 */
async function receipted({ seller }: Cast): Promise<void> {
  const heard = seller.event("said", ({ by, kind }) => by === "peer" && kind === "RECEIPT");
  await within(new SystemClock(), RECEIPT_MS, heard);
}

/** The picture that grows with each offer. */
class Curves {
  readonly #block = new LiveBlock();
  readonly #points: Point[] = [];
  readonly #range: readonly [number, number];
  readonly #columns: number;

  constructor({ limits }: Scene, rounds: number) {
    const unit = 10 ** DECIMALS;
    this.#range = [Number(limits.buyer.from) / unit, Number(limits.seller.from) / unit];
    this.#columns = Math.min(2 * rounds, Math.max(20, (process.stdout.columns ?? 80) - 14));
  }

  add(event: AgentEvent): void {
    if (event.event !== "said" || event.price === null) return;
    const price = Number(BigInt(event.price)) / 10 ** DECIMALS;
    this.#points.push({ by: event.by === "self" ? "buyer" : "seller", price });
    const legend = `${" ".repeat(11)}${style.buyer("● buyer offers")}   ${style.seller("○ seller offers")}`;
    this.#block.draw([...drawCurves(this.#points, this.#range, this.#columns, style), legend]);
  }

  end(): void {
    this.#block.end();
    print();
  }
}
