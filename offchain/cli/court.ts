import { actionError, type Command } from "./command.ts";
import { ACTIONS as ACTS } from "./court-acts.ts";
import { auto } from "./court-auto.ts";
import { list, show } from "./court-look.ts";

const HELP = `parley court: an arbitrator's tools

usage: parley court list     --config FILE [--all] [--json]
       parley court show     --config FILE DISPUTE|--deal HASH [--bundle FILE] [--decimals N] [--json]
       parley court register --config FILE
       parley court vote     --config FILE DISPUTE --share N|--refuse [--because TEXT]
       parley court reveal|draw|pass|appeal|execute --config FILE DISPUTE
       parley court leave|release|withdraw --config FILE [--to ADDRESS]
       parley court auto     --config FILE [--once] [--every SECONDS] [--from DISPUTE] [--json]

  list       disputes that aren't over: stage, clock, and what is asked of this account
  show       one of them: what was agreed, delivered and claimed, each piece of evidence verified anew, who is late,
             what the rules would say, and who acts next. --bundle adds a file that came by another way; --decimals is for
             a token that doesn't tell its own. With --json amounts are in the smallest unit
  register   takes a seat, and pays the stake that it lacks
  vote       commits a vote in secret: --share is the seller's part in basis points, 0 to 10000; --refuse decides
             nothing. It is written to the journal first, with its salt
  reveal     shows it, once the time for that has come
  draw       draws the panel; pass counts a round; execute passes a final ruling on
  appeal     asks a larger panel, and pays for it
  leave      gives the seat up; release returns its stake once no dispute can draw it; withdraw pays out what was earned
  auto       does all of it by itself, but for appeals: it votes where its rules decide, and leaves the rest to people.
             --once looks once; else every 30 seconds, or as told by --every. --from leaves older disputes out

  --config FILE   JSON; a journal that is lost costs a penalty for each vote in it that isn't revealed:
    {
      "rpc": "https://node.example",
      "deployment": { "chainId": 1, "registry": "0x…", "settlement": "0x…" },
      "court": "0x…",
      "keys": "arbitrator.keys.json",       made by parley keys create; asks for a passphrase as all commands do
      "journal": "arbitrator.sqlite",
      "evidence": {                          (optional)
        "folder": "evidence",                files that came by mail: they are found by their hash
        "ipfsGateway": "https://ipfs.example",
        "allowPrivate": "no"                 also addresses of this network; for rehearsals
      },
      "fromBlock": 0                         (optional) no deal in dispute is older than this block
    }

Exits with 0; with 1 where the Court or the evidence says no: nothing was sent then; 2 wrong usage, 66 a file can't be read,
69 the chain can't be asked, 78 the configuration or the keys can't be used. docs/arbitrators.md tells the rest.

example: parley court show --config arbitrator.json 7
         parley court vote --config arbitrator.json 7 --share 2500 --because "a quarter was delivered"
`;

type Action = (args: readonly string[]) => Promise<number>;

const ACTIONS: Readonly<Record<string, Action>> = { list, show, auto, ...ACTS };

export const courtCommand: Command = {
  help: HELP,
  async run([name, ...args]) {
    const action = name !== undefined && Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (action === undefined) throw actionError(name, Object.keys(ACTIONS), "court");
    return await action(args);
  },
};
