import { extname } from "node:path";
import type { Litigant } from "../adapters/chain/litigant.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import { readAgentConfig } from "../node/agent-config.ts";
import { NO_EVIDENCE_CONFIG } from "../node/arbitrator-config.ts";
import { bundleInJournal } from "../node/desk/agreement.ts";
import { DisputeDesk, requireArbitrator } from "../node/dispute-desk.ts";
import { EvidenceShelf, evidenceAddress } from "../node/evidence-shelf.ts";
import type { Inclusion } from "../ports/chain.ts";
import type { DisputeRecord } from "../ports/dispute-record.ts";
import { type EvidenceJson, encodeEvidenceJson } from "../terms/evidence-json.ts";
import type { Role } from "../terms/proposal.ts";
import { bundleToJson } from "../transcript/evidence/bundle.ts";
import { parseFlags, readDecimals, wholeNumber } from "./args.ts";
import { actionError, type Command, EXIT, usageError } from "./command.ts";
import { isAnyRefuted, printCase, readGiven, tokenOf } from "./court-look.ts";
import { handFor } from "./deal/act.ts";
import { jsonOf } from "./json-of.ts";
import { print } from "./screen.ts";
import { readBytes, writeText } from "./text-file.ts";
import { warn } from "./warn.ts";

const HELP = `parley dispute: a party's side of a dispute

usage: parley dispute open     --config FILE --deal HASH --share N [--bundle FILE [EVIDENCE]]
       parley dispute answer   --config FILE --deal HASH --share N [--bundle FILE [EVIDENCE]]
       parley dispute evidence --config FILE --deal HASH --bundle FILE EVIDENCE
       parley dispute refer|execute|lapse --config FILE --deal HASH
       parley dispute show     --config FILE --deal HASH [--bundle FILE]... [--decimals N] [--json]

  open       as the buyer of a delivered deal, within its review period: states the seller's share that you own to, and
             deposits the arbitrator's fee
  answer     as the seller, within 24 hours: states the share that you ask for; silence asks for all
  evidence   files more of it, for as long as the dispute lasts: a bundle, or any other file (such as the goods)
  refer      asks the arbitrator; execute pays out by its ruling; lapse pays out where none came in time
  show       how it stands: as arbitrators see it (parley court show)

What is known of deals comes from the chain, so all of this works while the agent runs; but for \`open\` without --bundle.

  --config FILE   the agent's
  --deal HASH     the deal's hash, or its first digits
  --share N       the seller's part of the price in basis points, 0 to 10000
  --bundle FILE   evidence, as parley evidence export writes it. It is verified, and has to be of this deal; the SHA-256 of
                  its bytes goes on the chain. The evidence's JSON (ERC-1497) is written beside it: FILE.erc1497.json.
                  Without it \`open\` takes the bundle out of the journal (stop the agent), and puts it into the folder that
                  \`disputes.evidence\` of the configuration names, or else into this one
  --keys FILE     another key file than the configuration's, such as the owner's
  --json          one JSON object
EVIDENCE:
  --uri URI            where the panel can read the file: https: or ipfs:. It is filed on the chain. Without it only the hash
                       is stated, and the file has to reach the panel by another way
  --evidence-uri URI   where the JSON lies; without it the JSON itself is filed, as a data: address
  --name TEXT, --description TEXT   what it shows, for people
For show:
  --bundle FILE        evidence that came by another way
  --decimals N         of the deal's token, where it doesn't tell them itself; with --json amounts are in the smallest unit
  --folder DIR, --ipfs-gateway URL   where files of evidence are looked for besides the web (usually in the folder of
                                     \`disputes.evidence\`); --allow-private reads addresses of this network too (for rehearsals)

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
  keys: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

const LOOK_FLAGS = {
  config: { type: "string" },
  deal: { type: "string" },
  folder: { type: "string" },
  "ipfs-gateway": { type: "string" },
  "allow-private": { type: "boolean", default: false },
  decimals: { type: "string" },
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
    if (action === undefined) throw actionError(name, Object.keys(ACTIONS), "dispute");
    return await action(args);
  },
};

/** Opens or answers: a share, and what shows it. */
async function state(role: Role, args: readonly string[]): Promise<number> {
  const flags = parseFlags("dispute", args, FLAGS);
  if (flags.share === undefined) throw usageError("--share N is missing", "dispute");
  const share = wholeNumber("dispute", "share", flags.share, 0, 10_000);
  return await withDeal(flags, role, async ({ desk, record }) => {
    requireArbitrator(record);
    const file = await fileOf(role, { desk, record }, flags);
    const brought = file === null ? null : await bring(desk, record, file, true);
    return async (litigant) => {
      const { deal, transcript } = record;
      const evidence = brought?.hash ?? transcript;
      const said = role === "buyer" ? record.claim : record.answer;
      // Said before, and the process died, or where it lies was not known then.
      const isSaid = said?.share === share && said.evidence === evidence;
      const act = role === "buyer" ? "dispute" : "answer";
      const acts = isSaid ? [] : [await litigant[act](deal, transcript, share, evidence)];
      // After an answer that meets the buyer's share nothing is in dispute any more, and nothing can be filed.
      const isOver = role === "seller" && share <= (record.claim?.share ?? 0);
      const isFiledBy = record.submissions.some((one) => one.side === role && one.uri === brought?.uri);
      if (brought?.uri && !isOver && !isFiledBy)
        acts.push(await litigant.submitEvidence(deal, transcript, brought.uri));
      if (brought !== null && brought.uri === null)
        warn("  the file lies nowhere yet: give it to the panel, or file it: parley dispute evidence");
      return { says: `stated ${share / 100} % for the seller, by evidence ${evidence}`, acts };
    };
  });
}

/** What the statement names; null for a seller that shows nothing. */
async function fileOf(role: Role, { desk, record }: Place, flags: Flags): Promise<Bringing | null> {
  if (flags.bundle !== undefined) return { ...flags, bundle: flags.bundle };
  return role === "buyer" ? await takeOut(desk, record, flags) : null;
}

/** Files evidence that is not the statement's own, or not only. */
async function file(args: readonly string[]): Promise<number> {
  const flags = parseFlags("dispute", args, FLAGS);
  const { bundle, uri: fileURI } = flags;
  if (bundle === undefined) throw usageError("--bundle FILE is missing", "dispute");
  if (fileURI === undefined) throw usageError("--uri URI is missing: where the panel can read the file", "dispute");
  return await withDeal(flags, null, async ({ desk, record }) => {
    const { hash, uri } = await bring(desk, record, { ...flags, bundle }, false);
    return async (litigant) => ({
      says: `filed evidence ${hash}`,
      acts: uri === null ? [] : [await litigant.submitEvidence(record.deal, record.transcript, uri)],
    });
  });
}

function push(says: string, act: (litigant: Litigant, record: DisputeRecord) => Promise<Inclusion>) {
  return async (args: readonly string[]): Promise<number> =>
    await withDeal(parseFlags("dispute", args, FLAGS), null, async ({ record }) => async (litigant) => {
      return { says, acts: [await act(litigant, record)] };
    });
}

interface Done {
  readonly says: string;
  readonly acts: readonly Inclusion[];
}

/** What is acted on, and from where. */
interface Place {
  readonly desk: DisputeDesk;
  readonly record: DisputeRecord;
}

/** Prepares first, without a key and without sending anything; then acts. */
async function withDeal(
  flags: Flags,
  role: Role | null,
  prepare: (place: Place) => Promise<(litigant: Litigant) => Promise<Done>>,
): Promise<number> {
  const { config: path, deal } = flags;
  if (path === undefined) throw usageError("--config FILE is missing", "dispute");
  if (deal === undefined) throw usageError("--deal HASH is missing", "dispute");
  const desk = await DisputeDesk.open(await readAgentConfig(path), NO_EVIDENCE_CONFIG);
  const record = await desk.find(deal, role);
  const act = await prepare({ desk, record });
  const { litigant } = await handFor(desk.desk, flags);
  const { says, acts } = await act(litigant);
  const transactions = acts.map(({ transaction }) => transaction);
  const sent = transactions.length === 0 ? "before; nothing is to be sent" : `transaction ${transactions.join(", ")}`;
  print(flags.json ? jsonOf({ says, deal: record.dealHash, transactions }) : `${says}: ${sent}`);
  return EXIT.ok;
}

/** A file to bring, and what is said of it. */
type Bringing = Pick<Flags, "uri" | "name" | "description" | "evidence-uri"> & { readonly bundle: string };

/** Checks a file, and writes its JSON beside it where it lies somewhere. */
async function bring(
  desk: DisputeDesk,
  record: DisputeRecord,
  { bundle: path, uri: fileURI, name, description, "evidence-uri": elsewhere }: Bringing,
  mustBeBundle: boolean,
): Promise<{ readonly hash: Bytes32; readonly uri: string | null }> {
  const hash = await desk.check(record, readBytes(path), mustBeBundle);
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

/** Takes the bundle out of the stopped agent's journal, and puts it where such files belong. */
async function takeOut({ desk }: DisputeDesk, { deal }: DisputeRecord, flags: Flags): Promise<Bringing> {
  const { config } = desk;
  const text = `${JSON.stringify(bundleToJson(await bundleInJournal(config, deal.negotiation)), null, 2)}\n`;
  const shelf = new EvidenceShelf(config.disputes.evidence ?? { folder: ".", uri: null });
  const { path, uri } = await shelf.put(text);
  warn(`  the evidence is ${path}: keep that very file`);
  const where = flags.uri ?? uri;
  return { ...flags, bundle: path, ...(where === null ? {} : { uri: where }) };
}

async function show(args: readonly string[]): Promise<number> {
  const flags = parseFlags("dispute", args, {
    ...LOOK_FLAGS,
    bundle: { type: "string", multiple: true, default: [] },
  });
  if (flags.config === undefined) throw usageError("--config FILE is missing", "dispute");
  if (flags.deal === undefined) throw usageError("--deal HASH is missing", "dispute");
  const decimals = readDecimals("dispute", flags.decimals);
  const config = await readAgentConfig(flags.config);
  const evidence = {
    folder: flags.folder ?? config.disputes.evidence?.folder ?? null,
    ipfsGateway: flags["ipfs-gateway"] ?? null,
    allowPrivate: flags["allow-private"],
  };
  const desk = await DisputeDesk.open(config, evidence);
  const given = flags.bundle.map(readGiven);
  const summary = await desk.caseOf(flags.deal, given);
  printCase(summary, await tokenOf(desk.desk.rpc, summary, decimals), flags.json);
  return isAnyRefuted(summary, given) ? EXIT.failed : EXIT.ok;
}
