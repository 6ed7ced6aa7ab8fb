import { connectRpc, type Rpc } from "../../../offchain/adapters/chain/rpc.ts";
import { SeededEntropy } from "../../../offchain/kernel/random.ts";
import type { Journal } from "../../../offchain/ports/journal.ts";
import { type Mood, type MoodyNode, startMoodyNode } from "../../e2e/moody-node.ts";
import type { Death, Weather } from "./plan.ts";

/** One process of a side: its way to the chain and to its journal. Once it is dead nothing that it does has an effect any more. */
export class Life {
  readonly journal: Journal;
  readonly rpc: Rpc;
  readonly dying = new AbortController();
  readonly #node: MoodyNode;
  #appends = 0;
  #sends = 0;

  private constructor(node: MoodyNode, rpc: Rpc, journal: Journal, death: Death | null, mood: () => Mood) {
    this.#node = node;
    this.rpc = rpc;
    this.journal = this.#mortal(journal, death);
    node.mood = (methods) => {
      if (this.dying.signal.aborted) return "hangUp";
      if (methods.includes("eth_sendRawTransaction") && death?.at === "send" && ++this.#sends === death.nth) {
        this.dying.abort();
        return death.after ? "doAndHangUp" : "hangUp";
      }
      return mood();
    };
  }

  static async begin(
    url: string,
    journal: Journal,
    weather: Weather,
    death: Death | null,
    seed: number,
  ): Promise<Life> {
    const node = await startMoodyNode(url);
    const rpc = await connectRpc(node.url);
    const random = new SeededEntropy(seed);
    return new Life(node, rpc, journal, death, () => {
      const drawn = random.fraction();
      if (drawn < weather.refused) return "refuse";
      if (drawn < weather.refused + weather.lost) return "hangUp";
      return drawn < weather.refused + weather.lost + weather.answerLost ? "doAndHangUp" : "answer";
    });
  }

  async end(): Promise<void> {
    this.dying.abort();
    await this.#node.close();
  }

  #mortal(journal: Journal, death: Death | null): Journal {
    const never = new Promise<never>(() => undefined);
    return {
      append: async (...record) => {
        if (this.dying.signal.aborted) return never;
        if (death?.at !== "append" || ++this.#appends !== death.nth) return journal.append(...record);
        if (death.after) await journal.append(...record);
        this.dying.abort();
        return never;
      },
      read: (stream) => journal.read(stream),
      streams: () => journal.streams(),
      forget: (stream, records) => journal.forget(stream, records),
      doubt: (...question) => journal.doubt(...question),
      close: async () => undefined,
    };
  }
}
