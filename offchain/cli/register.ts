import { ParleyError } from "../kernel/errors.ts";
import { readAgentConfig } from "../node/agent-config.ts";
import { type Desk, type Hand, openDesk, takeHand } from "../node/desk/desk.ts";
import { parseFlags } from "./args.ts";
import { type Command, EXIT, usageError } from "./command.ts";
import { confirm } from "./confirm.ts";
import { jsonOf } from "./json-of.ts";
import { openKeys } from "./open-keys.ts";
import { print } from "./screen.ts";
import { tellTrouble } from "./tell-trouble.ts";

const HELP = `parley register: put an agent on the chain

usage: parley register --config FILE [--another] [--yes] [--json]

  --config FILE   the agent's configuration; its \`agent\` may be any number yet, such as "1"
  --another       also where the account owns an agent already
  --yes           don't ask at the terminal
  --json          one JSON object

The key file's account becomes the agent's owner and its wallet, and pays for the gas. The number that it prints goes into the
configuration's \`agent\`. What an agent needs after that:

  parley treasury deposit --config FILE --token ADDRESS --amount AMOUNT
  parley treasury stake   --config FILE --token ADDRESS --amount AMOUNT
  parley treasury mandate --config FILE --token ADDRESS --amount AMOUNT
  parley doctor           --config FILE

Where owner and wallet are to be two accounts: register with the owner's key file as \`keys\`, then \`parley keys wallet\`.

Exits with 0 if it is registered, 1 if it was refused (AlreadyRegistered, NoCoin), 2 for wrong usage, 69 where the chain can't
be reached, 78 where the configuration or the keys can't be used.

example: parley register --config seller.json
`;

const FLAGS = {
  config: { type: "string" },
  another: { type: "boolean", default: false },
  yes: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
} as const;

export const registerCommand: Command = {
  help: HELP,
  async run(args) {
    const flags = parseFlags("register", args, FLAGS);
    if (flags.config === undefined) throw usageError("--config FILE is missing", "register");
    const desk = await openDesk(await readAgentConfig(flags.config));
    const hand = takeHand(desk, await openKeys(desk.config.keys), tellTrouble());
    if (!flags.another) await requireNone(desk, hand);
    const { registry } = desk.config.deployment;
    await confirm([`register an agent of ${hand.address}`, `registry  ${registry}`], flags.yes);
    const { agent, transaction, block, gasUsed } = await hand.operator.register(desk.config.deployment);
    if (flags.json) print(jsonOf({ done: "register", agent, owner: hand.address, transaction, block, gasUsed }));
    else tell(agent, hand, transaction, desk.config.agent);
    return EXIT.ok;
  },
};

/** A command that broke off, or was called twice, has no second agent made that nobody looks after. */
async function requireNone({ holdings, config }: Desk, { address }: Hand): Promise<void> {
  const count = await holdings.agentsOf(address);
  if (count === 0n) return;
  const agents = count === 1n ? "an agent" : `${count} agents`;
  throw new ParleyError("AlreadyRegistered", `${address} owns ${agents} already`, {
    hint: `see whether ${config.agent} in the configuration is it (parley doctor), or give --another`,
    facts: { owner: address, agents: count.toString() },
  });
}

function tell(agent: bigint, { address }: Hand, transaction: string, configured: bigint): void {
  print(`done: register; transaction ${transaction}`);
  print(`agent ${agent} belongs to ${address}, which is its wallet, too`);
  if (agent !== configured) print(`put it into the configuration: "agent": "${agent}"`);
}
