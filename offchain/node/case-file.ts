import { utf8 } from "../kernel/bytes.ts";
import { messageOf, ParleyError } from "../kernel/errors.ts";
import { sha256 } from "../kernel/hash.ts";
import { type Bytes32, ZERO_32 } from "../kernel/ids.ts";
import type { Archive, Chain } from "../ports/chain.ts";
import type { CourtCase } from "../ports/court.ts";
import type { Crypto } from "../ports/crypto.ts";
import type { DisputeRecord, Submission } from "../ports/dispute-record.ts";
import type { EvidenceSource } from "../ports/evidence-source.ts";
import { checkBundle, isBundle } from "../settlement/disputes/bundle-check.ts";
import type { Exhibit, Trouble } from "../settlement/disputes/exhibit.ts";
import { type CaseSummary, summarise } from "../settlement/disputes/summary.ts";
import { decodeEvidenceJson, type EvidenceJson, MOST_EVIDENCE_JSON_BYTES } from "../terms/evidence-json.ts";
import type { Role } from "../terms/proposal.ts";
import { readAccount } from "./evidence.ts";

/** Larger than any bundle within the protocol's limits of a negotiation that was made for people. */
const MOST_FILE_BYTES = 8 * 1024 * 1024;

/** All that may take. Whoever files more, or slower, keeps only its own evidence from being read. */
const [TIMEOUT_MS, MOST_OF_A_SIDE] = [20_000, 8];

/** One exhibit with all that belongs to it: two fetches, and what the chain is asked about it. */
const EXHIBIT_MS = 90_000;

const NAMED = "the file that its statement names";

/** What a case is put together from. */
export interface CaseOffice {
  readonly chain: Chain & Archive;
  readonly crypto: Crypto;
  readonly source: EvidenceSource;
  /** Milliseconds for one exhibit in all. */
  readonly exhibitMs?: number;
}

/** What is known of an exhibit before it is looked at. */
type Found = Pick<Exhibit, "side" | "origin" | "filedAt" | "hash">;

/** A file that was given by hand. */
export interface GivenFile {
  readonly origin: string;
  readonly bytes: Uint8Array;
}

/** Puts a case together: all evidence that was named, filed or given, each piece fetched, held against its hash, and verified. */
export async function openCase(
  office: CaseOffice,
  record: DisputeRecord,
  court: CourtCase | null,
  given: readonly GivenFile[] = [],
): Promise<CaseSummary> {
  // At once: one side that lets us wait must not keep the other's from being read in time.
  const shown = await Promise.all([
    ...bounded(record.submissions).map((filed) => {
      const what = { side: filed.side, origin: originOf(filed), filedAt: filed.at, hash: null, isNamed: false };
      return inTime(office, what, readSubmission(office, record, filed));
    }),
    ...given.map(({ origin, bytes }) =>
      judge(office, record, { side: ownerOf(record, bytes), origin, filedAt: null }, bytes),
    ),
  ]);
  const named: Exhibit[] = [];
  for (const side of ["buyer", "seller"] as const) {
    const hash = namedBy(record, side);
    if (hash === null || shown.some((one) => one.hash === hash && one.trouble?.isFinal !== false)) continue;
    const what = { side, origin: NAMED, filedAt: null, hash, isNamed: true };
    named.push(await inTime(office, what, readNamed(office, record, side, hash)));
  }
  return summarise(record, [...named, ...shown], court);
}

/** The newest of each side: nobody can crowd out the other's. */
function bounded(submissions: readonly Submission[]): Submission[] {
  const sides = [...new Set(submissions.map(({ side }) => side))];
  return sides.flatMap((side) => submissions.filter((one) => one.side === side).slice(-MOST_OF_A_SIDE));
}

/** What a side's statement names, where that is a file: of what the chain holds itself nothing has to be shown. */
function namedBy({ claim, answer, delivery, transcript }: DisputeRecord, side: Role): Bytes32 | null {
  const hash = side === "buyer" ? claim?.evidence : answer?.evidence;
  if (hash === undefined || hash === ZERO_32 || hash === transcript || hash === delivery?.evidence) return null;
  return hash;
}

/** A file that a statement names is that side's, whoever brings it. */
function ownerOf(record: DisputeRecord, bytes: Uint8Array): Role | null {
  const hash = sha256(bytes);
  return (["buyer", "seller"] as const).find((side) => namedBy(record, side) === hash) ?? null;
}

