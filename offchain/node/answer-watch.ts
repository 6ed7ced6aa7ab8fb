import type { Session } from "../dealing/session.ts";
import type { Clock } from "../kernel/clock.ts";
import { ParleyError } from "../kernel/errors.ts";

/** How long a peer may take to answer an OPEN before it is told of. */
export const ANSWER_MS = 10_000;

/** Tells once of each negotiation that we opened and nobody has answered: an agent says nothing to an OPEN that isn't for it. */
export class AnswerWatch {
  readonly #clock: Clock;
  readonly #tell: (error: ParleyError, session: Session) => void;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock, tell: (error: ParleyError, session: Session) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  watch(session: Session): void {
    if (!session.state.brief.opener || session.state.phase !== "opening") return;
    const callOff = this.#clock.at(this.#clock.now() + ANSWER_MS, () => {
      this.#waiting.delete(callOff);
      if (session.state.phase === "opening") this.#tell(noAnswer(session), session);
    });
    this.#waiting.add(callOff);
  }

  stop(): void {
    for (const callOff of this.#waiting) callOff();
    this.#waiting.clear();
  }
}

function noAnswer({ state: { brief } }: Session): ParleyError<"NoAnswer"> {
  const { peer, address } = brief;
  const says = `agent ${peer} has not answered at ${address} for ${ANSWER_MS / 1000} s; is it that agent's address?`;
  return new ParleyError("NoAnswer", says, {
    hint: "see whether that agent runs there: another one says nothing to what isn't for it. The negotiation waits until `commitBy`",
    retryable: true,
    facts: { peer: peer.toString(), address },
  });
}
