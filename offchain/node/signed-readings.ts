import type { DealName } from "../adapters/connector/http/deal-path.ts";
import type { Session } from "../dealing/session.ts";
import { signReading } from "../identity/reading.ts";
import type { SigningKeys } from "../identity/signing-keys.ts";
import type { Journal } from "../ports/journal.ts";
import { type CallEntry, CallLog } from "../settlement/metering/call-log.ts";
import { readingsFrom } from "../settlement/metering/readings.ts";
import type { JsonObject } from "../terms/canonical-json.ts";
import { proofToJson } from "../terms/delivery-proof.ts";
import type { MeterReading } from "../terms/meter-reading.ts";

/** Seconds of a reading. */
const READING_S = 3_600;

/** What readings are made with. */
export interface ReadingContext {
  readonly journal: Journal;
  readonly keys: SigningKeys;
}

/** What our own log of a deal's calls comes to by now, by the hour, without the calls of these numbers. */
export async function measuredBy(
  session: Session,
  name: DealName,
  journal: Journal,
  except: ReadonlySet<number> = new Set(),
): Promise<readonly MeterReading[]> {
  const { dealHash, transcript } = name;
  const { entries } = await CallLog.open(journal, { dealHash, transcript });
  return measuredOf(session, name, entries, except);
}

/** The same of entries that were read already. */
export function measuredOf(
  { state }: Session,
  { dealHash, transcript }: DealName,
  entries: readonly CallEntry[],
  except: ReadonlySet<number> = new Set(),
): readonly MeterReading[] {
  const counted = entries.filter(({ number }) => !except.has(number));
  return readingsFrom(counted, { deal: dealHash, transcript, reader: state.brief.self }, READING_S);
}

/** The same signed with the key that the deal was negotiated with: a document for whoever has to judge. */
export async function signedReadings(
  session: Session,
  measured: readonly MeterReading[],
  { keys }: Pick<ReadingContext, "keys">,
): Promise<JsonObject> {
  const { certificate } = session.state.brief;
  const signer = keys.signer(certificate.key);
  const readings = await Promise.all(measured.map((reading) => signReading(signer, certificate, reading)));
  return proofToJson({ kind: "readings", readings });
}
