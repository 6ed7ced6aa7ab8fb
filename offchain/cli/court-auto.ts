import { setTimeout as pause } from "node:timers/promises";
import { ParleyError } from "../kernel/errors.ts";
import { visible } from "../kernel/visible.ts";
import { asArbitrator } from "../node/court-office.ts";
import { type CourtNews, lookOnce } from "../node/court-watch.ts";
import { tellVote } from "../settlement/disputes/telling.ts";
import { iso } from "../transcript/evidence/examine.ts";
import { parseFlags, wholeNumber } from "./args.ts";
import { EXIT } from "./command.ts";
import { COURT_FLAGS, openKeys, openOffice } from "./court-access.ts";
import { jsonOf } from "./json-of.ts";
import { print } from "./screen.ts";
import { warn } from "./warn.ts";

/** More than all disputes that any Court will have. */
const MOST = Number.MAX_SAFE_INTEGER;

/**
 * `parley court auto`. Between two looks it holds neither the journal nor anything else, so that people can vote beside it, and it can
 * be ended at any time.
 */
export async function auto(args: readonly string[]): Promise<number> {
  const flags = parseFlags("court", args, {
    ...COURT_FLAGS,
    once: { type: "boolean", default: false },
    every: { type: "string", default: "30" },
    from: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  });
  const everyMs = 1_000 * wholeNumber("court", "every", flags.every, 1, 86_400);
  const from = BigInt(wholeNumber("court", "from", flags.from, 1, MOST));
  const office = await openOffice(flags.config);
  const keys = await openKeys(office.config.keys);
  const wanted = { from, arbitrable: office.config.deployment.settlement };
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once("SIGTERM", stop).once("SIGINT", stop);
  const trouble = (error: ParleyError) => warn(`${error.message} [${error.code}]; it is tried again`);
  const told = new Set<string>();
  let failed = false;
  for (;;) {
    try {
      const look = (arbitrator: Parameters<Parameters<typeof asArbitrator>[2]>[0]) =>
        lookOnce(arbitrator, (trial) => office.caseOf(trial), wanted);
      const news = await asArbitrator(office, keys, look, trouble);
      for (const one of news.filter((each) => isNew(each, told)))
        print(flags.json ? jsonOf(one) : visible(lineOf(one)));
      failed = news.some(({ did }) => did === "failed");
    } catch (thrown) {
      // A node that is away comes back, and so does a journal that somebody votes with just now.
      if (flags.once || !(thrown instanceof ParleyError)) throw thrown;
      trouble(thrown);
    }
    if (flags.once) return failed ? EXIT.failed : EXIT.ok;
    await pause(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    if (stopping.signal.aborted) return EXIT.ok;
  }
}

/** What is left to people is said once, and again where the reason has changed. */
function isNew({ dispute, round, did, says }: CourtNews, told: Set<string>): boolean {
  const name = `${dispute} ${round} ${did} ${says}`;
  if (told.has(name)) return false;
  told.add(name);
  return true;
}

function lineOf({ dispute, round, did, says, vote, until }: CourtNews): string {
  const what = vote === null ? "" : ` ${tellVote(vote)}`;
  const when = until === null ? "" : ` Somebody has to vote by ${iso(until)}: parley court vote ${dispute}`;
  return `dispute ${dispute}, round ${round + 1n}: ${did}${what}: ${says}.${when}`;
}
