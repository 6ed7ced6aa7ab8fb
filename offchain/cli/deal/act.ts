import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { isHex } from "../../kernel/bytes.ts";
import type { Bytes32 } from "../../kernel/ids.ts";
import { type Agreed, type DealView, requireWhole } from "../../node/desk/deal-view.ts";
import { type Desk, type Hand, requireSpeaker, speakersOf, takeHand } from "../../node/desk/desk.ts";
import type { DealPosition, Inclusion } from "../../ports/chain.ts";
import { checkAct, type DealAct } from "../../settlement/standing.ts";
import type { Deal } from "../../terms/deal.ts";
import { parseFlags } from "../args.ts";
import { EXIT, usageError } from "../command.ts";
import { confirm } from "../confirm.ts";
import { jsonOf } from "../json-of.ts";
import { openKeys } from "../open-keys.ts";
import { print } from "../screen.ts";
import { tellTrouble } from "../tell-trouble.ts";
import { unreadable } from "../text-file.ts";
import { PICK, type PickFlags, pickDeal } from "./pick.ts";
import { iso, money } from "./words.ts";

/** Flags of whatever sends a transaction. */
export const ACT = { ...PICK, keys: { type: "string" }, yes: { type: "boolean", default: false } } as const;

type PlainAct = Exclude<DealAct, "split">;

interface ActFlags extends PickFlags {
  readonly keys?: string | undefined;
  readonly yes: boolean;
  readonly json: boolean;
}

/** Does one of the acts that need nothing but the deal. */
export async function act(name: Exclude<PlainAct, "deliver">, args: readonly string[]): Promise<number> {
  return await perform(name, parseFlags("deal", args, ACT), null);
}

/** Records a delivery, by what shows it. */
export async function deliver(args: readonly string[]): Promise<number> {
  const flags = parseFlags("deal", args, { ...ACT, evidence: { type: "string" }, file: { type: "string" } });
  return await perform("deliver", flags, await evidenceOf(flags));
}

async function perform(name: PlainAct, flags: ActFlags, evidence: Bytes32 | null): Promise<number> {
  const { desk, view } = await pickDeal(flags);
  const { deal, transcript, position } = requireWhole(view);
  checkAct(name, desk.config.agent, deal, position);
  const preview = previewOf(name, view, deal, position, evidence);
  const hand = await handFor(desk, flags);
  await confirm([...preview, `from        ${hand.address}`], flags.yes);
  const inclusion = await send(name, hand, { deal, transcript }, evidence);
  report(name, view, inclusion, flags.json);
  return EXIT.ok;
}

/** Opens the key file and makes sure that its account may act for the agent, before anything is signed. */
export async function handFor(desk: Desk, { keys }: Pick<ActFlags, "keys">): Promise<Hand> {
  const { agent, keys: configured } = desk.config;
  const speakers = await speakersOf(desk, agent);
  const hand = takeHand(desk, await openKeys(keys ?? configured), tellTrouble());
  requireSpeaker(agent, speakers, hand.address);
  return hand;
}

/** Tells what became of it, for people or programs. */
export function report(
  name: DealAct,
  { dealHash }: DealView,
  { transaction, block, gasUsed }: Inclusion,
  isJson: boolean,
): void {
  if (isJson) print(jsonOf({ done: name, deal: dealHash, transaction, block, gasUsed }));
  else print(`done: ${name} of deal ${dealHash}\ntransaction ${transaction} in block ${block}, ${gasUsed} gas`);
}

function send(
  name: PlainAct,
  { chain }: Hand,
  { deal, transcript }: Agreed,
  evidence: Bytes32 | null,
): Promise<Inclusion> {
  if (name === "accept") return chain.accept(deal, transcript);
  if (name === "claim") return chain.claim(deal, transcript);
  if (name === "refund") return chain.refund(deal, transcript);
  if (evidence === null) throw usageError("--evidence HASH or --file FILE is missing", "deal");
  return chain.deliver(deal, transcript, evidence);
}

function previewOf(
  name: PlainAct,
  { dealHash, counterparty, role, token, status, found }: DealView,
  deal: Deal,
  { received, now }: DealPosition,
  evidence: Bytes32 | null,
): string[] {
  const paid = deal.price - received;
  const effect = {
    deliver: `records ${evidence} as what shows the delivery; the buyer has until ${iso(now + deal.reviewPeriod)} or a little later`,
    accept: `pays ${money(paid, token)} and its bond to the seller, and the buyer its bond; this is final`,
    claim: `pays ${money(paid, token)} and its bond to the seller, and the buyer its bond`,
    refund: `gives ${money(paid, token)} back to the buyer, and it the seller's bond for what has no receipt`,
  }[name];
  return [
    `${name} deal ${dealHash}`,
    `you are     the ${role}, with agent ${counterparty}; the deal is ${status}`,
    ...(name === "accept" && found?.evidence ? [`delivered   ${found.evidence}`] : []),
    `effect      ${effect}`,
  ];
}

async function evidenceOf({
  evidence,
  file,
}: {
  evidence?: string | undefined;
  file?: string | undefined;
}): Promise<Bytes32> {
  if ((evidence === undefined) === (file === undefined)) {
    throw usageError("deliver takes either --evidence HASH or --file FILE, what is delivered", "deal");
  }
  if (evidence === undefined) return await digestOf(file ?? "");
  if (isHex(evidence, 32)) return evidence.toLowerCase() as Bytes32;
  throw usageError(`--evidence takes 32 bytes in hexadecimal, not '${evidence}'`, "deal");
}

/** SHA-256 of a file of any size: what `terms.digest` names. */
async function digestOf(file: string): Promise<Bytes32> {
  const hash = createHash("sha256");
  try {
    for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  } catch (thrown) {
    throw unreadable(file, thrown);
  }
  return `0x${hash.digest("hex")}`;
}
