// Steps of a deal that doesn't go as agreed.
import { ethers } from "../../fixtures/chain.ts";
import { Act, Kind } from "../../fixtures/enums.ts";
import { OWN_WORD } from "../../fixtures/splits.ts";
import { hashAct, hashDeal } from "../../typedData.ts";
import { approver, keyOf, stranger } from "../chain.ts";
import { type Matter, negotiationKey, potOf } from "../deals.ts";
import { answer, type Consent, dispute, execute, forceRuling, lapse, Malice, refer, rule, split } from "../disputes.ts";
import type { Plan } from "../plan.ts";
import { find } from "../registry.ts";
import type { Run } from "../run.ts";
import type { Dispute, State } from "../state.ts";
import type { Tape } from "../tape.ts";
import { DAY, STATEMENT } from "../time.ts";
import { say, signerOf, signSplit, voiceOf } from "../voices.ts";
import { call } from "./call.ts";
import { entryOf, sinceThen, speakerFor } from "./deals.ts";

const EVIDENCE = ethers.id("evidence");
const SHARES = [2_000n, 0n, 3_333n, 6_000n, 6_501n, 10_000n];

export async function planSplit(run: Run, tape: Tape, matter: Matter): Promise<Plan> {
  const { deal, transcript } = matter;
  const now = run.at(tape);
  const pot = potOf(deal);
  const received = entryOf(run, matter)?.received ?? 0n;
  const toSeller = tape.pick([
    received + (pot - received) / 2n,
    pot,
    received,
    pot + 1n,
    received === 0n ? 0n : received - 1n,
  ]);
  const until = tape.chance(8) ? now - 1n : now + tape.pick([DAY, 0n]);
  const bySession = tape.chance(40);
  const from = bySession ? stranger.address : speakerFor(run, tape, tape.chance(50) ? deal.seller : deal.buyer);
  const consents = [deal.buyer, deal.seller].map((agent) => consentOf(run, tape, agent, from, bySession));
  const [buyer, seller] = consents as [Consent, Consent];
  const proofs = await Promise.all([
    prove(run, matter, deal.buyer, buyer, toSeller, until),
    prove(run, matter, deal.seller, seller, toSeller, until),
  ]);
  const method = bySession ? "splitBySession" : "split";
  const args = [deal, transcript, toSeller, until, ...proofs];
  const model = (draft: State) => split(draft, from, matter, { toSeller, until, buyer, seller });
  const plan = { ...call(run, { name: method, from, method, args, model }), matter };
  // a preview takes it that both consent, in time
  const isConsented = until >= now && [buyer, seller].every(({ kind }) => kind !== "sent" || from !== stranger.address);
  return !isConsented ? plan : { ...plan, preview: { act: Act.Split, by: from, amount: toSeller } };
}

function consentOf(run: Run, tape: Tape, agent: bigint, from: string, bySession: boolean): Consent {
  if (bySession) return { kind: "said", voice: voiceOf(run.state, run.now, agent, tape) };
  const found = find(run.state, agent);
  const isStranger = from === stranger.address && tape.chance(20);
  if (from === found?.wallet || from === found?.owner || isStranger) return { kind: "sent" };
  const epoch = (found?.epoch ?? 0n) + (tape.chance(5) ? 1n : 0n);
  return { kind: "signed", signer: tape.chance(3) ? stranger.address : signerOf(found?.wallet), epoch };
}

async function prove(run: Run, { deal }: Matter, agent: bigint, consent: Consent, toSeller: bigint, until: bigint) {
  if (consent.kind === "sent") return OWN_WORD;
  if (consent.kind === "signed") {
    const { epoch } = consent;
    return { epoch, signature: await signSplit(run.chain, deal, { toSeller, until, epoch }, keyOf(consent.signer)) };
  }
  const body = hashAct("Split", { deal: hashDeal(deal), toSeller, until });
  return await say(run.chain, deal, { agent, voice: consent.voice, kind: Kind.Cancel, body });
}

async function statement(run: Run, tape: Tape, matter: Matter, agent: bigint, share: bigint) {
  const { deal, transcript } = matter;
  const plain = [deal, transcript, share, EVIDENCE] as const;
  if (!tape.chance(40)) return { from: speakerFor(run, tape, agent), args: plain, voice: undefined };
  const voice = voiceOf(run.state, run.now, agent, tape);
  const body = hashAct("Dispute", { deal: hashDeal(deal), share, evidence: EVIDENCE });
  const auth = await say(run.chain, deal, { agent, voice, kind: Kind.Dispute, body });
  return { from: stranger.address, args: [...plain, auth] as const, voice };
}

export async function planDispute(run: Run, tape: Tape, matter: Matter): Promise<Plan> {
  const { deal } = matter;
  run.at(tape, "before", sinceThen(run, matter, deal.reviewPeriod));
  const share = tape.chance(3) ? 10_001n : tape.pick(SHARES);
  const value = deal.maxFee + (tape.chance(4) ? 1n : 0n);
  const { from, args, voice } = await statement(run, tape, matter, deal.buyer, share);
  const method = voice ? "disputeBySession" : "dispute";
  const model = (draft: State) => dispute(draft, from, matter, { share, voice, value });
  const plan = { ...call(run, { name: method, from, method, args, value, model }), matter };
  if (value !== deal.maxFee) return plan;
  return { ...plan, preview: { act: Act.Dispute, by: voice ? ethers.ZeroAddress : from, amount: share } };
}

