import { messageOf, ParleyError } from "../../../kernel/errors.ts";
import type { Settings } from "./options.ts";

/** Calls a listener; reports what it throws, and returns false then. */
export function guard({ report }: Settings, peer: string, call: () => void): boolean {
  try {
    call();
    return true;
  } catch (cause) {
    const says = `what listens to ${peer} failed: ${messageOf(cause)}`;
    report(new ParleyError("ListenerFailed", says, { facts: { peer }, cause }));
    return false;
  }
}

/** What ended a connection that nobody had closed. */
export function connectionFailed(peer: string, cause: unknown): ParleyError<"ConnectionFailed"> {
  return new ParleyError("ConnectionFailed", `the connection to ${peer} failed: ${messageOf(cause)}`, {
    hint: "nothing, if it comes back; else see whether the peer runs and can be reached",
    retryable: true,
    facts: { peer },
    cause,
  });
}

/** `listen` on an address that somebody has. */
export function addressInUse(address: string, hint: string, cause?: unknown): ParleyError<"AddressInUse"> {
  return new ParleyError("AddressInUse", `somebody listens on ${address} already`, {
    hint,
    retryable: true,
    facts: { address },
    ...(cause === undefined ? {} : { cause }),
  });
}
