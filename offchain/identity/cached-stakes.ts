import type { Address, AgentId } from "../kernel/ids.ts";
import type { Amount } from "../kernel/money.ts";
import type { Stakes } from "../ports/chain.ts";
import { Answers, type CacheOptions } from "./answers.ts";

/** What agents have at stake, asked once for what many want to know at a time. Who has nothing may have something the next moment. */
export class CachedStakes implements Stakes {
  readonly #answers: Answers<string, Amount>;

  constructor(stakes: Stakes, options: CacheOptions) {
    const ask = (question: string) => {
      const [agent = "", token = ""] = question.split(" ");
      return stakes.staked(BigInt(agent), token as Address);
    };
    this.#answers = new Answers(options, ask, (amount) => amount > 0n);
  }

  staked(agent: AgentId, token: Address): Promise<Amount> {
    return this.#answers.to(`${agent} ${token}`);
  }
}
