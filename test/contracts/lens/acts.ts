// Every act that Lens can be asked about, and how it is sent to Settlement, with good signatures wherever it takes some.
import type { ContractTransactionResponse } from "ethers";
import type { ISettlement } from "../../../types/ethers-contracts/interfaces/ISettlement.ts";
import { EVIDENCE, statement } from "../disputes/fixtures.ts";
import { act, receipt } from "../fixtures/acts.ts";
import { agree } from "../fixtures/agreements.ts";
import { networkHelpers, type TestSigner } from "../fixtures/chain.ts";
import { type Act, Kind } from "../fixtures/enums.ts";
import { consentToSplit } from "../fixtures/splits.ts";
import { DAY } from "../fixtures/time.ts";
import type { World } from "../fixtures/world.ts";
import { type Deal, hashAct, hashDeal } from "../typedData.ts";

/** An act as Lens takes it. */
export interface Asked {
  act: keyof typeof Act;
  deal: Deal;
  transcript: string;
  /** Nobody: whoever carries what a session key signed, if anything has to be signed. */
  by?: TestSigner | undefined;
  amount: bigint;
}

/** Sends the act to `settlement`, which is connected to its sender. */
export async function send(world: World, settlement: ISettlement, asked: Asked): Promise<ContractTransactionResponse> {
  const { deal, transcript, by, amount } = asked;
  switch (asked.act) {
    case "Commit":
      return await settlement.commit(...(await agree(world, deal, { transcript })));
    case "Deliver":
      if (by) return await settlement.deliver(deal, transcript, EVIDENCE);
      return await settlement.deliverBySession(deal, transcript, EVIDENCE, await delivery(world, deal));
    case "Accept":
      return await settlement.accept(deal, transcript);
    case "Claim":
      return await settlement.claim(deal, transcript);
    case "ClaimReceipt":
    case "Close": {
      const owed = await receipt(world, deal, amount);
      return await settlement.claimReceipt(deal, transcript, amount, owed, asked.act === "Close");
    }
    case "Refund":
      return await settlement.refund(deal, transcript);
    case "Split": {
      const until = (await networkHelpers.time.latest()) + DAY;
      const consents = await consentToSplit(world, deal, amount, until);
      return await settlement.split(deal, transcript, amount, until, ...consents);
    }
    case "Dispute": {
      const fee = { value: deal.maxFee };
      if (by) return await settlement.dispute(deal, transcript, amount, EVIDENCE, fee);
      const said = await statement(world, deal, "buyer", Number(amount));
      return await settlement.disputeBySession(deal, transcript, amount, EVIDENCE, said, fee);
    }
    case "Answer": {
      if (by) return await settlement.answer(deal, transcript, amount, EVIDENCE);
      const said = await statement(world, deal, "seller", Number(amount));
      return await settlement.answerBySession(deal, transcript, amount, EVIDENCE, said);
    }
    case "Refer":
      return await settlement.refer(deal, transcript, { value: amount });
    case "Execute":
      return await settlement.execute(deal, transcript);
    case "Lapse":
      return await settlement.lapse(deal, transcript);
    case "Cure":
      return await settlement.cure(deal, transcript);
    case "Penalise":
      return await settlement.penalise(deal, transcript);
  }
}

async function delivery(world: World, deal: Deal) {
  const body = hashAct("Deliver", { deal: hashDeal(deal), evidence: EVIDENCE });
  return await act(world, deal, { agent: deal.seller, signer: world.sellerWallet, kind: Kind.Deliver, body });
}
