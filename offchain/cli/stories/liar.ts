import { ParleyError } from "../../kernel/errors.ts";
import { formatAmount } from "../../kernel/money.ts";
import { visible } from "../../kernel/visible.ts";
import { gatherEvidence } from "../../node/evidence.ts";
import { openJournal } from "../../node/journal.ts";
import { verifier } from "../../node/verifier.ts";
import type { Message } from "../../terms/message.ts";
import { accountOf } from "../../transcript/evidence/account.ts";
import { examine, type Findings } from "../../transcript/evidence/examine.ts";
import { bad, bold, faint, good, print } from "../screen.ts";
import { type Check, readBalances } from "./account.ts";
import { Liar } from "./liar-agent.ts";
import { DECIMALS, type Scene, type SceneOptions, setScene, UNIT } from "./scene.ts";
import type { Play, Played } from "./story.ts";

/** What the liar offers first, and what it then says that it had offered. */
const PRICES = [800n * UNIT, 700n * UNIT] as const;

/** A buyer forges a round it has already played. The seller refuses, and whoever has its journal can prove it. */
export const liarPlay: Play = {
  title: "a forged round, refused and proven",
  async play(options: SceneOptions, quiet: boolean): Promise<Played> {
    const say = quiet ? () => undefined : print;
    say(bold(`Parley: ${liarPlay.title}`));
    say(faint("The buyer signs an offer, and later another one in its place."));
    const scene = await setScene(
      options,
      async () => ({}),
      (line) => say(faint(`  ${line} …`)),
    );
    try {
      say();
      const { findings, checks } = await perform(scene, (line) => say(`  ${line}`));
      say();
      for (const line of accountOf(findings, (amount) => formatAmount(amount, DECIMALS)))
        say(faint(`  ${visible(line)}`));
      say();
      for (const { what, held } of checks) say(`  ${held ? good(`✓ ${what}`) : bad(`✗ ${what}`)}`);
      const verified = checks.every(({ held }) => held);
      say();
      say(verified ? good("Everything held.") : bad("Something did not hold."));
      return { verified, json: toJson(findings, checks, verified) };
    } finally {
      await scene.close();
    }
  },
};

async function perform(
  scene: Scene,
  narrate: (line: string) => void,
): Promise<{ findings: Findings; checks: Check[] }> {
  const { rehearsal, buyer, seller, proposal } = scene;
  const { seller: process, address } = await scene.playSeller("agreed", () => undefined);
  const { liar, place } = await Liar.meet(buyer, seller.agent, rehearsal.deployment, proposal, address);
  const before = await readBalances(scene);
  const answer = await liar.offer(PRICES[0], place);
  narrate(`The buyer offers ${units(PRICES[0])} and hears ${priceOf(answer)}.`);
  const refusal = await liar.offer(PRICES[1], place);
  narrate(`It signs another offer under the same number, of ${units(PRICES[1])}, as if it had never said the first.`);
  const ended = await process.event("ended");
  const shown = await process.event("fault");
  narrate(`The seller refuses: ${ended.code}, ${ended.note}. Both envelopes stay in its journal.`);
  liar.leave();
  await process.stop();
  const findings = await evidenceOf(scene, ended.negotiation);
  const fault = findings.faults.find(({ code }) => code === "Equivocation");
  if (fault === undefined) throw new ParleyError("StoryFailed", "the seller's evidence names no equivocation");
  narrate("Its evidence, in one file, proves that to anybody: two signatures of one key under one number.");
  const litigant = rehearsal.litigant(seller);
  narrate(
    "Shown to Settlement, which the seller has done by itself, it costs the buyer the bond that it had named: a tenth to the seller, the rest burnt.",
  );
  const [after, { bonded }, burnt] = [
    await readBalances(scene),
    await litigant.stakeOf(buyer.agent, rehearsal.token),
    (await litigant.solvency(rehearsal.token)).burnt,
  ];
  const { buyerBond } = proposal.deal;
  const checks: Check[] = [
    { what: "the seller ended the negotiation, and said why", held: isEnd(refusal, "Conflict") && ended.by === "self" },
    {
      what: "the evidence is whole, and the forger's key is the buyer's",
      held: findings.opener.standing === "confirmed",
    },
    { what: "nothing is proven against the seller", held: findings.faults.every(({ agent }) => agent === buyer.agent) },
    { what: "the seller has shown it to Settlement by itself", held: shown.transaction !== null },
    { what: "the buyer's stake is less by the bond it had named", held: bonded === buyer.staked - buyerBond },
    { what: "a tenth of that is the seller's", held: after.seller - before.seller === buyerBond / 10n },
    { what: "the rest is burnt", held: burnt === buyerBond - buyerBond / 10n },
  ];
  return { findings, checks };
}

async function evidenceOf({ rehearsal, sellerJournal }: Scene, negotiation: `0x${string}`): Promise<Findings> {
  const journal = openJournal({ journal: sellerJournal, witness: null });
  try {
    const shown = { proposal: true, terms: true };
    const { deployment, chain } = rehearsal;
    const bundle = await gatherEvidence(journal, deployment, negotiation, shown, chain, verifier);
    // What it says of the chain was read by ourselves, just now.
    return await examine(verifier, bundle, bundle.chain);
  } finally {
    await journal.close();
  }
}

function isEnd({ body }: Message, code: string): boolean {
  return body.kind === "END" && body.code === code;
}

function priceOf({ body }: Message): string {
  return body.kind === "OFFER" ? units(body.deal.price) : body.kind;
}

function units(amount: bigint): string {
  return formatAmount(amount, DECIMALS);
}

function toJson(findings: Findings, checks: readonly Check[], verified: boolean): Record<string, unknown> {
  const faults = findings.faults.map(({ agent, code, says, onChain }) => ({
    agent: agent.toString(),
    code,
    says,
    onChain,
  }));
  return {
    story: "liar",
    negotiation: findings.negotiation,
    signatures: findings.signatures,
    faults,
    checks: Object.fromEntries(checks.map(({ what, held }) => [what, held])),
    verified,
  };
}
