import { messageOf, ParleyError } from "../../../kernel/errors.ts";

/** Waits for something that is done with a file of ours. That it fails is our own affair, and passes once somebody sees to it. */
export async function onDisk<T>(path: string, act: Promise<T>): Promise<T> {
  try {
    return await act;
  } catch (cause) {
    throw new ParleyError("IntakeUnavailable", `${path} can't be kept: ${messageOf(cause)}`, {
      hint: "see whether `intake.folder` is there and writable, and its disk not full; it is tried again",
      retryable: true,
      facts: { path },
      cause,
    });
  }
}
