// What session keys and wallets sign, and what the model is told of it.
import type { Wallet } from "ethers";
import type { ActAuthStruct, SessionAuthStruct } from "../../../types/ethers-contracts/interfaces/ISettlement.ts";
import { ethers } from "../fixtures/chain.ts";
import { Kind } from "../fixtures/enums.ts";
import { agreementTypes, type Deal, hashAct, hashDeal, splitTypes } from "../typedData.ts";
import { type Chain, keyOf, sessionKeys } from "./chain.ts";
import { find, type Voice } from "./registry.ts";
import { NOBODY, type State } from "./state.ts";
import type { Tape } from "./tape.ts";
import { DAY, HOUR, LIABILITY } from "./time.ts";

const SENT_AT = 1_700_000_000_000n;
const PREVIOUS = ethers.id("previous");
export const SEEN = ethers.id("what the act answers");

/** A voice of the present epoch, mostly valid; sometimes one of the last epoch, or at the edge of its time. */
export function voiceOf(state: State, now: bigint, agent: bigint, tape: Tape): Voice {
  const found = find(state, agent);
  const fresh = {
    epoch: found?.epoch ?? 0n,
    signer: signerOf(found?.wallet),
    notBefore: now - HOUR,
    notAfter: now + DAY,
  };
  if (!tape.chance(8)) return fresh;
  return tape.pick([
    () => pastVoice(state, agent, fresh),
    () => ({ ...fresh, notAfter: now - 1n }),
    () => ({ ...fresh, notAfter: now }),
    () => ({ ...fresh, notAfter: now - LIABILITY, notBefore: 0n }),
    () => ({ ...fresh, notAfter: now - LIABILITY - 1n, notBefore: 0n }),
    () => ({ ...fresh, notBefore: now + 1n }),
    () => ({ ...fresh, notBefore: now }),
    () => ({ ...fresh, signer: keyOf(NOBODY).address }),
    () => ({ ...fresh, epoch: fresh.epoch + 1n }),
  ])();
}

/** What the agent said in the epoch before this one. */
export function pastVoice(state: State, agent: bigint, fresh: Voice): Voice {
  const epoch = fresh.epoch - 1n;
  const past = find(state, agent)?.ended.get(epoch);
  return past ? { ...fresh, epoch, signer: signerOf(past.wallet) } : fresh;
}

/** An agent without wallet is spoken for by somebody who may not. */
export function signerOf(wallet: string | undefined): string {
  return keyOf(wallet ?? NOBODY).address;
}

export interface Speech {
  agent: bigint;
  voice: Voice;
  negotiation: string;
  kind: number;
  seen: string;
  body: string;
  seq?: number;
}

/** One side's certificate and envelope. */
export async function speak(chain: Chain, speech: Speech): Promise<{ auth: SessionAuthStruct; hash: string }> {
  const { agent, voice, negotiation, kind, seen, body, seq = 4 } = speech;
  const key = sessionKeys.get(agent) ?? sessionKeys.get(1n);
  if (!key) throw new Error("no session key");
  const { epoch } = voice;
  const validity = { notBefore: Number(voice.notBefore), notAfter: Number(voice.notAfter) };
  const certificate = await key.certify(keyOf(voice.signer), chain.registryDomain, {
    agent,
    settlement: chain.address.settlement,
    ...validity,
    epoch,
  });
  const place = { seq, sentAt: SENT_AT, prev: PREVIOUS };
  const { r, s, hash } = key.signEnvelope(chain.domain, { negotiation, agent, ...place, kind, seen, body });
  return { auth: { epoch, ...validity, x: key.x, y: key.y, ...certificate, ...place, r, s }, hash };
}

/** An act in a committed deal. */
export async function say(chain: Chain, deal: Deal, act: { agent: bigint; voice: Voice; kind: number; body: string }) {
  const { auth } = await speak(chain, { ...act, negotiation: deal.negotiation, seen: SEEN });
  return { session: auth, seen: SEEN } satisfies ActAuthStruct;
}

export async function receiptOf(chain: Chain, deal: Deal, voice: Voice, total: bigint): Promise<ActAuthStruct> {
  const body = hashAct("Receipt", { deal: hashDeal(deal), total });
  return await say(chain, deal, { agent: deal.buyer, voice, kind: Kind.Receipt, body });
}

/** Offer and acceptance of one deal, as `commitBySession` and `commitOrDeclare` take them. */
export async function converse(
  chain: Chain,
  deal: Deal,
  buyerAccepts: boolean,
  voices: { buyer: Voice; seller: Voice },
) {
  const { negotiation } = deal;
  const body = hashDeal(deal);
  const buyer = { agent: deal.buyer, voice: voices.buyer };
  const seller = { agent: deal.seller, voice: voices.seller };
  const [offering, accepting] = buyerAccepts ? [seller, buyer] : [buyer, seller];
  const offer = await speak(chain, { ...offering, negotiation, kind: Kind.Offer, seen: SEEN, body });
  const acceptance = await speak(chain, { ...accepting, negotiation, kind: Kind.Accept, seen: offer.hash, body });
  const [buyers, sellers] = buyerAccepts ? [acceptance.auth, offer.auth] : [offer.auth, acceptance.auth];
  return { args: [deal, buyerAccepts, SEEN, buyers, sellers] as const, transcript: acceptance.hash };
}

export async function signAgreement(
  chain: Chain,
  deal: Deal,
  transcript: string,
  epochs: { buyerEpoch: bigint; sellerEpoch: bigint },
  signer: Wallet,
): Promise<string> {
  return await signer.signTypedData(chain.settlementDomain, agreementTypes, { deal, transcript, ...epochs });
}

export async function signSplit(
  chain: Chain,
  deal: Deal,
  terms: { toSeller: bigint; until: bigint; epoch: bigint },
  signer: Wallet,
) {
  return await signer.signTypedData(chain.settlementDomain, splitTypes, { deal: hashDeal(deal), ...terms });
}
