import type { Bytes32 } from "../../kernel/ids.ts";
import { hashEnvelope } from "../../terms/envelope.ts";
import type { Message } from "../../terms/message.ts";
import type { ShownTranscript, WithheldOpen } from "../verify.ts";

/**
 * Both sides' messages in an order in which they can have been said: none before what it has seen. What crossed on the wire goes by
 * the senders' clocks. For transcripts that were verified.
 */
export function courseOf(separator: Bytes32, { opener, responder }: ShownTranscript): (Message | WithheldOpen)[] {
  const side = (messages: Side["messages"]): Side => ({
    messages,
    said: 0,
    places: new Map(messages.map(({ envelope }, place) => [hashEnvelope(separator, envelope), place])),
  });
  const [first, second] = [side(opener), side(responder)];
  const course: (Message | WithheldOpen)[] = [];
  for (;;) {
    const [one, other] = [next(first, second), next(second, first)];
    const chosen = other === null || (one !== null && one.envelope.sentAt <= other.envelope.sentAt) ? one : other;
    if (chosen === null) return course;
    course.push(chosen);
    (chosen === one ? first : second).said++;
  }
}

interface Side {
  readonly messages: readonly (Message | WithheldOpen)[];
  /** How many of them are in the course by now. */
  said: number;
  readonly places: ReadonlyMap<Bytes32, number>;
}

/** What a side said next, if all that it had seen by then has been said. */
function next(speaker: Side, listener: Side): Message | WithheldOpen | null {
  const message = speaker.messages[speaker.said];
  if (message === undefined) return null;
  const seen = listener.places.get(message.envelope.seen) ?? -1;
  return seen < listener.said ? message : null;
}
