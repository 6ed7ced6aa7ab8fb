import { actionError, type Command } from "./command.ts";
import { act, deliver } from "./deal/act.ts";
import { writeContract } from "./deal/contract.ts";
import { listDeals } from "./deal/list.ts";
import { showDeal } from "./deal/show.ts";
import { splitDeal } from "./deal/split.ts";

const HELP = `parley deal: an agent's deals, and what can be done for them by hand

usage: parley deal list --config FILE [--all] [--json]
       parley deal show --config FILE --deal HASH [--json]
       parley deal contract --config FILE --deal HASH [--bundle FILE] [--out FILE [--force]]
       parley deal deliver --config FILE --deal HASH (--evidence HASH | --file FILE) [--yes] [--json]
       parley deal accept | claim | refund --config FILE --deal HASH [--yes] [--json]
       parley deal split --config FILE --deal HASH --to-seller AMOUNT [--until TIME] --out CONSENT
       parley deal cancel --config FILE --deal HASH [--until TIME] --out CONSENT
       parley deal split --config FILE --consent CONSENT [--yes] [--json]

What is known of deals comes from the chain, so all of this works while the agent runs.

  list      running deals, with whose turn it is and until when; --all has those that are over, too
  show      all about one deal: money, times, dispute, what can be done now, what has happened
  contract  the deal as a document that people can read and sign, with its hashes. Its terms are taken from the journal
            (the agent must be stopped) or from --bundle; where they aren't what was agreed, there is no document
  deliver   records the delivery, as the seller: what shows it is a hash, or the SHA-256 of a file
  accept    takes the delivery, as the buyer: the seller is paid, and that is final
  claim     pays the seller where the review period has passed in silence
  refund    pays the buyer back where nothing was delivered, a day after the time for it
  split     ends a deal as both sides agree: one signs its consent to a file, the other looks at it, and sends it
  cancel    a split that gives each side back what it brought, receipts aside

  --config FILE      the agent's configuration
  --deal HASH        the deal's hash, or its first digits
  --bundle FILE      an evidence bundle of it: for one that isn't on the chain yet, or that the chain has not shown
  --keys FILE        another key file than the configuration's, such as the owner's
  --to-seller AMOUNT of price and both bonds, receipts counted in, such as 12.5; the rest is the buyer's
  --until TIME       last moment at which the consent counts, as 2026-12-31T12:00:00Z; a day from now if not given
  --yes              don't ask at the terminal
  --json             one JSON object

Everything is looked at before anything is sent: chain and contracts, the deal's state and deadline, whose act it is, and
whose key this is. What is refused has a name, and costs nothing. Exits with 0 if it is done, 1 if it was refused, 2 for
wrong usage, 66 for a file that can't be read, 69 where the chain can't be reached, 78 where the configuration or the keys
can't be used.

example: parley deal list --config seller.json
         parley deal deliver --config seller.json --deal 0x5c3a91 --file scenes.tar
`;

type Action = (args: readonly string[]) => Promise<number>;

const ACTIONS: Readonly<Record<string, Action>> = {
  list: listDeals,
  show: showDeal,
  contract: writeContract,
  deliver,
  accept: (args) => act("accept", args),
  claim: (args) => act("claim", args),
  refund: (args) => act("refund", args),
  split: (args) => splitDeal("split", args),
  cancel: (args) => splitDeal("cancel", args),
};

export const dealCommand: Command = {
  help: HELP,
  async run([name, ...args]) {
    const action = name !== undefined && Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (!action) throw actionError(name, Object.keys(ACTIONS), "deal");
    return await action(args);
  },
};
