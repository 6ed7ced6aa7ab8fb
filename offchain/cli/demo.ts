import { isHex } from "../kernel/bytes.ts";
import { parseFlags, wholeNumber } from "./args.ts";
import { type Command, EXIT, usageError } from "./command.ts";
import { isTerminal, print } from "./screen.ts";
import type { Account, Balances } from "./stories/account.ts";
import { cheatStory } from "./stories/cheat.ts";
import { crashStory } from "./stories/crash.ts";
import { dealStory } from "./stories/deal.ts";
import { faultStory } from "./stories/fault.ts";
import { liarPlay } from "./stories/liar.ts";
import { panelStory } from "./stories/panel.ts";
import { DECIMALS, type SceneOptions, TOKEN } from "./stories/scene.ts";
import { type Play, playStory, type Story } from "./stories/story.ts";

const STORIES: Readonly<Record<string, Play>> = {
  deal: told("deal", dealStory),
  cheat: told("cheat", cheatStory),
  crash: told("crash", crashStory()),
  liar: liarPlay,
  fault: told("fault", faultStory),
  panel: told("panel", panelStory()),
};

/** Milliseconds between answers that let a person watch the curves grow. */
const WATCHABLE_MS = 40;

const HELP = `parley demo: watch two agents bargain, and settle on a chain

usage: parley demo [--story NAME] [--network URL] [--port N] [--rounds N] [--pace MS] [--seed N] [--json]

  --story NAME    ${Object.entries(STORIES)
    .map(([name, { title }]) => `${name}: ${title}`)
    .join("\n                  ")}
  --network URL   a chain's node (Hardhat, anvil, a testnet); without it a chain starts in this process
  --port N        port of the embedded chain (default: any that is free)
  --rounds N      most rounds of bargaining (default 20)
  --pace MS       wait between answers; ${WATCHABLE_MS} on a terminal, 0 elsewhere
  --seed N        other prices, and salts that repeat
  --json          the account as one JSON object on standard output

With --network, transactions are paid for by the key in PARLEY_KEY, or by the first account of development chains.
A story leaves 0.2 of the chain's coin with two throw-away wallets: don't play it where coin is worth something.
Exits with 0 only if everything that the story claims was checked and held.

example: parley demo --story cheat --network http://127.0.0.1:8545
`;

export const demoCommand: Command = {
  help: HELP,
  async run(args) {
    const flags = parseFlags("demo", args, {
      story: { type: "string", default: "deal" },
      network: { type: "string" },
      port: { type: "string", default: "0" },
      rounds: { type: "string", default: "20" },
      pace: { type: "string" },
      seed: { type: "string" },
      json: { type: "boolean", default: false },
    });
    const story = Object.hasOwn(STORIES, flags.story) ? STORIES[flags.story] : undefined;
    if (!story) {
      throw usageError(`there is no story '${flags.story}', only ${Object.keys(STORIES).join(", ")}`, "demo");
    }
    const options: SceneOptions = {
      network: flags.network === undefined ? null : checkedUrl(flags.network),
      port: wholeNumber("demo", "port", flags.port, 0, 65_535),
      key: flags.network === undefined ? null : keyFromEnvironment(),
      seed: flags.seed === undefined ? null : wholeNumber("demo", "seed", flags.seed, 0, 2 ** 32 - 1),
      rounds: wholeNumber("demo", "rounds", flags.rounds, 1, 1_000),
      paceMs: paceOf(flags.pace, flags.json),
    };
    if (flags.network !== undefined && flags.port !== "0") {
      throw usageError("--port is for the embedded chain, --network for another one: give one of them", "demo");
    }
    const { verified, json } = await story.play(options, flags.json);
    if (flags.json) print(JSON.stringify(json, null, 2));
    return verified ? EXIT.ok : EXIT.failed;
  },
};

/** A story of a deal, as a play. */
function told(name: string, story: Story): Play {
  return {
    title: story.title,
    play: async (options, quiet) => {
      const account = await playStory(story, options, quiet);
      return { verified: account.verified, json: toJson(account, name) };
    },
  };
}

function paceOf(text: string | undefined, json: boolean): number {
  if (text !== undefined) return wholeNumber("demo", "pace", text, 0, 10_000);
  return isTerminal && !json ? WATCHABLE_MS : 0;
}

function checkedUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw usageError(`--network takes a node's http address, not '${text}'`, "demo");
  }
  return text;
}

function keyFromEnvironment(): SceneOptions["key"] {
  const key = process.env["PARLEY_KEY"];
  if (key === undefined) return null;
  if (!isHex(key, 32)) throw usageError("PARLEY_KEY does not hold a private key of 32 bytes in hexadecimal", "demo");
  return key;
}

function toJson(account: Account, story: string): Record<string, unknown> {
  const { checks, balances, offers, price, verified, ...facts } = account;
  const texts = ({ buyer, seller }: Balances) => ({ buyer: buyer.toString(), seller: seller.toString() });
  return {
    story,
    ...facts,
    negotiationMs: Math.round(account.negotiationMs * 1000) / 1000,
    price: price.toString(),
    token: { symbol: TOKEN, decimals: DECIMALS },
    balances: { before: texts(balances.before), after: texts(balances.after) },
    offers: offers.map((offer) => ({ by: offer.by, price: offer.price.toString() })),
    checks: Object.fromEntries(checks.map(({ what, held: it }) => [what, it])),
    verified,
  };
}
