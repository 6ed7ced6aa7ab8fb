import { startAgent } from "../node/agent.ts";
import { readAgentConfig } from "../node/agent-config.ts";
import type { AgentEvent } from "../node/agent-event.ts";
import { parseFlags } from "./args.ts";
import { type Command, EXIT, usageError } from "./command.ts";

const HELP = `parley agent: run one agent

usage: parley agent --config FILE [--once] [--transcript] [--json]

  --config FILE   the agent's configuration (JSON, see below)
  --once          stop when the negotiations it took up are over; an agent that opens one does so anyway
  --transcript    tell every signed frame before it stops
  --json          one JSON object a line for each event

SIGTERM and SIGINT stop it; the next start goes on from its journal.

A seller's configuration (\`rpc\` to \`journal\` are the same for a buyer):
  {
    "agent": "2",
    "rpc": "http://127.0.0.1:8545",
    "deployment": { "chainId": 31337, "registry": "0x5fbd…0aa3", "settlement": "0xe7f1…0512" },
    "keys": "seller.keys.json",
    "journal": "seller.sqlite",
    "listen": "ws://127.0.0.1:7700",
    "respond": {
      "token": "0x9fe4…a6e0", "mostBond": "200000000",
      "strategy": { "kind": "time-dependent", "from": "1500000000", "limit": "950000000", "pace": "0.8" }
    },
    "deliver": "0x6f1c…"
  }

example: parley agent --config seller.json --json
`;

export const agentCommand: Command = {
  help: HELP,
  async run(args) {
    const flags = parseFlags("agent", args, {
      config: { type: "string" },
      once: { type: "boolean", default: false },
      transcript: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    });
    if (flags.config === undefined) throw usageError("--config FILE is missing", "agent");
    const config = await readAgentConfig(flags.config);
    const print = flags.json ? printJson : printLine;
    let troubled = false;
    const over = Promise.withResolvers<void>();
    const tell = (event: AgentEvent) => {
      print(event);
      if (event.event === "trouble") troubled = true;
      if (event.event === "ended" || event.event === "outcome") over.resolve();
      if (event.event === "agreed" && !config.settle) over.resolve();
    };
    const stop = Promise.withResolvers<void>();
    process.once("SIGTERM", () => stop.resolve()).once("SIGINT", () => stop.resolve());
    const agent = await startAgent(config, tell);
    const finished = flags.once || config.open !== null ? over.promise.then(() => agent.idle()) : stop.promise;
    await Promise.race([finished, stop.promise]);
    if (flags.transcript) agent.tellTranscripts();
    await agent.stop();
    return troubled ? EXIT.failed : EXIT.ok;
  },
};

function printJson(event: AgentEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function printLine(event: AgentEvent): void {
  const { event: name, ...details } = event;
  const words = Object.entries(details)
    .filter(([, value]) => !Array.isArray(value) && value !== null)
    .map(([key, value]) => `${key}=${String(value)}`);
  process.stdout.write(`${name.padEnd(10)} ${words.join(" ")}\n`);
}
