import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * Tells how many milliseconds a call has waited for its buyer, from now on: until all of the request was there, and while the connection
 * was full of an answer that nobody took. A buyer that drips, or is slow to read, makes no API slow.
 */
export function buyersTime(request: IncomingMessage, response: ServerResponse): () => number {
  const [asking, taking] = [timeOfAsking(request), timeOfTaking(response)];
  return () => Math.floor(asking() + taking());
}

function timeOfAsking(request: IncomingMessage): () => number {
  const began = performance.now();
  let ended = began;
  request.once("end", () => {
    ended = performance.now();
  });
  return () => ended - began;
}

function timeOfTaking(response: ServerResponse): () => number {
  let waited = 0;
  let full: number | null = null;
  const isFull = () => {
    full ??= performance.now();
  };
  const isTaken = () => {
    if (full !== null) waited += performance.now() - full;
    full = null;
  };
  const { write, end } = response;
  // Nothing tells when a connection is full but what is answered to who writes.
  response.write = (...written: unknown[]) => {
    const isRoom = Reflect.apply(write, response, written);
    if (!isRoom) isFull();
    return isRoom;
  };
  response.end = (...written: unknown[]) => {
    isFull();
    return Reflect.apply(end, response, written);
  };
  response.on("drain", isTaken).once("finish", isTaken);
  return () => {
    isTaken();
    return waited;
  };
}
