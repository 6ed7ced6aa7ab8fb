import type { Rpc } from "../adapters/chain/rpc.ts";
import { type TokenFacts, Tokens } from "../adapters/chain/tokens.ts";
import { isHex } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Address, Bytes32 } from "../kernel/ids.ts";
import { formatCoin } from "../kernel/money.ts";
import { visible } from "../kernel/visible.ts";
import { dutyOf } from "../node/arbitrator.ts";
import type { GivenFile } from "../node/case-file.ts";
import type { CourtOffice } from "../node/court-office.ts";
import { openDisputes } from "../node/court-watch.ts";
import type { CourtCase, Seat } from "../ports/court.ts";
import { decide } from "../settlement/disputes/rules.ts";
import type { CaseSummary } from "../settlement/disputes/summary.ts";
import { tell, tellDecision } from "../settlement/disputes/telling.ts";
import { iso } from "../transcript/evidence/examine.ts";
import { parseFlags, readDecimals } from "./args.ts";
import { summaryToJson } from "./case-json.ts";
import { EXIT, usageError } from "./command.ts";
import { COURT_FLAGS, openKeys, openOffice, takeDispute } from "./court-access.ts";
import { money } from "./deal/words.ts";
import { jsonOf } from "./json-of.ts";
import { print } from "./screen.ts";
import { readBytes } from "./text-file.ts";

const ASKED = {
  draw: "anyone to draw the panel",
  vote: "YOU to vote",
  reveal: "YOU to reveal your vote",
  count: "anyone to count the round",
  "pass-on": "anyone to pass the ruling on",
  wait: "the others to vote",
  none: "nothing of you",
} as const;

/** `parley court list` */
export async function list(args: readonly string[]): Promise<number> {
  const flags = parseFlags("court", args, {
    ...COURT_FLAGS,
    all: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  });
  const office = await openOffice(flags.config);
  const keys = await openKeys(office.config.keys);
  const trials = flags.all ? await allDisputes(office) : await openDisputes(office.reader, 1n);
  const seat = await office.reader.seat(keys.address);
  const rows = trials.map((trial) => ({ ...trial, asked: dutyOf(trial, keys.address) }));
  if (flags.json) print(jsonOf({ account: keys.address, seat, disputes: rows }));
  else for (const line of listLines(keys.address, seat, rows)) print(line);
  return EXIT.ok;
}

interface Row extends CourtCase {
  readonly asked: keyof typeof ASKED;
}

function listLines(account: Address, { taken, stake, panels, credit }: Seat, rows: readonly Row[]): string[] {
  const sits = taken ? `has a seat with ${formatCoin(stake)} at stake` : "has no seat";
  const lines = rows.map(({ dispute, round, stage, until, asked }) => {
    const clock = until === null ? "" : ` until ${iso(until)}`;
    return `dispute ${dispute}, round ${round + 1n}: ${stage.toLowerCase()}${clock}; it takes ${ASKED[asked]}`;
  });
  return [
    `${account} ${sits}, sits on ${panels} panels, and has earned ${formatCoin(credit)}`,
    ...(rows.length === 0 ? ["no dispute is open"] : lines),
  ];
}

async function allDisputes({ reader }: CourtOffice): Promise<CourtCase[]> {
  const trials: CourtCase[] = [];
  for (let dispute = await reader.count(); dispute > 0n; dispute--) trials.push(await reader.find(dispute));
  return trials;
}

/** `parley court show` */
export async function show(args: readonly string[]): Promise<number> {
  const { dispute, rest } = takeDispute(args);
  const flags = parseFlags("court", rest, {
    ...COURT_FLAGS,
    deal: { type: "string" },
    bundle: { type: "string", multiple: true, default: [] },
    decimals: { type: "string" },
    json: { type: "boolean", default: false },
  });
  if ((dispute === null) === (flags.deal === undefined)) {
    throw usageError("show takes the number of a DISPUTE, or --deal HASH", "court");
  }
  const decimals = readDecimals("court", flags.decimals);
  const given = flags.bundle.map(readGiven);
  const office = await openOffice(flags.config);
  const summary =
    dispute === null
      ? await office.caseOfDeal(readHash(flags.deal ?? "", "court"), given)
      : await office.caseOf(await office.reader.find(dispute), given);
  if (summary === null) {
    throw new ParleyError("ArbitratorNotInDeal", `dispute ${dispute} is about no deal of the configured Settlement`, {
      hint: "whoever raised it has to be asked what it is about; a vote or a refusal is still owed",
    });
  }
  printCase(summary, await tokenOf(office.rpc, summary, decimals), flags.json);
  return isAnyRefuted(summary, given) ? EXIT.failed : EXIT.ok;
}

/** A file that was given and doesn't hold is told by the exit code too. */
export function isAnyRefuted({ exhibits }: CaseSummary, given: readonly GivenFile[]): boolean {
  return given.some(({ origin }) => exhibits.some((one) => one.origin === origin && one.trouble !== null));
}

/** Prints a case, with what the rules would say. */
export function printCase(summary: CaseSummary, token: TokenFacts, json: boolean): void {
  const decision = decide(summary);
  // Where nothing is in dispute there is nothing for rules to decide.
  const decided = summary.record.status === "Disputed" ? ["", ...tellDecision(decision)] : [];
  const lines = json
    ? [jsonOf({ ...summaryToJson(summary), decision })]
    : [...tell(summary, (amount) => money(amount, token)), ...decided];
  for (const line of lines) print(visible(line));
}

/** The token of a case's deal, as it says itself; `decimals` are people's word for one that doesn't tell. */
export async function tokenOf(rpc: Rpc, { record }: CaseSummary, decimals: number | null): Promise<TokenFacts> {
  const facts = await new Tokens(rpc).factsOrUnits(record.deal.token);
  return decimals === null ? facts : { ...facts, decimals };
}

function readHash(text: string, command: string): Bytes32 {
  if (isHex(text, 32)) return text.toLowerCase() as Bytes32;
  throw usageError(`--deal takes 32 bytes in hexadecimal, not '${text}'`, command);
}

/** The bytes as they are: their hash is what counts. */
export function readGiven(file: string): GivenFile {
  return { origin: file, bytes: readBytes(file) };
}
