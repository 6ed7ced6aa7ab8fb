// Steps that prove faults, and the guardian's.
import { ethers } from "../../fixtures/chain.ts";
import { Act, Kind } from "../../fixtures/enums.ts";
import { hashDeal } from "../../typedData.ts";
import { AGENTS, guardian, stranger } from "../chain.ts";
import { exposureOf, type Matter } from "../deals.ts";
import { commitOrDeclare, cure, cureUntil, equivocation, pause, penalise, type Said, unpause } from "../faults.ts";
import { look } from "../ledger.ts";
import type { Plan } from "../plan.ts";
import { find, type Voice } from "../registry.ts";
import type { Run } from "../run.ts";
import type { State } from "../state.ts";
import type { Tape } from "../tape.ts";
import { LIABILITY } from "../time.ts";
import { converse, pastVoice, SEEN, speak, voiceOf } from "../voices.ts";
import { call } from "./call.ts";
import { entryOf, someDraft, speakerFor } from "./deals.ts";
import { draftDeal } from "./drafts.ts";
import { planRevokeOf } from "./registry.ts";
import { planTopUp } from "./treasury.ts";

/** An agreement brought by one side, mostly one for which the other has too little, or has taken back its keys. */
export async function planDeclare(run: Run, tape: Tape): Promise<Plan> {
  const now = run.at(tape);
  const isFresh = !tape.chance(15);
  const { deal } = isFresh ? draftDeal(run, tape) : someDraft(run, tape);
  const bySeller = tape.chance(50);
  const [own, other] = bySeller ? [deal.seller, deal.buyer] : [deal.buyer, deal.seller];
  if (isFresh && tape.chance(70)) {
    const more = look(run.state, other, deal.token).free + tape.pick([1n, 50n]);
    if (bySeller) deal.price = more;
    else deal.sellerBond = more;
  }
  const voice = (agent: bigint) => voiceOf(run.state, now, agent, tape);
  const voices = { buyer: voice(deal.buyer), seller: voice(deal.seller) };
  if (tape.chance(35)) {
    if (!hasJustEnded(run, other)) return planRevokeOf(run, other);
    voices[bySeller ? "buyer" : "seller"] = pastVoice(run.state, other, freshOf(run, other));
  }
  const buyerAccepts = tape.chance(50);
  const { args, transcript } = await converse(run.chain, deal, buyerAccepts, voices);
  const matter = { deal, transcript };
  run.matters.push(matter);
  const from = speakerFor(run, tape, own);
  const model = (draft: State) => commitOrDeclare(draft, from, matter, buyerAccepts, voices);
  return { ...call(run, { name: "commitOrDeclare", from, method: "commitOrDeclare", args, model }), matter };
}

/** Whether what the agent said in its last epoch still obliges it. */
function hasJustEnded(run: Run, agent: bigint): boolean {
  const found = find(run.state, agent);
  const past = found?.ended.get(found.epoch - 1n);
  return past === undefined || past.endedAt + LIABILITY >= run.now;
}

function freshOf(run: Run, agent: bigint): Voice {
  return {
    epoch: find(run.state, agent)?.epoch ?? 0n,
    signer: stranger.address,
    notBefore: 0n,
    notAfter: run.now + 100n,
  };
}

/** Brings what is lacking, or says that it is brought. */
export function planCure(run: Run, tape: Tape, matter: Matter): Plan {
  const { deal, transcript } = matter;
  const entry = entryOf(run, matter);
  const other = entry?.declared?.bySeller ? deal.buyer : deal.seller;
  const needed = exposureOf(deal, other);
  const isRevoked = entry?.declared?.epoch !== find(run.state, other)?.epoch;
  const isLacking = look(run.state, other, deal.token).free < needed;
  const isBroken = run.state.tokens.get(deal.token)?.broken;
  if (entry && isLacking && !isBroken && !tape.chance(10)) return planTopUp(run, tape, other, deal.token, needed);
  run.at(tape, "before", entry && cureUntil(entry));
  const from = isRevoked ? (find(run.state, other)?.owner ?? stranger.address) : stranger.address;
  const args = [deal, transcript];
  const name = isRevoked ? "cure (by the owner)" : "cure";
  const plan = call(run, { name, from, method: "cure", args, model: (draft) => cure(draft, from, matter) });
  return { ...plan, matter, preview: { act: Act.Cure, by: from, amount: 0n } };
}

export function planPenalise(run: Run, tape: Tape, matter: Matter): Plan {
  const entry = entryOf(run, matter);
  run.at(tape, "after", entry && cureUntil(entry));
  const args = [matter.deal, matter.transcript];
  const from = stranger.address;
  const plan = call(run, {
    name: "penalise",
    from,
    method: "penalise",
    args,
    model: (draft) => penalise(draft, matter),
  });
  return { ...plan, matter, preview: { act: Act.Penalise, by: from, amount: 0n } };
}

/** Two offers of one agent in one place, about a deal that exists or one that doesn't. */
export async function planEquivocation(run: Run, tape: Tape): Promise<Plan> {
  const now = run.at(tape);
  const { deal } = run.matters.length !== 0 && tape.chance(50) ? tape.pick(run.matters) : draftDeal(run, tape);
  const agent = tape.chance(4) ? tape.pick(AGENTS) : tape.pick([deal.buyer, deal.seller]);
  const hash = hashDeal(deal);
  const first = await sayOnce(run, tape, deal, agent, { body: tape.chance(4) ? ethers.ZeroHash : hash, seq: 4, now });
  const body = tape.pick([ethers.id("another deal"), hash]);
  const second = await sayOnce(run, tape, deal, agent, { body, seq: tape.chance(5) ? 5 : 4, now });
  return call(run, {
    name: "equivocation",
    from: stranger.address,
    method: "equivocation",
    args: [agent, deal, first.said, second.said],
    model: (draft) => equivocation(draft, agent, deal, first.model, second.model),
  });
}

async function sayOnce(
  run: Run,
  tape: Tape,
  deal: Matter["deal"],
  agent: bigint,
  { body, seq, now }: { body: string; seq: number; now: bigint },
) {
  const accepts = tape.chance(30);
  const voice = voiceOf(run.state, now, agent, tape);
  const { negotiation } = deal;
  const kind = accepts ? Kind.Accept : Kind.Offer;
  const { auth, hash } = await speak(run.chain, { agent, voice, negotiation, kind, seen: SEEN, body, seq });
  const model: Said = { deal: body, seq: BigInt(seq), id: hash, voice };
  return { said: { accepts, deal: body, auth: { session: auth, seen: SEEN } }, model };
}

export function planPause(run: Run, tape: Tape): Plan {
  run.at(tape);
  const from = tape.chance(10) ? stranger.address : guardian.address;
  const method = run.state.pausedAt === 0n ? "pause" : "unpause";
  const model = (draft: State) => (method === "pause" ? pause : unpause)(draft, from);
  return call(run, { name: method, from, method, args: [], model });
}
