import { extname } from "node:path";
import type { Litigant } from "../adapters/chain/litigant.ts";
import type { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import { readAgentConfig } from "../node/agent-config.ts";
import { NO_EVIDENCE_CONFIG } from "../node/arbitrator-config.ts";
import { DisputeDesk, evidenceAddress, requireArbitrator } from "../node/dispute-desk.ts";
import type { Inclusion } from "../ports/chain.ts";
import type { DisputeRecord } from "../ports/dispute-record.ts";
import { type EvidenceJson, encodeEvidenceJson } from "../terms/evidence-json.ts";
import type { Role } from "../terms/proposal.ts";
import { parseFlags, wholeNumber } from "./args.ts";
import { type Command, EXIT, usageError } from "./command.ts";
import { openKeys } from "./court-access.ts";
import { printCase, readHash } from "./court-look.ts";
import { jsonOf } from "./json-of.ts";
import { print } from "./screen.ts";
import { readBytes, writeText } from "./text-file.ts";
import { warn } from "./warn.ts";

const HELP = `parley dispute: a party's side of a dispute

usage: parley dispute open     --config FILE --deal HASH --share N --bundle FILE [EVIDENCE]
       parley dispute answer   --config FILE --deal HASH --share N [--bundle FILE [EVIDENCE]]
       parley dispute evidence --config FILE --deal HASH --bundle FILE EVIDENCE
       parley dispute refer|execute|lapse --config FILE --deal HASH
       parley dispute show     --config FILE --deal HASH [--decimals N] [--json]

  open       as the buyer of a delivered deal, within its review period: states the seller's share that you own to, and
             deposits the arbitrator's fee
  answer     as the seller, within 24 hours: states the share that you ask for; silence asks for all
  evidence   files more of it, for as long as the dispute lasts: a bundle, or any other file (such as the goods)
  refer      asks the arbitrator; execute pays out by its ruling; lapse pays out where none came in time
  show       how it stands: as arbitrators see it (parley court show)

  --config FILE   the agent's; stop the agent meanwhile, whose journal of settlements this writes
  --deal HASH     the deal's
  --share N       the seller's part of the price in basis points, 0 to 10000
  --bundle FILE   evidence, as parley evidence export writes it. It is verified, and has to be of this deal; the SHA-256 of
                  its bytes goes on the chain. The evidence's JSON (ERC-1497) is written beside it: FILE.erc1497.json
  --json          one JSON object
EVIDENCE:
  --uri URI            where the panel can read the file: https: or ipfs:. It is filed on the chain. Without it only the hash
                       is stated, and the file has to reach the panel by another way
  --evidence-uri URI   where the JSON lies; without it the JSON itself is filed, as a data: address
  --name TEXT, --description TEXT   what it shows, for people
For show:
  --folder DIR, --ipfs-gateway URL   where files of evidence are looked for besides the web; --allow-private reads addresses
                                     of this network too (for rehearsals)

Exits with 0; with 1 where the evidence doesn't verify, is of another deal, or the contract says no: nothing was sent then; 2
wrong usage, 66 a file can't be read, 69 the chain can't be asked, 78 the configuration or keys can't be used.

example: parley dispute open --config buyer.json --deal 0x5c…e1 --share 2500 --bundle deal.evidence.json \\
           --uri https://files.example/deal.evidence.json --description "half of it is missing"
`;

const FLAGS = {
  config: { type: "string" },
  deal: { type: "string" },
  share: { type: "string" },
  bundle: { type: "string" },
  uri: { type: "string" },
  "evidence-uri": { type: "string" },
  name: { type: "string", default: "Transcript and terms of the deal" },
  description: { type: "string", default: "" },
  json: { type: "boolean", default: false },
} as const;

const LOOK_FLAGS = {
  config: { type: "string" },
  deal: { type: "string" },
  folder: { type: "string" },
  "ipfs-gateway": { type: "string" },
  "allow-private": { type: "boolean", default: false },
  decimals: { type: "string", default: "0" },
  json: { type: "boolean", default: false },
} as const;

type Flags = ReturnType<typeof parseFlags<typeof FLAGS>>;

const ACTIONS: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  open: (args) => state("buyer", args),
  answer: (args) => state("seller", args),
  evidence: file,
  refer: push("the arbitrator is asked", (litigant, { deal, transcript }) => litigant.refer(deal, transcript)),
  execute: push("paid out by the ruling", (litigant, { deal, transcript }) => litigant.execute(deal, transcript)),
  lapse: push("paid out without a ruling", (litigant, { deal, transcript }) => litigant.lapse(deal, transcript)),
  show,
};

export const disputeCommand: Command = {
  help: HELP,
  async run([name, ...args]) {
    const action = name !== undefined && Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (action === undefined) throw usageError(`one of ${Object.keys(ACTIONS).join(", ")} is missing`, "dispute");
    return await action(args);
  },
};

