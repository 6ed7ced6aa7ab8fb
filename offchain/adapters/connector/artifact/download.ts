import { createHash } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { ParleyError } from "../../../kernel/errors.ts";
import { askOutward, type Introduce, notServed } from "../http/outward.ts";
import { type Digested, finish, hashInto } from "./digest.ts";
import { onDisk } from "./on-disk.ts";

export interface Download {
  readonly url: URL;
  /** Where it grows; what is there from an earlier try is kept, and the rest asked for. */
  readonly part: string;
  readonly mostBytes: number;
  readonly allow: ReadonlySet<string>;
  readonly introduce: Introduce;
  /** Milliseconds of silence, and for all of it. */
  readonly idleMs: number;
  readonly wholeMs: number;
}

export interface Downloaded extends Digested {
  /** Whether some of it is from an earlier try: then a wrong digest proves nothing about the server. */
  readonly resumed: boolean;
}

/**
 * Fetches a file into `part`, hashing while it comes. Never holds more of it in memory than a chunk. Rejects with `ArtifactTooLarge`
 * as soon as there is one byte too many, with `IntakeUnavailable` where it can't be kept, and with what is worth another try otherwise.
 */
export async function download(request: Download): Promise<Downloaded> {
  const { url, part, allow, introduce, idleMs, wholeMs } = request;
  const hash = createHash("sha256");
  const file = await onDisk(part, open(part, "a+"));
  try {
    const had = await onDisk(part, hashInto(hash, part));
    const response = await askOutward(url, {
      ...{ allow, idleMs, signal: AbortSignal.timeout(wholeMs) },
      headers: {
        authorization: await introduce(url.origin),
        "accept-encoding": "identity",
        ...(had > 0 ? { range: `bytes=${had}-` } : {}),
      },
    });
    const from = beginning(response, url, had);
    const isWhole = response.statusCode === 416;
    if (from === had) return { ...(await take(isWhole ? null : response, file, hash, had, request)), resumed: had > 0 };
    await onDisk(part, file.truncate(0));
    return { ...(await take(response, file, createHash("sha256"), 0, request)), resumed: false };
  } finally {
    await file.close();
  }
}

/** Forgets what came of a file, so that the next try begins anew. */
export async function forgetPart(part: string): Promise<void> {
  await onDisk(part, rm(part, { force: true }));
}

/** The offset at which the answer begins. 416 says that nothing is left; whether that is so, the digest tells. */
function beginning(response: IncomingMessage, url: URL, had: number): number {
  const { statusCode } = response;
  if (statusCode === 200) return 0;
  if (statusCode === 416 && had > 0) {
    response.resume();
    return had;
  }
  const range = /^bytes (\d{1,15})-\d{1,15}\/\d{1,15}$/.exec(response.headers["content-range"] ?? "");
  if (statusCode === 206 && Number(range?.[1]) === had) return had;
  response.destroy();
  throw notServed(url, statusCode);
}

async function take(
  response: IncomingMessage | null,
  file: FileHandle,
  hash: ReturnType<typeof createHash>,
  had: number,
  { mostBytes, url, part, idleMs }: Download,
): Promise<Digested> {
  let bytes = had;
  const requireRoom = () => {
    if (bytes <= mostBytes) return;
    response?.destroy();
    throw new ParleyError("ArtifactTooLarge", `${url.origin} sends more than the ${mostBytes} bytes that are taken`, {
      hint: "raise `intake.mostBytes` if it may be that large",
      facts: { origin: url.origin, mostBytes },
    });
  };
  requireRoom();
  response?.setTimeout(idleMs, () => response.destroy(new Error(`nothing came for ${idleMs} ms`)));
  try {
    for await (const chunk of (response ?? []) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      requireRoom();
      // All of it: a plain write may take less, and the digest would be of more than is there.
      await onDisk(part, file.appendFile(chunk));
      hash.update(chunk);
    }
  } catch (cause) {
    if (cause instanceof ParleyError) throw cause;
    throw interrupted(url, bytes, cause);
  }
  await onDisk(part, file.sync());
  return { digest: finish(hash), bytes };
}

function interrupted(url: URL, bytes: number, cause: unknown): ParleyError<"Interrupted"> {
  return new ParleyError("Interrupted", `${url.origin} broke off after ${bytes} bytes`, {
    hint: "the rest is asked for at the next try",
    retryable: true,
    facts: { origin: url.origin, bytes },
    cause,
  });
}
