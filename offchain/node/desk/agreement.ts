import { existsSync } from "node:fs";
import { NodeCrypto } from "../../adapters/crypto/node/crypto.ts";
import { replay } from "../../dealing/replay.ts";
import { messageOf, ParleyError } from "../../kernel/errors.ts";
import type { Bytes32 } from "../../kernel/ids.ts";
import type { Deployment } from "../../ports/chain.ts";
import type { Json, JsonObject } from "../../terms/canonical-json.ts";
import { domainSeparator, settlementDomain } from "../../terms/eip712.ts";
import { type Bundle, bundleFromJson } from "../../transcript/evidence/bundle.ts";
import { examine } from "../../transcript/evidence/examine.ts";
import type { AgentConfig } from "../agent-config.ts";
import { gatherEvidence, negotiationsIn } from "../evidence.ts";
import { openJournal } from "../journal.ts";
import type { Agreed } from "./deal-view.ts";
import { openUnlocked } from "./unlocked.ts";

/** What was agreed, in words too; null where they are withheld. */
export interface Agreement extends Agreed {
  readonly terms: JsonObject | null;
}

/** Reads an evidence bundle and verifies it: every signature, both chains, the agreement. */
export async function agreementInBundle(
  text: string,
  { deployment }: Pick<AgentConfig, "deployment">,
): Promise<Agreement> {
  const bundle = bundleFromJson(parse(text));
  if (!isSame(bundle.deployment, deployment)) {
    throw new ParleyError("OtherDeployment", "the bundle is of another deployment than the configuration", {
      hint: `the configuration names Settlement ${deployment.settlement} on chain ${deployment.chainId}`,
    });
  }
  const { agreement, terms, proposal } = await examine(new NodeCrypto(), bundle);
  if (agreement === null) {
    throw new ParleyError(
      "NothingAgreed",
      "the bundle holds no agreement: no ACCEPT names an offer of the other side",
      {
        hint: "see what it holds: parley evidence show FILE",
      },
    );
  }
  return { deal: agreement.deal, transcript: agreement.transcript, terms: terms ?? proposal?.terms ?? null };
}

/** What a deal's negotiation was about, by the agent's own journal; the agent must be stopped, since that is for one process. */
export async function termsInJournal(config: AgentConfig, negotiation: Bytes32): Promise<JsonObject> {
  // To open one that isn't there would make it.
  if (!existsSync(config.journal)) throw noTerms(`there is no journal ${config.journal}`);
  const journal = openUnlocked(
    () => openJournal(config),
    "the terms lie",
    "give an evidence bundle that shows the terms (--bundle FILE), or stop the agent meanwhile",
  );
  try {
    const found = (await negotiationsIn(journal, config.deployment)).find((one) => one.negotiation === negotiation);
    if (found === undefined) throw noTerms(`the journal holds no negotiation ${negotiation}`);
    const { chainId, settlement } = config.deployment;
    const separator = domainSeparator(settlementDomain(chainId, settlement));
    return replay(separator, await journal.read(found.half)).state.proposal.terms;
  } finally {
    await journal.close();
  }
}

/** Everything that the agent's own journal holds of a deal's negotiation; the agent must be stopped. */
export async function bundleInJournal(config: AgentConfig, negotiation: Bytes32): Promise<Bundle> {
  if (!existsSync(config.journal)) throw noEvidence(`there is no journal ${config.journal}`);
  const hint =
    "give a bundle: --bundle FILE (parley evidence export, with the agent stopped), or let the agent bring its own: `disputes` in its configuration";
  const journal = openUnlocked(() => openJournal(config), "the evidence lies", hint);
  try {
    const shown = { proposal: true, terms: true };
    // Without what the chain says, so that it has the same hash whenever it is taken.
    return await gatherEvidence(journal, config.deployment, negotiation, shown, null, new NodeCrypto());
  } finally {
    await journal.close();
  }
}

function noEvidence(because: string): ParleyError<"EvidenceMissing"> {
  return new ParleyError("EvidenceMissing", `the evidence isn't here: ${because}`, {
    hint: "give a bundle: --bundle FILE (parley evidence export)",
  });
}

function noTerms(because: string): ParleyError<"TermsMissing"> {
  return new ParleyError("TermsMissing", `the terms aren't here: ${because}`, {
    hint: "give an evidence bundle that shows them: --bundle FILE (parley evidence export)",
  });
}

function isSame(one: Deployment, other: Deployment): boolean {
  return one.chainId === other.chainId && one.registry === other.registry && one.settlement === other.settlement;
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (thrown) {
    throw new ParleyError("Malformed", `the bundle is not JSON: ${messageOf(thrown)}`, {
      hint: "give a file that `parley evidence export` made",
      cause: thrown,
    });
  }
}