/** Opens or answers: a share, and what shows it. */
async function state(role: Role, args: readonly string[]): Promise<number> {
  const flags = parseFlags("dispute", args, FLAGS);
  if (flags.share === undefined) throw usageError("--share N is missing", "dispute");
  const share = wholeNumber("dispute", "share", flags.share, 0, 10_000);
  if (role === "buyer" && flags.bundle === undefined) throw usageError("--bundle FILE is missing", "dispute");
  return await withDeal(flags, role, async (desk, record) => {
    requireArbitrator(record);
    const brought = flags.bundle === undefined ? null : await bring(desk, record, flags.bundle, flags, true);
    return async (litigant) => {
      const { deal, transcript } = record;
      const evidence = brought?.hash ?? transcript;
      const said = await litigant[role === "buyer" ? "dispute" : "answer"](deal, transcript, share, evidence);
      // After an answer that meets the buyer's share nothing is in dispute any more, and nothing can be filed.
      const isOver = role === "seller" && share <= (record.claim?.share ?? 0);
      const filed = brought?.uri && !isOver ? [await litigant.submitEvidence(deal, transcript, brought.uri)] : [];
      if (brought !== null && brought.uri === null)
        warn("  the file lies nowhere yet: give it to the panel, or file it: parley dispute evidence");
      return { says: `stated ${share / 100} % for the seller, by evidence ${evidence}`, acts: [said, ...filed] };
    };
  });
}

/** Files evidence that is not the statement's own, or not only. */
async function file(args: readonly string[]): Promise<number> {
  const flags = parseFlags("dispute", args, FLAGS);
  const { bundle: path } = flags;
  if (path === undefined) throw usageError("--bundle FILE is missing", "dispute");
  if (flags.uri === undefined) throw usageError("--uri URI is missing: where the panel can read the file", "dispute");
  return await withDeal(flags, null, async (desk, record) => {
    const { hash, uri } = await bring(desk, record, path, flags, false);
    return async (litigant) => ({
      says: `filed evidence ${hash}`,
      acts: uri === null ? [] : [await litigant.submitEvidence(record.deal, record.transcript, uri)],
    });
  });
}

function push(says: string, act: (litigant: Litigant, record: DisputeRecord) => Promise<Inclusion>) {
  return async (args: readonly string[]): Promise<number> =>
    await withDeal(parseFlags("dispute", args, FLAGS), null, async (_desk, record) => async (litigant) => {
      return { says, acts: [await act(litigant, record)] };
    });
}

interface Done {
  readonly says: string;
  readonly acts: readonly Inclusion[];
}

/** Prepares first, without a key and without sending anything; then acts. */
async function withDeal(
  flags: Flags,
  role: Role | null,
  prepare: (desk: DisputeDesk, record: DisputeRecord) => Promise<(litigant: Litigant) => Promise<Done>>,
): Promise<number> {
  const { config: path, deal } = flags;
  if (path === undefined) throw usageError("--config FILE is missing", "dispute");
  if (deal === undefined) throw usageError("--deal HASH is missing", "dispute");
  const config = await readAgentConfig(path);
  const desk = await DisputeDesk.open(config, NO_EVIDENCE_CONFIG);
  const act = await prepare(desk, await desk.find(readHash(deal, "dispute"), role));
  const keys = await openKeys(config.keys);
  const trouble = (error: ParleyError) => warn(`${error.message} [${error.code}]; it is tried again`);
  const { says, acts } = await desk.asParty(keys, act, trouble);
  const transactions = acts.map(({ transaction }) => transaction);
  print(flags.json ? jsonOf({ says, deal, transactions }) : `${says}: transaction ${transactions.join(", ")}`);
  return EXIT.ok;
}

/** Checks a file, and writes its JSON beside it where it lies somewhere. */
async function bring(
  desk: DisputeDesk,
  record: DisputeRecord,
  path: string,
  flags: Flags,
  mustBeBundle: boolean,
): Promise<{ readonly hash: Bytes32; readonly uri: string | null }> {
  const hash = await desk.check(record, readBytes(path), mustBeBundle);
  const { uri: fileURI, name, description, "evidence-uri": elsewhere } = flags;
  if (fileURI === undefined) {
    if (elsewhere !== undefined)
      throw usageError("--evidence-uri takes --uri too, which stands in the JSON", "dispute");
    return { hash, uri: null };
  }
  if (!/^(?:https?:\/\/|ipfs:\/\/)/.test(fileURI))
    throw usageError("--uri takes an https: or ipfs: address", "dispute");
  if (fileURI.startsWith("http:")) warn("  arbitrators read http: addresses in rehearsals only; take https: or ipfs:");
  const evidence: EvidenceJson = {
    fileURI,
    fileHash: hash,
    fileTypeExtension: extname(path).slice(1),
    name,
    description,
  };
  const beside = `${path}.erc1497.json`;
  if (elsewhere === undefined) {
    const { json, uri } = evidenceAddress(evidence);
    writeText(beside, json);
    return { hash, uri };
  }
  writeText(beside, encodeEvidenceJson(evidence));
  return { hash, uri: elsewhere };
}

async function show(args: readonly string[]): Promise<number> {
  const flags = parseFlags("dispute", args, LOOK_FLAGS);
  if (flags.config === undefined) throw usageError("--config FILE is missing", "dispute");
  if (flags.deal === undefined) throw usageError("--deal HASH is missing", "dispute");
  const decimals = wholeNumber("dispute", "decimals", flags.decimals, 0, 36);
  const evidence = {
    folder: flags.folder ?? null,
    ipfsGateway: flags["ipfs-gateway"] ?? null,
    allowPrivate: flags["allow-private"],
  };
  const desk = await DisputeDesk.open(await readAgentConfig(flags.config), evidence);
  printCase(await desk.caseOf(readHash(flags.deal, "dispute")), decimals, flags.json);
  return EXIT.ok;
}
