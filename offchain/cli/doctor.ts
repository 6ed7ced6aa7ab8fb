import { visible } from "../kernel/visible.ts";
import { examineAgent } from "../node/doctor/examine.ts";
import type { Finding, Level } from "../node/doctor/finding.ts";
import type { Passphrase } from "../node/doctor/machine.ts";
import { obtainPassphrase, PRESENT } from "../node/keys/passphrase.ts";
import { parseFlags } from "./args.ts";
import { type Command, EXIT, usageError } from "./command.ts";
import { jsonOf } from "./json-of.ts";
import { bad, faint, good, print } from "./screen.ts";

const HELP = `parley doctor: what is wrong with an agent's surroundings, and what to do

usage: parley doctor --config FILE [--json]

  --config FILE   the agent's configuration
  --json          one JSON object with every finding

Looks at Node, configuration, key file, journal, disk, addresses, the chain's node, contracts, clocks, the agent in the
registry, its keys, coin for gas, balances, stake and mandate; at each of them, whatever is wrong with the others. The agent
may run meanwhile. Nothing is changed and nothing sent. The key file is opened only where PARLEY_PASSPHRASE_FILE or
PARLEY_PASSPHRASE says how.

Exits with 0 where nothing is bad (a warning is not), 1 otherwise.

example: parley doctor --config seller.json
`;

const SIGNS: Readonly<Record<Level, string>> = { ok: "ok", warn: "warn", bad: "BAD", unknown: "?" };

export const doctorCommand: Command = {
  help: HELP,
  async run(args) {
    const flags = parseFlags("doctor", args, { config: { type: "string" }, json: { type: "boolean", default: false } });
    if (flags.config === undefined) throw usageError("--config FILE is missing", "doctor");
    const findings = await examineAgent(flags.config, passphraseGiven());
    const isWell = findings.every(({ level }) => level !== "bad");
    if (flags.json) print(jsonOf({ well: isWell, findings }));
    else tell(findings);
    return isWell ? EXIT.ok : EXIT.failed;
  },
};

/** Nobody is asked: a look at things should need no secret. What is wrong with one that is given is a finding. */
function passphraseGiven(): Passphrase {
  const isGiven = [PRESENT.variable, PRESENT.fileVariable].some((name) => process.env[name] !== undefined);
  return isGiven ? () => obtainPassphrase(PRESENT, process.env, null) : null;
}

function tell(findings: readonly Finding[]): void {
  const widest = Math.max(...findings.map(({ check }) => check.length));
  for (const { check, level, says, hint } of findings) {
    print(`${coloured(level)}  ${visible(`${check.padEnd(widest)}  ${says}`)}`);
    if (hint !== null) print(`      ${" ".repeat(widest)}  ${faint(visible(hint))}`);
  }
  const count = (wanted: Level) => findings.filter(({ level }) => level === wanted).length;
  print(`${count("bad")} bad, ${count("warn")} warnings, ${count("ok")} ok`);
}

function coloured(level: Level): string {
  const sign = SIGNS[level].padEnd(4);
  return level === "bad" ? bad(sign) : level === "ok" ? good(sign) : sign;
}
