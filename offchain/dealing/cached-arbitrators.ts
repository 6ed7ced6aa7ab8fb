import { Answers, type CacheOptions } from "../identity/answers.ts";
import type { Address } from "../kernel/ids.ts";
import type { ArbitratorFacts, Arbitrators } from "../ports/arbitrators.ts";

/** What arbitrators say, asked once for what many want to know at a time. Bad news is kept too: a flood of bad proposals is no flood of questions. */
export class CachedArbitrators implements Arbitrators {
  readonly #answers: Answers<string, ArbitratorFacts>;

  constructor(arbitrators: Arbitrators, options: CacheOptions) {
    const ask = (question: string) => {
      const [arbitrator = "", rulingWithin = ""] = question.split(" ");
      return arbitrators.facts(arbitrator as Address, Number(rulingWithin));
    };
    this.#answers = new Answers(options, ask, () => true);
  }

  facts(arbitrator: Address, rulingWithin: number): Promise<ArbitratorFacts> {
    return this.#answers.to(`${arbitrator} ${rulingWithin}`);
  }
}