export async function planAnswer(run: Run, tape: Tape, matter: Matter): Promise<Plan> {
  run.at(tape, "before", sinceThen(run, matter, STATEMENT));
  const share = tape.chance(3) ? 10_001n : tape.pick([9_000n, ...SHARES]);
  const { from, args, voice } = await statement(run, tape, matter, matter.deal.seller, share);
  const method = voice ? "answerBySession" : "answer";
  const model = (draft: State) => answer(draft, from, matter, { share, voice });
  const plan = call(run, { name: method, from, method, args, model });
  return { ...plan, matter, preview: { act: Act.Answer, by: voice ? ethers.ZeroAddress : from, amount: share } };
}

export function planRefer(run: Run, tape: Tape, matter: Matter): Plan {
  const { deal, transcript } = matter;
  const dispute = entryOf(run, matter)?.dispute;
  if (dispute?.answered) run.at(tape, "before", dispute.rulingUntil);
  else run.at(tape, "after", sinceThen(run, matter, STATEMENT));
  const cost = run.state.arbitrators.get(deal.arbitrator)?.cost ?? 0n;
  const lacking = cost > deal.maxFee ? cost - deal.maxFee : 0n;
  const value = tape.pick([lacking, lacking + 5n, 0n]);
  const from = stranger.address;
  const args = [deal, transcript];
  const plan = call(run, {
    name: "refer",
    from,
    method: "refer",
    args,
    value,
    model: (draft) => refer(draft, matter, value),
  });
  return { ...plan, matter, preview: { act: Act.Refer, by: from, amount: value } };
}

/** Rulings from which one statement is as much farther off than the other as is tolerated, or a little more. */
function rulingsAtTheEdge(dispute: Dispute | undefined): bigint[] {
  if (!dispute) return [];
  const middle = (dispute.buyerShare + dispute.sellerShare) / 2n;
  return [250n, 251n, -250n, -251n]
    .map((off) => middle + off + 3n)
    .filter((ruling) => ruling > 3n && ruling <= 10_003n);
}

/** The arbitrator rules on this deal if it was asked, else on whatever it has, or hasn't. */
export function planRule(run: Run, tape: Tape, matter?: Matter): Plan {
  const key = matter && negotiationKey(matter.deal);
  const asked = [...run.state.arbitrators.values()].map((each) => ({
    address: each.address,
    id: each.trials.findIndex((trial) => trial.key === key),
  }));
  const found = asked.find(({ id }) => id >= 0);
  const { address, id } = found ?? { address: tape.pick(asked).address, id: tape.pick([0, 1, 2]) };
  const dispute = matter && entryOf(run, matter)?.dispute;
  run.at(tape, "before", dispute?.rulingUntil);
  const ruling = tape.pick([
    6_003n,
    0n,
    1n,
    2n,
    3n,
    10_003n,
    10_004n,
    ...rulingsAtTheEdge(dispute),
    ...rulingsAtTheEdge(dispute),
  ]);
  const isForced = tape.chance(15);
  return call(run, {
    name: isForced ? "rule (forced)" : "rule",
    from: approver.address,
    target: address === run.chain.address.judge ? "judge" : "rogue",
    method: isForced ? "forceRuling" : "giveRuling",
    args: isForced ? [run.chain.address.settlement, id, ruling] : [id, ruling],
    model: (draft) => (isForced ? forceRuling : rule)(draft, address, BigInt(id), ruling),
  });
}

export function planExecute(run: Run, tape: Tape, matter: Matter): Plan {
  run.at(tape);
  const args = [matter.deal, matter.transcript];
  const from = stranger.address;
  const plan = call(run, { name: "execute", from, method: "execute", args, model: (draft) => execute(draft, matter) });
  return { ...plan, matter, preview: { act: Act.Execute, by: from, amount: 0n } };
}

export function planLapse(run: Run, tape: Tape, matter: Matter): Plan {
  run.at(tape, "after", entryOf(run, matter)?.dispute?.rulingUntil);
  const args = [matter.deal, matter.transcript];
  const from = stranger.address;
  const plan = call(run, { name: "lapse", from, method: "lapse", args, model: (draft) => lapse(draft, matter) });
  return { ...plan, matter, preview: { act: Act.Lapse, by: from, amount: 0n } };
}

export function planCost(run: Run, tape: Tape): Plan {
  run.at(tape);
  const target = tape.pick(["judge", "rogue"] as const);
  return planCostOf(run, target, tape.pick([10n, 0n, 20n, 40n]));
}

export function planCostOf(run: Run, target: "judge" | "rogue", cost: bigint): Plan {
  const model = (draft: State) => {
    const found = draft.arbitrators.get(run.chain.address[target]);
    if (found) found.cost = cost;
  };
  return call(run, {
    name: "set an arbitrator's cost",
    from: approver.address,
    target,
    method: "setCost",
    args: [cost],
    model,
  });
}

/** Only one of the two arbitrators is ever malicious. */
export function planMalice(run: Run, tape: Tape): Plan {
  run.at(tape);
  return planMaliceOf(run, tape.pick([Malice.None, Malice.None, ...Object.values(Malice)]));
}

export function planMaliceOf(run: Run, malice: bigint): Plan {
  const { address, settlement } = run.chain;
  // of all calls this one is refused whatever comes along: it is guarded
  const reentry = settlement.interface.encodeFunctionData("depositNative", [1n, false]);
  const reenters = malice === Malice.Reenters;
  return call(run, {
    name: "set an arbitrator's malice",
    from: approver.address,
    target: "rogue",
    method: reenters ? "setCall" : "setMalice",
    args: reenters ? [address.settlement, reentry] : [malice],
    model: (draft) => {
      const found = draft.arbitrators.get(address.rogue);
      if (found) found.malice = malice;
    },
  });
}
