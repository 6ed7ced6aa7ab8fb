import type { RequestListener } from "node:http";
import type { Socket } from "node:net";

/** Requests of one connection that wait for the answer to another one. Clients send none before they have it. */
const MOST_WAITING = 8;

/**
 * Serves the requests of a connection one after the other, though they come together: of one whose answer still waits for another's nobody is
 * told that the connection has ended, and nothing bounds how many there are.
 */
export function oneAtATime(onRequest: RequestListener): RequestListener {
  const waiting = new WeakMap<Socket, (() => void)[]>();
  return (request, response) => {
    const { socket } = request;
    const serve = () => {
      response.once("close", () => {
        const next = socket.destroyed ? undefined : waiting.get(socket)?.shift();
        if (next === undefined) waiting.delete(socket);
        else next();
      });
      onRequest(request, response);
    };
    const others = waiting.get(socket);
    if (others === undefined) {
      waiting.set(socket, []);
      serve();
    } else if (others.length < MOST_WAITING) others.push(serve);
    else socket.destroy();
  };
}
