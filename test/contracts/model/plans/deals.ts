// Steps of a deal that goes as agreed.
import { ethers } from "../../fixtures/chain.ts";
import { Act, Kind } from "../../fixtures/enums.ts";
import { hashAct, hashDeal } from "../../typedData.ts";
import { keyOf, stranger } from "../chain.ts";
import {
  accept,
  claim,
  claimReceipt,
  commit,
  commitBySession,
  deliver,
  type Matter,
  negotiationKey,
  refund,
} from "../deals.ts";
import type { Plan } from "../plan.ts";
import { find } from "../registry.ts";
import type { Run } from "../run.ts";
import { attempt, type Entry, NOBODY, refuse, type State } from "../state.ts";
import type { Tape } from "../tape.ts";
import { GRACE } from "../time.ts";
import { converse, receiptOf, say, signAgreement, signerOf, voiceOf } from "../voices.ts";
import { call } from "./call.ts";
import { draftDeal } from "./drafts.ts";

const EVIDENCE = ethers.id("evidence");

/** A new deal, or one that was drawn up before and is open still. */
export function someDraft(run: Run, tape: Tape): Matter {
  const drafts = run.matters.filter(
    ({ deal }) => !run.state.entries.has(negotiationKey(deal)) && deal.commitBy >= Number(run.now),
  );
  return drafts.length !== 0 && tape.chance(35) ? tape.pick(drafts) : draftDeal(run, tape);
}

/** Owner or wallet of an agent, sometimes somebody else. */
export function speakerFor(run: Run, tape: Tape, agent: bigint): string {
  const found = find(run.state, agent);
  if (!found || tape.chance(5)) return stranger.address;
  return tape.pick([found.wallet, found.owner].filter((address) => address !== NOBODY));
}

/** The deal's entry, if the negotiation has one. */
export function entryOf(run: Run, { deal }: Matter): Entry | undefined {
  return run.state.entries.get(negotiationKey(deal));
}

export function sinceThen(run: Run, matter: Matter, ...periods: (bigint | number)[]): bigint {
  return periods.reduce((time: bigint, period) => time + BigInt(period), entryOf(run, matter)?.since ?? run.state.now);
}

interface Commitment {
  method: "commit" | "commitBySession";
  args: readonly unknown[];
  matter: Matter;
  model: (draft: State) => void;
}

async function byWallets(run: Run, tape: Tape): Promise<Commitment> {
  const matter = someDraft(run, tape);
  const { deal, transcript } = matter;
  const side = (agent: bigint) => {
    const epoch = (find(run.state, agent)?.epoch ?? 0n) + (tape.chance(3) ? 1n : 0n);
    return { epoch, signer: tape.chance(3) ? stranger.address : signerOf(find(run.state, agent)?.wallet) };
  };
  const [buyer, seller] = [side(deal.buyer), side(deal.seller)];
  const epochs = { buyerEpoch: buyer.epoch, sellerEpoch: seller.epoch };
  const sign = async (signer: string) => await signAgreement(run.chain, deal, transcript, epochs, keyOf(signer));
  const [buyers, sellers] = [await sign(buyer.signer), await sign(seller.signer)];
  const auths = [
    { epoch: buyer.epoch, signature: buyers },
    { epoch: seller.epoch, signature: sellers },
  ];
  return {
    method: "commit",
    args: [deal, transcript, ...auths],
    matter,
    model: (draft) => commit(draft, matter, buyer, seller),
  };
}

async function bySessions(run: Run, tape: Tape): Promise<Commitment> {
  const { deal } = someDraft(run, tape);
  const buyerAccepts = tape.chance(50);
  const voice = (agent: bigint) => voiceOf(run.state, run.now, agent, tape);
  const voices = { buyer: voice(deal.buyer), seller: voice(deal.seller) };
  const { args, transcript } = await converse(run.chain, deal, buyerAccepts, voices);
  const said = { deal, transcript };
  run.matters.push(said);
  return {
    method: "commitBySession",
    args,
    matter: said,
    model: (draft) => commitBySession(draft, said, buyerAccepts, voices),
  };
}

export async function planCommit(run: Run, tape: Tape): Promise<Plan> {
  run.at(tape);
  const { matter, ...commitment } = await (tape.chance(50) ? bySessions(run, tape) : byWallets(run, tape));
  return {
    ...call(run, { name: commitment.method, from: stranger.address, ...commitment }),
    matter,
    preview: { act: Act.Commit, by: stranger.address, amount: 0n },
  };
}

