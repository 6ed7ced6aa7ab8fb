import type { IncomingMessage, ServerResponse } from "node:http";

/** Milliseconds for which a call's body may be waited for, and the API's failure still be its own: an API that is out of order says so at once. */
const PROMPT_MS = 2_000;

/** What of a call was its buyer's doing. */
export interface BuyersPart {
  /** Milliseconds for which the call has waited for its buyer. */
  waited(): number;
  /** Whether it was answered, or given up, while it had waited long for the rest of what is asked. */
  isLate(): boolean;
}

/**
 * Watches a call from now on: whether more of the request is waited for, and whether the connection is full of an answer that nobody takes. A
 * buyer that drips, or is slow to read, makes no API slow; and one that never sends the whole makes none fail. While the API takes nothing
 * more of the request, it isn't the buyer that is waited for.
 */
export function buyersPart(request: IncomingMessage, response: ServerResponse): BuyersPart {
  const [asking, taking] = [timeOfAsking(request), timeOfTaking(response)];
  let isLate: boolean | null = null;
  // What is sent after the API's answer has begun comes too late.
  const look = () => {
    isLate ??= !request.complete && asking() >= PROMPT_MS;
    return isLate;
  };
  const { writeHead } = response;
  response.writeHead = (...written: unknown[]) => {
    look();
    return Reflect.apply(writeHead, response, written);
  };
  return { waited: () => Math.floor(asking() + taking()), isLate: look };
}

function timeOfAsking(request: IncomingMessage): () => number {
  const time = new StopWatch();
  const [go, stop] = [() => time.start(), () => time.stop()];
  request.on("resume", go).on("pause", stop).once("end", stop);
  return () => time.milliseconds;
}

function timeOfTaking(response: ServerResponse): () => number {
  const time = new StopWatch();
  const isTaken = () => time.stop();
  const { write, end } = response;
  // Nothing tells when a connection is full but what is answered to who writes.
  response.write = (...written: unknown[]) => {
    const isRoom = Reflect.apply(write, response, written);
    if (!isRoom) time.start();
    return isRoom;
  };
  response.end = (...written: unknown[]) => {
    time.start();
    return Reflect.apply(end, response, written);
  };
  response.on("drain", isTaken).once("finish", isTaken);
  return () => time.milliseconds;
}

class StopWatch {
  #passed = 0;
  #since: number | null = null;

  start(): void {
    this.#since ??= performance.now();
  }

  stop(): void {
    this.#passed = this.milliseconds;
    this.#since = null;
  }

  get milliseconds(): number {
    return this.#passed + (this.#since === null ? 0 : performance.now() - this.#since);
  }
}
