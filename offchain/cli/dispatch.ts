import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { messageOf, ParleyError } from "../kernel/errors.ts";
import { type Command, EXIT, exitCodeOf } from "./command.ts";
import { warn } from "./warn.ts";

interface Entry {
  readonly summary: string;
  /** Loaded when it is called: a command should not wait for what only another one needs. */
  readonly load: () => Promise<Command>;
}

const COMMANDS: Readonly<Record<string, Entry>> = {
  demo: {
    summary: "watch two agents bargain, and settle on a chain",
    load: async () => (await import("./demo.ts")).demoCommand,
  },
  agent: {
    summary: "run one agent: listen, bargain, settle",
    load: async () => (await import("./agent.ts")).agentCommand,
  },
  relay: {
    summary: "bring other agents' agreements to the chain, many in a transaction",
    load: async () => (await import("./relay.ts")).relayCommand,
  },
  deal: {
    summary: "see an agent's deals, and act on them by hand",
    load: async () => (await import("./deal.ts")).dealCommand,
  },
  account: {
    summary: "see what an agent and others owe each other on running accounts, and show it to others",
    load: async () => (await import("./account.ts")).accountCommand,
  },
  keys: {
    summary: "make and look after an agent's keys, encrypted in a file",
    load: async () => (await import("./keys.ts")).keysCommand,
  },
  register: {
    summary: "register an agent on the chain, with the key file's account as its owner and wallet",
    load: async () => (await import("./register.ts")).registerCommand,
  },
  doctor: {
    summary: "look at everything that an agent needs: what is wrong, and what to do",
    load: async () => (await import("./doctor.ts")).doctorCommand,
  },
  evidence: {
    summary: "take a negotiation out of a journal, verify it, and see who is at fault",
    load: async () => (await import("./evidence.ts")).evidenceCommand,
  },
  treasury: {
    summary: "deposit, withdraw and stake an agent's money, see it, and say what its keys may commit",
    load: async () => (await import("./treasury.ts")).treasuryCommand,
  },
  dispute: {
    summary: "dispute a delivery, or answer: state a share, file evidence, refer, execute, let lapse",
    load: async () => (await import("./dispute.ts")).disputeCommand,
  },
  fault: {
    summary: "find who signed two offers as one in evidence, see what it costs, and show it to Settlement",
    load: async () => (await import("./fault.ts")).faultCommand,
  },
  court: {
    summary: "an arbitrator's tools: take a seat, see the cases, vote, reveal, appeal, or let rules decide",
    load: async () => (await import("./court.ts")).courtCommand,
  },
  negotiate: {
    summary: "let strategies negotiate over a scenario, and see how it went",
    load: async () => (await import("./negotiate.ts")).negotiateCommand,
  },
  analyze: {
    summary: "what can be agreed in a scenario: frontier, Nash point and others",
    load: async () => (await import("./analyze.ts")).analyzeCommand,
  },
  tournament: {
    summary: "let strategies meet each other over many scenarios",
    load: async () => (await import("./tournament.ts")).tournamentCommand,
  },
  bench: {
    summary: "measure, on this machine",
    load: async () => (await import("./bench.ts")).benchCommand,
  },
};

const WIDEST = Math.max(...Object.keys(COMMANDS).map((name) => name.length));

const HELP = `parley: agents that bargain, and are held to what they agreed

usage: parley COMMAND [FLAGS]

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(WIDEST)}  ${summary}`)
  .join("\n")}

parley COMMAND --help explains a command, with an example; parley --version tells the version.
Exit codes: 0 done, 1 failed, 2 wrong usage, 66 file unreadable, 69 chain unreachable, 74 port taken, 78 configuration unusable.
`;

/** Runs what the command line asks for. Resolves with the exit code; never rejects. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  try {
    return await dispatch(args);
  } catch (thrown) {
    complain(thrown);
    return exitCodeOf(thrown);
  }
}

async function dispatch([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    process.stdout.write(HELP);
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  if (name === "--version" || name === "-V") {
    process.stdout.write(`${versionOfPackage()}\n`);
    return EXIT.ok;
  }
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!entry) {
    throw new ParleyError("Usage", `there is no command '${name}'`, { hint: "see: parley --help" });
  }
  const command = await entry.load();
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(command.help);
    return EXIT.ok;
  }
  return command.run(args);
}

function versionOfPackage(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}

/**
 * One line that says what happened, and one that says what to do. The stack is for whoever asks for it. Messages may tell of what came
 * from outside, and a terminal must not obey that.
 */
function complain(thrown: unknown): void {
  const known = thrown instanceof ParleyError;
  warn(`parley: ${messageOf(thrown)}${known ? ` [${thrown.code}]` : ""}`);
  if (known && thrown.hint !== undefined) warn(`  ${thrown.hint}`);
  if (process.env["PARLEY_DEBUG"] !== undefined) for (const line of inspect(thrown).split("\n")) warn(line);
  else if (!known) warn("  this is a defect; PARLEY_DEBUG=1 shows where");
}
