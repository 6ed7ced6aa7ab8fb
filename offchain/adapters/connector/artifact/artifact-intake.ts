import { readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../../kernel/clock.ts";
import { ParleyError } from "../../../kernel/errors.ts";
import type { Bytes32 } from "../../../kernel/ids.ts";
import type { Finding, Intake, Order } from "../../../ports/connector.ts";
import { hashJson, type JsonObject, parseCanonicalJson, rfc8785 } from "../../../terms/canonical-json.ts";
import { type DeliveryTerms, digestIn } from "../../../terms/delivery-terms.ts";
import { readStandardTerms } from "../../../terms/standard-terms.ts";
import { addressFor } from "../http/deal-path.ts";
import type { Introduce } from "../http/outward.ts";
import { digestFile } from "./digest.ts";
import { type Downloaded, download, forgetPart } from "./download.ts";
import { onDisk } from "./on-disk.ts";

export interface ArtifactIntakeOptions {
  /** What comes is put there under the hash of its deal. */
  readonly folder: string;
  /** Origins that are asked although they are plain http, or in a private network. */
  readonly allow: ReadonlySet<string>;
  readonly introduce: Introduce;
  readonly clock: Clock;
  /** Most bytes of an artifact whose size the terms don't tell. */
  readonly mostBytes: number;
  /** When a deal's review ends, in milliseconds by the clock; null where that is not known. */
  readonly reviewEndsAt?: (order: Order) => number | null;
  /** Whether others answer us at present, so that it is the seller who doesn't; if not given, that isn't known. */
  readonly isOnline?: () => boolean;
  /** Milliseconds of silence, and for one try in all. */
  readonly idleMs?: number;
  readonly wholeMs?: number;
}

/** What can be fetched for a deal. */
interface Wanted {
  readonly digest: Bytes32;
  readonly url: URL;
  readonly bytes: number | null;
}

/** What may be the fault of either side's network. */
const UNREACHED: readonly string[] = ["SellerUnreachable", "Interrupted"];

const [IDLE_MS, WHOLE_MS] = [30_000, 15 * 60_000];

/**
 * Fetches what was bought, and looks whether it is what the terms name. Where the seller still answers with something else, that counts as
 * bad once half of the review period is over: the other half is for disputing it, since after that silence pays the seller; and so does
 * a seller that can't be reached while others can. What fails on our own side never counts against anybody: where our own network may be
 * the cause, people decide.
 */
export class ArtifactIntake implements Intake {
  readonly #options: Required<ArtifactIntakeOptions>;

  constructor(options: ArtifactIntakeOptions) {
    this.#options = { idleMs: IDLE_MS, wholeMs: WHOLE_MS, reviewEndsAt: () => null, isOnline: () => false, ...options };
  }

  /** Whether a deal's terms say where its artifact is fetched. */
  takes({ terms }: Pick<Order, "terms">): boolean {
    return wantedBy(terms) !== null;
  }

  async inspect(order: Order): Promise<Finding | null> {
    const wanted = wantedBy(order.terms);
    if (wanted === null) return null;
    const kept = join(this.#options.folder, order.dealHash);
    if ((await onDisk(kept, digestIfThere(kept))) === wanted.digest) return { good: true };
    const giveUpAt = await this.#giveUpAt(kept, order);
    try {
      return await this.#fetch(order, wanted, kept, giveUpAt);
    } catch (thrown) {
      if (!(thrown instanceof ParleyError) || this.#options.clock.now() < giveUpAt) throw thrown;
      const isUnreached = UNREACHED.includes(thrown.code);
      if (isUnreached && !this.#options.isOnline()) throw undecided(order, thrown);
      if (!isUnreached && thrown.code !== "NotServed") throw thrown;
      return await this.#reject(kept, order, wanted, { because: thrown.code, found: null }, thrown.message);
    }
  }

  async report({ dealHash }: Order): Promise<JsonObject | null> {
    try {
      const text = await readFile(`${join(this.#options.folder, dealHash)}.report.json`, "utf8");
      return parseCanonicalJson(text) as JsonObject;
    } catch {
      // Lost or cut off: it is named by its hash all the same, and can't keep a dispute from being opened in time.
      return null;
    }
  }

  async #fetch(order: Order, wanted: Wanted, kept: string, giveUpAt: number): Promise<Finding> {
    const { allow, introduce, idleMs, wholeMs, mostBytes, clock } = this.#options;
    const part = `${kept}.part`;
    const limits = { idleMs, wholeMs: Math.max(idleMs, Math.min(wholeMs, giveUpAt - clock.now())) };
    const url = addressFor(wanted.url.href, order);
    const request = { ...{ url, part, allow, introduce }, ...limits, mostBytes: wanted.bytes ?? mostBytes };
    let came: Downloaded;
    try {
      came = await download(request);
    } catch (thrown) {
      if (!(thrown instanceof ParleyError) || thrown.code !== "ArtifactTooLarge") throw thrown;
      await forgetPart(part);
      // More than the terms say is not as agreed; more than we have room for is our own affair.
      if (wanted.bytes === null) throw thrown;
      return await this.#reject(kept, order, wanted, { because: thrown.code, found: null }, thrown.message);
    }
    if (came.digest === wanted.digest) {
      await onDisk(kept, rename(part, kept));
      return { good: true };
    }
    if (came.resumed) {
      await forgetPart(part);
      throw mixed(url);
    }
    // Kept, for whoever has to judge it.
    await onDisk(kept, rename(part, `${kept}.rejected`));
    const found = { because: "WrongDigest", found: came.digest };
    return await this.#reject(kept, order, wanted, found, `what came has the digest ${came.digest}`);
  }

  /** Writes down what was found, so that what the dispute names by its hash can be shown. */
  async #reject(kept: string, order: Order, wanted: Wanted, found: JsonObject, note: string): Promise<Finding> {
    const report: JsonObject = {
      ...{ format: "parley-artifact-report", version: 1, deal: order.dealHash, transcript: order.transcript },
      ...{ url: wanted.url.href, digest: wanted.digest, at: Math.floor(this.#options.clock.now() / 1000), ...found },
    };
    const path = `${kept}.report.json`;
    await onDisk(path, writeFile(path, rfc8785(report), { mode: 0o600 }));
    return { good: false, share: 0, evidence: hashJson(report), note };
  }

  /** Half a review period after the first try; whoever came late to it has less, but for the last eighth. */
  async #giveUpAt(kept: string, order: Order): Promise<number> {
    const reviewMs = order.deal.reviewPeriod * 1_000;
    const half = (await this.#firstAsked(kept)) + reviewMs / 2;
    const ends = this.#options.reviewEndsAt(order);
    return ends === null ? half : Math.min(half, ends - reviewMs / 8);
  }

  /** When it was first asked for, in milliseconds: whichever process that was. */
  async #firstAsked(kept: string): Promise<number> {
    const mark = `${kept}.asked`;
    const now = this.#options.clock.now();
    const isFirst = await onDisk(mark, isNew(writeFile(mark, String(now), { flag: "wx", mode: 0o600 })));
    if (isFirst) return now;
    const asked = Number(await onDisk(mark, readFile(mark, "utf8")));
    if (Number.isSafeInteger(asked) && asked > 0 && asked <= now) return asked;
    // A mark that was cut off by a crash is about as old as its file.
    return Math.min(now, (await onDisk(mark, stat(mark))).mtimeMs);
  }
}

/** Null where the terms don't say what is fetched, and from where. */
function wantedBy(terms: JsonObject | null): Wanted | null {
  if (terms === null) return null;
  const delivery: DeliveryTerms | null = readStandardTerms(terms)?.delivery ?? null;
  const digest = digestIn(terms);
  if (delivery?.by !== "artifact" || delivery.url === null || digest === null) return null;
  const url = URL.parse(delivery.url);
  if (url === null) return null;
  return { digest, url, bytes: delivery.bytes };
}

async function isNew(made: Promise<void>): Promise<boolean> {
  try {
    await made;
    return true;
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === "EEXIST") return false;
    throw thrown;
  }
}

async function digestIfThere(path: string): Promise<Bytes32 | null> {
  try {
    return (await digestFile(path)).digest;
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === "ENOENT") return null;
    throw thrown;
  }
}

function mixed(url: URL): ParleyError<"ArtifactMixed"> {
  return new ParleyError("ArtifactMixed", `what came from ${url.origin} in several tries doesn't fit together`, {
    hint: "it is fetched anew",
    retryable: true,
    facts: { origin: url.origin },
  });
}

function undecided({ dealHash }: Order, cause: ParleyError): ParleyError<"DeliveryUndecided"> {
  return new ParleyError("DeliveryUndecided", `the artifact of ${dealHash} hasn't come: ${cause.message}`, {
    hint: "whose network it is can't be told from here; it is tried again, but dispute it before the review ends if it is the seller's: after that the seller can claim the price",
    retryable: true,
    facts: { dealHash, because: cause.code },
    cause,
  });
}
