import { CertificateVerifier } from "../../identity/certificate.ts";
import { fromHex } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { Bytes32 } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { AgentEvent } from "../../node/agent-event.ts";
import type { OutcomeName } from "../../node/outcome-name.ts";
import { verifier } from "../../node/verifier.ts";
import type { Act } from "../../settlement/saga/tasks.ts";
import { type Deal, hashDeal } from "../../terms/deal.ts";
import { domainSeparator, settlementDomain } from "../../terms/eip712.ts";
import { decodeMessage } from "../../terms/message.ts";
import { type VerifiedAgreement, type VerifiedTranscript, verifyTranscript } from "../../transcript/verify.ts";
import type { AgentProcess } from "../agent-process.ts";
import type { Cast, Scene } from "./scene.ts";

/** Something that was looked into, and whether it held. */
export interface Check {
  readonly what: string;
  readonly held: boolean;
}

/** What a story claims about its end. */
interface Claims {
  readonly outcome: OutcomeName;
  gains(deal: Deal): Balances;
  readonly checks: readonly Check[];
}

/** Both treasuries' free balances in the deal's token. */
export interface Balances {
  readonly buyer: Amount;
  readonly seller: Amount;
}

/** Everything a story can show of a deal, gathered from both processes and the chain, and checked against each other. */
export interface Account {
  readonly processes: readonly [number, number];
  readonly rounds: number;
  readonly price: Amount;
  readonly dealHash: Bytes32;
  readonly transcript: Bytes32;
  readonly negotiationMs: number;
  readonly outcome: OutcomeName;
  readonly gas: Readonly<Record<"register" | "deposit" | Act, number>>;
  readonly balances: { readonly before: Balances; readonly after: Balances };
  readonly signatures: number;
  readonly offers: readonly { readonly by: "buyer" | "seller"; readonly price: Amount }[];
  readonly checks: readonly Check[];
  /** True if it ended as the story claims, and every check held. */
  readonly verified: boolean;
}

export async function readBalances({ rehearsal, buyer, seller }: Scene): Promise<Balances> {
  const [ofBuyer, ofSeller] = await Promise.all(
    [buyer, seller].map(({ agent }) => rehearsal.chain.free(agent, rehearsal.token)),
  );
  return { buyer: ofBuyer ?? 0n, seller: ofSeller ?? 0n };
}

/** Gathers and checks, once both processes have stopped. */
export async function takeAccount(scene: Scene, cast: Cast, before: Balances, claims: Claims): Promise<Account> {
  const agreed = find(cast.buyer.events, "agreed");
  const theirs = find(cast.seller.events, "agreed");
  const { outcome } = find([...cast.buyer.events, ...cast.seller.events], "outcome");
  requireSame(cast);
  const verified = await verify(scene, cast.buyer);
  const { deal } = agreementOf(verified);
  const after = await readBalances(scene);
  const gains = claims.gains(deal);
  const checks: readonly Check[] = [
    { what: "both processes hold the same deal", held: agreed.dealHash === theirs.dealHash },
    { what: "both name the same transcript", held: agreed.transcript === theirs.transcript },
    {
      what: "the verified transcript is of that deal",
      held: hashDeal(deal) === agreed.dealHash && verified.agreement?.transcript === agreed.transcript,
    },
    { what: "the buyer paid what it owes, and no more", held: after.buyer - before.buyer === gains.buyer },
    { what: "the seller got what it earned, and no more", held: after.seller - before.seller === gains.seller },
    ...claims.checks,
  ];
  return {
    processes: [cast.buyer.pid, cast.seller.pid],
    rounds: agreed.rounds,
    price: deal.price,
    dealHash: agreed.dealHash,
    transcript: agreed.transcript,
    negotiationMs: agreed.milliseconds,
    outcome,
    gas: gasOf(scene, cast),
    balances: { before, after },
    signatures: verified.signatures,
    offers: offersOf(cast),
    checks,
    verified: outcome === claims.outcome && checks.every(({ held }) => held),
  };
}

export function agreementOf({ agreement }: VerifiedTranscript): VerifiedAgreement {
  if (!agreement) throw new ParleyError("StoryFailed", "the transcript holds no agreement");
  return agreement;
}

/** Re-verifies every signature in what one process recorded, with no trust in it: only in the registry on the chain. */
export async function verify(scene: Scene, { events }: AgentProcess): Promise<VerifiedTranscript> {
  const { deployment, chain } = scene.rehearsal;
  const separator = domainSeparator(settlementDomain(deployment.chainId, deployment.settlement));
  const recorded = find(events, "transcript");
  const messages = (frames: readonly string[]) => frames.map((frame) => decodeMessage(fromHex(frame)));
  const transcript = { opener: messages(recorded.opener), responder: messages(recorded.responder) };
  const verified = await verifyTranscript(verifier, separator, transcript);
  const certificates = new CertificateVerifier(chain, deployment);
  const now = Math.floor(Date.now() / 1000);
  for (const certificate of Object.values(verified.certificates)) {
    await certificates.verify(certificate, certificate.key.agent, now, now);
  }
  return verified;
}

function requireSame({ buyer, seller }: Cast): void {
  const [ours, theirs] = [find(buyer.events, "transcript"), find(seller.events, "transcript")];
  if (ours.opener.join() === theirs.opener.join() && ours.responder.join() === theirs.responder.join()) return;
  throw new ParleyError("StoryFailed", "the two sides hold different transcripts");
}

function gasOf({ buyer }: Scene, { buyer: ours, seller: theirs }: Cast): Account["gas"] {
  const used = (act: Act) =>
    [...ours.events, ...theirs.events].reduce(
      (total, event) => (event.event === "act" && event.act === act ? total + event.gas : total),
      0,
    );
  const acts: readonly Act[] = ["commit", "deliver", "accept", "claim", "refund"];
  const byAct = Object.fromEntries(acts.map((act) => [act, used(act)])) as Record<Act, number>;
  return { ...buyer.gas, ...byAct };
}

function offersOf({ buyer }: Cast): Account["offers"] {
  return buyer.events.flatMap((event) =>
    event.event === "said" && event.price !== null
      ? [{ by: event.by === "self" ? ("buyer" as const) : ("seller" as const), price: BigInt(event.price) }]
      : [],
  );
}

function find<Name extends AgentEvent["event"]>(
  events: readonly AgentEvent[],
  name: Name,
): Extract<AgentEvent, { event: Name }> {
  const found = events.find((event) => event.event === name);
  if (!found) throw new ParleyError("StoryFailed", `a process ended without reporting '${name}'`);
  return found as Extract<AgentEvent, { event: Name }>;
}
