import { existsSync } from "node:fs";
import { NodeCrypto } from "../adapters/crypto/node/crypto.ts";
import { isHex } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import { readAgentConfig } from "../node/agent-config.ts";
import { gatherEvidence, type Kept, negotiationsIn } from "../node/evidence.ts";
import { openJournal } from "../node/journal.ts";
import type { JsonObject } from "../terms/canonical-json.ts";
import { attachmentsFromJson, attachmentsToJson } from "../transcript/evidence/attachments.ts";
import { bundleToJson } from "../transcript/evidence/bundle.ts";
import { parseFlags } from "./args.ts";
import { actionError, type Command, EXIT, usageError } from "./command.ts";
import { openReader } from "./evidence-chain.ts";
import { look } from "./evidence-look.ts";
import { print } from "./screen.ts";
import { createText, readText, writeText } from "./text-file.ts";

const HELP = `parley evidence: what was said, agreed and done, in one file that anybody can verify

usage: parley evidence export --config FILE [--negotiation ID] [--out FILE [--force]] [--withhold PARTS] [--offline]
                              [--attach FILE]...
       parley evidence verify FILE [--rpc URL] [--json]
       parley evidence show FILE [--rpc URL] [--decimals N]

  export   takes a negotiation out of an agent's journal; without --negotiation it lists those that are there
    --config FILE      the agent's configuration; the agent must be stopped, since its journal is for one process
    --negotiation ID   the negotiation's id, or the opener's half of it
    --out FILE         where to write it; otherwise to standard output
    --force            write over a file that is there
    --withhold PARTS   what not to show: proposal (how it was to be bargained), or terms (and so the proposal, which
                       holds them). Their hashes stay
    --attach FILE      a document that shows something, such as an intake's readings or report; as often as there are some
    --offline          without what the chain says
  verify   checks every signature, both chains, the agreement and the terms; asks nobody. What the file says of the
           chain (wallets, where the deal stands) is its maker's claim then, and only held against the messages
    --rpc URL          ask a node of the chain, too: whose wallets these are, and where the deal stands
    --json             one JSON object, with the proofs of every fault
  show     tells what happened, and who is at fault
    --rpc URL          as above; the token tells how its amounts are written, too
    --decimals N       of the deal's token, for where none is asked (default 0: amounts in its smallest unit)

Exits with 0 where nothing in the file was found to be untrue: without --rpc that says nothing of the chain. With 1 where
something was altered, cut or is untrue ("NOT verified"), 66 where the file can't be read, 69 where the chain can't be
asked, 78 where a configuration can't be used.

example: parley evidence export --config seller.json --negotiation 0x5c…e1 --out deal.evidence.json
         parley evidence show deal.evidence.json --decimals 6
`;

const PARTS = ["proposal", "terms"] as const;

export const evidenceCommand: Command = {
  help: HELP,
  async run([name, ...args]) {
    if (name === "export") return await exportBundle(args);
    if (name === "verify" || name === "show") return await look(name, args);
    throw actionError(name, ["export", "verify", "show"], "evidence");
  },
};

async function exportBundle(args: readonly string[]): Promise<number> {
  const flags = parseFlags("evidence", args, {
    config: { type: "string" },
    negotiation: { type: "string" },
    out: { type: "string" },
    force: { type: "boolean", default: false },
    withhold: { type: "string", default: "" },
    offline: { type: "boolean", default: false },
    attach: { type: "string", multiple: true, default: [] },
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
      for (const kept of await negotiationsIn(journal, config.deployment)) print(entry(kept));
      return EXIT.ok;
    }
    const chain = flags.offline ? null : await openReader(config.rpc, config.deployment);
    const bundle = await gatherEvidence(journal, config.deployment, id, disclosure, chain, new NodeCrypto());
    const attachments = flags.attach.map(readDocument);
    const text = `${JSON.stringify(bundleToJson({ ...bundle, attachments }), null, 2)}\n`;
    if (flags.out === undefined) process.stdout.write(text);
    else if (flags.force) writeText(flags.out, text);
    else createText(flags.out, text, "name another file, or write over it: --force");
    return EXIT.ok;
  } finally {
    await journal.close();
  }
}

function entry({ negotiation, phase, openedAt, peer, price }: Kept): string {
  const at = openedAt === null ? "never said" : new Date(openedAt).toISOString();
  return `${negotiation}  ${phase.padEnd(10)}  ${at}  agent ${peer}  ${price === null ? "-" : `price ${price}`}`;
}

/** A document to attach, which has to be a JSON object whose hash others can compute. */
function readDocument(file: string): JsonObject {
  try {
    const [document] = attachmentsFromJson(attachmentsToJson([JSON.parse(readText(file)) as JsonObject]));
    if (document !== undefined) return document;
  } catch (thrown) {
    if (thrown instanceof ParleyError && thrown.code === "FileUnreadable") throw thrown;
  }
  throw usageError(`--attach takes a JSON object, which ${file} is not`, "evidence");
}

function readId(text: string): Bytes32 {
  if (isHex(text, 32)) return text.toLowerCase() as Bytes32;
  throw usageError(`--negotiation takes 32 bytes in hexadecimal, not '${text}'`, "evidence");
}