/** A batch of two or three, sometimes with something in it that is no commitment. */
export async function planCommitMany(run: Run, tape: Tape): Promise<Plan> {
  run.at(tape);
  const atomic = tape.chance(50);
  const { interface: abi } = run.chain.settlement;
  const items: { data: string; model: (draft: State) => void }[] = [];
  const deals: Matter["deal"][] = [];
  for (let count = tape.pick([2, 1, 3, 1]); count > 0; count -= 1) {
    const { method, args, matter, model } = await (tape.chance(50) ? bySessions(run, tape) : byWallets(run, tape));
    deals.push(matter.deal);
    items.push({ data: abi.encodeFunctionData(method as "commit", args as never), model });
  }
  const odd = tape.chance(6) ? abi.encodeFunctionData("pause") : undefined;
  return {
    ...call(run, {
      name: atomic ? "commitMany (all)" : "commitMany (each)",
      from: stranger.address,
      method: "commitMany",
      args: [[...items.map(({ data }) => data), ...(odd ? [odd] : [])], atomic],
      model: (draft) => {
        for (const [index, item] of items.entries()) commitOne(draft, index, item.model, atomic);
        if (odd) refuse("NotACommitment", BigInt(items.length), odd);
      },
    }),
    deals,
  };
}

/** One of a batch changes the state by itself, or not at all. */
function commitOne(draft: State, index: number, model: (draft: State) => void, atomic: boolean): void {
  const outcome = attempt(draft, draft.now, (copy) => {
    model(copy);
    return undefined;
  });
  if ("state" in outcome) Object.assign(draft, outcome.state);
  else if (atomic) refuse("CommitmentFailed", BigInt(index), outcome);
}

export async function planDeliver(run: Run, tape: Tape, matter: Matter): Promise<Plan> {
  const { deal, transcript } = matter;
  const now = run.at(tape, "before", sinceThen(run, matter, deal.deliverWithin));
  const about = { matter, preview: { act: Act.Deliver, by: NOBODY, amount: 0n } };
  if (tape.chance(40)) {
    const voice = voiceOf(run.state, now, deal.seller, tape);
    const body = hashAct("Deliver", { deal: hashDeal(deal), evidence: EVIDENCE });
    const auth = await say(run.chain, deal, { agent: deal.seller, voice, kind: Kind.Deliver, body });
    const args = [deal, transcript, EVIDENCE, auth];
    const model = (draft: State) => deliver(draft, stranger.address, matter, voice);
    return {
      ...call(run, { name: "deliverBySession", from: stranger.address, method: "deliverBySession", args, model }),
      ...about,
    };
  }
  const from = speakerFor(run, tape, deal.seller);
  const args = [deal, transcript, EVIDENCE];
  const plan = call(run, {
    name: "deliver",
    from,
    method: "deliver",
    args,
    model: (draft) => deliver(draft, from, matter),
  });
  return { ...plan, ...about, preview: { ...about.preview, by: from } };
}

export function planAccept(run: Run, tape: Tape, matter: Matter): Plan {
  run.at(tape);
  const from = speakerFor(run, tape, matter.deal.buyer);
  const args = [matter.deal, matter.transcript];
  const plan = call(run, {
    name: "accept",
    from,
    method: "accept",
    args,
    model: (draft) => accept(draft, from, matter),
  });
  return { ...plan, matter, preview: { act: Act.Accept, by: from, amount: 0n } };
}

export function planClaim(run: Run, tape: Tape, matter: Matter): Plan {
  run.at(tape, "after", sinceThen(run, matter, matter.deal.reviewPeriod));
  const args = [matter.deal, matter.transcript];
  const from = stranger.address;
  const plan = call(run, { name: "claim", from, method: "claim", args, model: (draft) => claim(draft, matter) });
  return { ...plan, matter, preview: { act: Act.Claim, by: from, amount: 0n } };
}

export async function planReceipt(run: Run, tape: Tape, matter: Matter, close: boolean): Promise<Plan> {
  const { deal, transcript } = matter;
  const now = run.at(tape);
  const received = entryOf(run, matter)?.received ?? 0n;
  const totals = [
    received + (deal.price - received + 1n) / 2n,
    deal.price,
    received,
    deal.price + 1n,
    received + 1n,
    0n,
  ];
  const total = tape.pick(totals.filter((each) => each >= 0n));
  const voice = voiceOf(run.state, now, deal.buyer, tape);
  const auth = await receiptOf(run.chain, deal, voice, total);
  const from = close ? speakerFor(run, tape, deal.seller) : stranger.address;
  const plan = call(run, {
    name: close ? "claimReceipt (closing)" : "claimReceipt",
    from,
    method: "claimReceipt",
    args: [deal, transcript, total, auth, close],
    model: (draft) => claimReceipt(draft, from, matter, { total, close, voice }),
  });
  return { ...plan, matter, preview: { act: close ? Act.Close : Act.ClaimReceipt, by: from, amount: total } };
}

export function planRefund(run: Run, tape: Tape, matter: Matter): Plan {
  run.at(tape, "after", sinceThen(run, matter, matter.deal.deliverWithin, GRACE));
  const args = [matter.deal, matter.transcript];
  const from = stranger.address;
  const plan = call(run, { name: "refund", from, method: "refund", args, model: (draft) => refund(draft, matter) });
  return { ...plan, matter, preview: { act: Act.Refund, by: from, amount: 0n } };
}
