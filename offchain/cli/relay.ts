import { visible } from "../kernel/visible.ts";
import { KeyStore } from "../node/keys/key-store.ts";
import { obtainPassphrase, PRESENT } from "../node/keys/passphrase.ts";
import { type RelayEvent, startRelay } from "../node/relay.ts";
import { readRelayConfig } from "../node/relay-config.ts";
import { parseFlags } from "./args.ts";
import { type Command, EXIT, usageError } from "./command.ts";
import { jsonOf } from "./json-of.ts";
import { askHidden } from "./prompt.ts";
import { print } from "./screen.ts";

const HELP = `parley relay: bring other agents' agreements to the chain, many in a transaction

usage: parley relay --config FILE [--json]

  --config FILE   the relay's configuration (JSON, see below)
  --json          one JSON object a line for each event

Whoever holds an agreement may commit it. Agents whose configuration names this relay ("relay": URL) send theirs here, and wait for the answer;
where none comes they commit by themselves. Each agreement is verified before anything is sent; the relay's key pays for the gas, and
can do nothing else with the deals. SIGTERM and SIGINT stop it; the next start follows up what was signed. Exits with 0, 69 where
the chain can't be reached, 78 where the configuration can't be used.

  {
    "rpc": "http://127.0.0.1:8545",
    "deployment": { "chainId": 31337, "registry": "0x5fbd…0aa3", "settlement": "0xe7f1…0512" },
    "keys": "relay.keys.json", "journal": "relay.sqlite",
    "listen": "http://127.0.0.1:7720",
    "batch": { "most": 50, "waitMs": 500 },
    "mostWaiting": 1000, "perMinute": 120
  }
\`tls\`, \`mostWaiting\` and \`perMinute\` may be left out. \`keys\` names a file of \`parley keys create\`, whose wallet holds coin for gas
and needs no agent. Others than this machine are served by TLS only: an https: address and "tls": { "key": "key.pem", "cert":
"cert.pem" }, or a proxy before it. \`mostWaiting\` agreements may be under way, and \`perMinute\` requests come from one address;
who comes then gets a 429. docs/operations/rails.md has the answers.

example: parley relay --config relay.json --json
`;

export const relayCommand: Command = {
  help: HELP,
  async run(args) {
    const flags = parseFlags("relay", args, {
      config: { type: "string" },
      json: { type: "boolean", default: false },
    });
    if (flags.config === undefined) throw usageError("--config FILE is missing", "relay");
    const config = readRelayConfig(flags.config);
    const keys = await KeyStore.open(config.keys, await obtainPassphrase(PRESENT, process.env, askHidden));
    const stopping = Promise.withResolvers<void>();
    process.once("SIGTERM", () => stopping.resolve()).once("SIGINT", () => stopping.resolve());
    const tell = (event: RelayEvent) => print(flags.json ? jsonOf(event) : lineOf(event));
    const relay = await startRelay(config, keys.wallet, tell);
    await stopping.promise;
    await relay.stop();
    return EXIT.ok;
  },
};

function lineOf({ event, ...details }: RelayEvent): string {
  const words = Object.entries(details).filter(([, value]) => value !== null);
  return visible(`${event.padEnd(10)} ${words.map(([name, value]) => `${name}=${value}`).join(" ")}`);
}