/** Whatever lets us wait for longer can't be had at the moment: nobody is judged by that, and the others' evidence is read. */
async function inTime(
  { exhibitMs = EXHIBIT_MS }: CaseOffice,
  what: Found & Pick<Exhibit, "isNamed">,
  reading: Promise<Exhibit>,
): Promise<Exhibit> {
  const { promise: late, resolve } = Promise.withResolvers<Exhibit>();
  const says = `it was not read within ${exhibitMs} ms`;
  const timer = setTimeout(
    () => resolve({ ...what, proven: null, trouble: { code: "EvidenceUnreachable", says, isFinal: false } }),
    exhibitMs,
  );
  return await Promise.race([reading, late]).finally(() => clearTimeout(timer));
}

async function readNamed(office: CaseOffice, record: DisputeRecord, side: Role, hash: Bytes32): Promise<Exhibit> {
  const what = { side, origin: NAMED, filedAt: null };
  const bytes = await office.source.atHand(hash);
  if (bytes !== null) return await judge(office, record, what, bytes);
  const says = "it was not filed where it can be had, nor is it in the folder of evidence";
  return troubled({ ...what, hash }, true, { code: "EvidenceMissing", says, isFinal: false });
}

async function readSubmission(office: CaseOffice, record: DisputeRecord, filed: Submission): Promise<Exhibit> {
  const { side, uri, at: filedAt } = filed;
  let evidence: EvidenceJson | null = null;
  try {
    if (uri === null) throw new ParleyError("EvidenceRefused", "the address has more characters than are followed");
    const limits = { mostBytes: MOST_EVIDENCE_JSON_BYTES, timeoutMs: TIMEOUT_MS };
    evidence = decodeEvidenceJson(utf8.decode(await office.source.fetch(uri, limits)));
    const bytes = await fetchFile(office.source, evidence);
    const origin = `'${evidence.name}' at ${shortened(evidence.fileURI)}`;
    return await judge(office, record, { side, origin, filedAt }, bytes);
  } catch (thrown) {
    const hash = evidence?.fileHash ?? null;
    return troubled(
      { side, origin: originOf(filed), filedAt, hash },
      hash !== null && isNamed(record, side, hash),
      troubleOf(thrown),
    );
  }
}

/** A file under the hash that its evidence JSON names, from the folder or from where it says. */
async function fetchFile(source: EvidenceSource, { fileURI, fileHash }: EvidenceJson): Promise<Uint8Array> {
  const bytes =
    (await source.atHand(fileHash)) ??
    (await source.fetch(fileURI, { mostBytes: MOST_FILE_BYTES, timeoutMs: TIMEOUT_MS }));
  const hash = sha256(bytes);
  if (hash === fileHash) return bytes;
  throw new ParleyError("EvidenceAltered", `the file has the SHA-256 ${hash}, and was filed as ${fileHash}`, {
    hint: "ask whoever filed it for the file as it was filed",
  });
}

/** Verifies a bundle; any other file is taken as what it is. A chain that can't be asked is no fault of the evidence. */
async function judge(
  { chain, crypto }: CaseOffice,
  record: DisputeRecord,
  what: Omit<Found, "hash">,
  bytes: Uint8Array,
): Promise<Exhibit> {
  const hash = sha256(bytes);
  const exhibit = { ...what, hash, isNamed: isNamed(record, what.side, hash), proven: null, trouble: null };
  if (!isBundle(bytes)) return exhibit;
  try {
    const ask = (bundle: Parameters<typeof readAccount>[2]) => readAccount(chain, crypto, bundle);
    return { ...exhibit, proven: await checkBundle(crypto, record, bytes, ask) };
  } catch (thrown) {
    if (thrown instanceof ParleyError && thrown.retryable) throw thrown;
    return { ...exhibit, trouble: troubleOf(thrown) };
  }
}

function isNamed(record: DisputeRecord, side: Role | null, hash: Bytes32): boolean {
  return side !== null && namedBy(record, side) === hash;
}

function troubled(what: Found, named: boolean, trouble: Trouble): Exhibit {
  return { ...what, isNamed: named, proven: null, trouble };
}

/** What is there and isn't good stays so; what can't be had may come. Only errors with names are about evidence. */
function troubleOf(thrown: unknown): Trouble {
  if (!(thrown instanceof ParleyError)) throw thrown;
  if (thrown.code === "ChainUnreachable" || thrown.code === "ChainFailed") throw thrown;
  const isFinal = ["EvidenceUnverified", "EvidenceOfOtherDeal", "Malformed", "BadUtf8"].includes(thrown.code);
  return { code: thrown.code, says: messageOf(thrown), isFinal };
}

function originOf({ uri }: Submission): string {
  return uri === null ? "an address that is too long to be followed" : shortened(uri);
}

function shortened(uri: string): string {
  return uri.length <= 120 ? uri : `${uri.slice(0, 120)}…`;
}
