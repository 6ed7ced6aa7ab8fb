import { existsSync } from "node:fs";
import { connectRpc } from "../adapters/chain/rpc.ts";
import { Sender } from "../adapters/chain/sender.ts";
import { SettlementChain } from "../adapters/chain/settlement.ts";
import { NodeCrypto } from "../adapters/crypto/node/crypto.ts";
import { isHex, toHex } from "../kernel/bytes.ts";
import { messageOf, ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import { type Amount, formatAmount } from "../kernel/money.ts";
import { visible } from "../kernel/visible.ts";
import { readAgentConfig } from "../node/agent-config.ts";
import { systemEntropy } from "../node/entropy.ts";
import { gatherEvidence, negotiationsIn, readAccount } from "../node/evidence.ts";
import { openJournal } from "../node/journal.ts";
import type { Deployment } from "../ports/chain.ts";
import type { Json } from "../terms/canonical-json.ts";
import { hashDeal } from "../terms/deal.ts";
import { accountOf } from "../transcript/evidence/account.ts";
import { type Bundle, bundleFromJson, bundleToJson } from "../transcript/evidence/bundle.ts";
import { examine, type Findings, type Speaker } from "../transcript/evidence/examine.ts";
import { parseFlags, wholeNumber } from "./args.ts";
import { type Command, EXIT, usageError } from "./command.ts";
import { print } from "./screen.ts";
import { readText, writeText } from "./text-file.ts";

const HELP = `parley evidence: what was said, agreed and done, in one file that anybody can verify

usage: parley evidence export --config FILE [--negotiation ID] [--out FILE] [--withhold PARTS] [--offline]
       parley evidence verify FILE [--rpc URL] [--json]
       parley evidence show FILE [--rpc URL] [--decimals N]

  export   takes a negotiation out of an agent's journal; without --negotiation it lists those that are there
    --config FILE      the agent's configuration; the agent must be stopped, since its journal is for one process
    --negotiation ID   the negotiation's id
    --out FILE         where to write it; otherwise to standard output
    --withhold PARTS   what not to show: proposal (how it was to be bargained), or terms (and so the proposal, which
                       holds them). Their hashes stay
    --offline          without what the chain says
  verify   checks every signature, both chains, the agreement and the terms; asks nobody
    --rpc URL          ask a node of the chain, too: whose wallets these are, and where the deal stands
    --json             one JSON object, with the proofs of every fault
  show     tells what happened, and who is at fault
    --decimals N       of the deal's token (default 0: amounts in its smallest unit)

Exits with 0 where the file proves what it claims, 1 where it doesn't, 78 where a configuration can't be used.

example: parley evidence export --config seller.json --negotiation 0x5c…e1 --out deal.evidence.json
         parley evidence show deal.evidence.json --decimals 6
`;

const PARTS = ["proposal", "terms"] as const;

export const evidenceCommand: Command = {
  help: HELP,
  async run([name, ...args]) {
    if (name === "export") return await exportBundle(args);
    if (name === "verify" || name === "show") return await look(name, args);
    throw usageError("one of export, verify, show is missing", "evidence");
  },
};

async function exportBundle(args: readonly string[]): Promise<number> {
  const flags = parseFlags("evidence", args, {
    config: { type: "string" },
    negotiation: { type: "string" },
    out: { type: "string" },
    withhold: { type: "string", default: "" },
    offline: { type: "boolean", default: false },
  });
  if (flags.config === undefined) throw usageError("--config FILE is missing", "evidence");
  const withheld = flags.withhold.split(",").filter((part) => part !== "");
  const unknown = withheld.find((part) => !PARTS.some((one) => one === part));
  if (unknown !== undefined) throw usageError(`--withhold takes ${PARTS.join(", ")}, not '${unknown}'`, "evidence");
  // The terms stand in the proposal: whoever shows that shows them.
  const disclosure = { proposal: withheld.length === 0, terms: !withheld.includes("terms") };
  const id = flags.negotiation === undefined ? null : readId(flags.negotiation);
  const config = await readAgentConfig(flags.config);
  // To open one that isn't there would make it.
  if (!existsSync(config.journal)) {
    throw new ParleyError("FileUnreadable", `there is no journal ${config.journal}`, {
      hint: "start the command in the folder that the agent runs in, or give the journal's whole path",
    });
  }
  const journal = openJournal(config);
  try {
    if (id === null) {
      for (const { negotiation, phase } of await negotiationsIn(journal, config.deployment))
        print(`${negotiation}  ${phase}`);
      return EXIT.ok;
    }
    const chain = flags.offline ? null : await reader(config.rpc, config.deployment);
    const bundle = await gatherEvidence(journal, config.deployment, id, disclosure, chain, new NodeCrypto());
    const text = `${JSON.stringify(bundleToJson(bundle), null, 2)}\n`;
    if (flags.out === undefined) process.stdout.write(text);
    else writeText(flags.out, text);
    return EXIT.ok;
  } finally {
    await journal.close();
  }
}

async function look(name: "verify" | "show", [file, ...args]: readonly string[]): Promise<number> {
  if (file === undefined || file.startsWith("-")) throw usageError(`${name} takes a FILE first`, "evidence");
  const flags = parseFlags("evidence", args, {
    rpc: { type: "string" },
    json: { type: "boolean", default: false },
    decimals: { type: "string", default: "0" },
  });
  const decimals = wholeNumber("evidence", "decimals", flags.decimals, 0, 36);
  const crypto = new NodeCrypto();
  let findings: Findings;
  try {
    const bundle = bundleFromJson(parse(file));
    findings = await examine(crypto, flags.rpc === undefined ? bundle : await askAnew(flags.rpc, crypto, bundle));
  } catch (thrown) {
    if (!flags.json || !(thrown instanceof ParleyError)) throw thrown;
    print(JSON.stringify({ verified: false, ...thrown.toJSON() }));
    return EXIT.failed;
  }
  const verified = [findings.opener, findings.responder].every(({ standing }) => standing !== "refuted");
  if (flags.json) print(JSON.stringify({ verified, ...toJson(findings) }));
  else if (name === "verify") print(summary(findings, verified));
  else for (const line of accountOf(findings, (amount) => write(amount, decimals))) print(visible(line));
  return verified ? EXIT.ok : EXIT.failed;
}

function parse(file: string): Json {
  try {
    return JSON.parse(readText(file)) as Json;
  } catch (thrown) {
    if (thrown instanceof ParleyError) throw thrown;
    throw new ParleyError("Malformed", `${file} is not JSON: ${messageOf(thrown)}`, { cause: thrown });
  }
}

async function askAnew(rpc: string, crypto: NodeCrypto, bundle: Bundle): Promise<Bundle> {
  const chain = await reader(rpc, bundle.deployment);
  return { ...bundle, chain: await readAccount(chain, crypto, bundle) };
}

/** The contracts, to be read only: the account is nobody's, and nothing is sent from it. */
async function reader(url: string, deployment: Deployment): Promise<SettlementChain> {
  const rpc = await connectRpc(url);
  return new SettlementChain(rpc, new Sender(rpc, toHex(systemEntropy.bytes(32))), deployment);
}

function readId(text: string): Bytes32 {
  if (isHex(text, 32)) return text.toLowerCase() as Bytes32;
  throw usageError(`--negotiation takes 32 bytes in hexadecimal, not '${text}'`, "evidence");
}

function write(amount: Amount, decimals: number): string {
  return formatAmount(amount, decimals);
}

function summary({ signatures, agreement, faults, opener, responder }: Findings, verified: boolean): string {
  const parts = [
    `${signatures} signatures good`,
    agreement === null ? "nothing agreed" : `deal ${hashDeal(agreement.deal)} agreed`,
    `wallets ${opener.standing} and ${responder.standing}`,
    faults.length === 0
      ? "no fault proven"
      : `at fault: ${faults.map(({ agent, code }) => `agent ${agent} (${code})`).join(", ")}`,
  ];
  return `${verified ? "verified" : "NOT verified"}: ${parts.join("; ")}`;
}

function toJson(findings: Findings): Record<string, unknown> {
  const { negotiation, opener, responder, signatures, agreement, faults, unproven, chain } = findings;
  const who = ({ agent, wallet, standing, certificate: { key } }: Speaker) => {
    return { agent: agent.toString(), wallet, standing, epoch: key.epoch };
  };
  return JSON.parse(
    JSON.stringify(
      {
        negotiation,
        opener: who(opener),
        responder: who(responder),
        signatures,
        agreement: agreement && {
          dealHash: hashDeal(agreement.deal),
          transcript: agreement.transcript,
          deal: agreement.deal,
        },
        faults,
        unproven,
        chain,
      },
      (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value),
    ),
  ) as Record<string, unknown>;
}
