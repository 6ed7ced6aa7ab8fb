import type { AgentProcess } from "../agent-process.ts";
import type { Check } from "./account.ts";
import type { Cast, Scene } from "./scene.ts";
import type { Story } from "./story.ts";

/** Offers of its own after which the seller is killed. */
const OFFERS = 4;

/** A process that was killed, and the one that took its place. */
interface Death {
  readonly killed: AgentProcess;
  readonly heir: AgentProcess;
}

/** The seller's process is killed in the middle of the bargaining, and again with the deal committed and nothing delivered. */
export function crashStory(): Story {
  let first: Death | null = null;
  return {
    title: "a process that is killed, twice",
    summary:
      "The seller's process is killed as it bargains, and once more before it delivers. Its journal knows the rest.",
    delivery: "agreed",
    outcome: "settled",
    leastPaceMs: 20,
    async meanwhile(scene, cast) {
      await heard(cast.buyer, OFFERS);
      first = await die(scene, cast);
    },
    async unfold(scene, cast, narrate) {
      if (first === null) throw new Error("nobody was killed");
      const offers = first.killed.events.filter((event) => event.event === "said" && event.by === "self").length;
      narrate(`The seller's process ${first.killed.pid} was killed after ${offers} envelopes of its own.`);
      narrate(
        `Process ${first.heir.pid} read its journal, asked for what it had missed, and went on to the agreement.`,
      );
      await cast.buyer.event("act");
      const second = await die(scene, cast);
      const delivered = second.killed.events.some((event) => event.event === "act" && event.act === "deliver");
      narrate(`The buyer committed the deal, and process ${second.killed.pid} was killed as well.`);
      await Promise.all([cast.buyer.event("outcome"), cast.seller.event("outcome")]);
      const rest = delivered ? "found that it was delivered already," : "delivered,";
      narrate(`Process ${second.heir.pid} found the deal on the chain, ${rest} and was paid.`);
      return [...(await checksOf(first)), ...(await checksOf(second))];
    },
    gains: ({ price }) => ({ buyer: -price, seller: price }),
  };
}

async function die(scene: Scene, cast: Cast): Promise<Death> {
  const killed = cast.seller;
  await scene.restartSeller(cast);
  return { killed, heir: cast.seller };
}

/** Resolves once a process has heard so many offers of its peer. */
async function heard(listener: AgentProcess, offers: number): Promise<void> {
  for (;;) {
    const theirs = listener.events.filter(
      (event) => event.event === "said" && event.by === "peer" && event.price !== null,
    );
    if (theirs.length >= offers) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

async function checksOf({ killed, heir }: Death): Promise<Check[]> {
  const { negotiation, envelopes } = await heir.event("recovered");
  const known = killed.events.filter((event) => event.event === "said" && event.negotiation === negotiation).length;
  return [
    { what: `process ${heir.pid} took the same negotiation up again`, held: killed.pid !== heir.pid && envelopes > 0 },
    { what: "it had every envelope that its predecessor had told of", held: envelopes >= known },
  ];
}
