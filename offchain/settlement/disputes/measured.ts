import { ParleyError } from "../../kernel/errors.ts";
import type { Bytes32 } from "../../kernel/ids.ts";
import type { DisputeRecord } from "../../ports/dispute-record.ts";
import type { JsonObject } from "../../terms/canonical-json.ts";
import { evidenceOf } from "../../terms/delivery-proof.ts";
import type { Role } from "../../terms/proposal.ts";
import { readStandardTerms, type ServiceLevel } from "../../terms/standard-terms.ts";
import type { AttachedReading } from "../../transcript/evidence/attached-readings.ts";
import { accessIn, accessProof } from "../metering/access.ts";
import { type Judgement, judgeLevels, judgeService } from "../metering/sla.ts";
import type { Exhibit } from "./exhibit.ts";

/** A document of signed readings, held against the levels that both signed. It binds its signer, and proves nothing against the other. */
export interface Measured {
  /** Who signed all of them. */
  readonly by: Role;
  /** SHA-256 of the document. */
  readonly document: Bytes32;
  readonly calls: number;
  readonly failures: number;
  readonly judgement: Judgement;
}

/** What the readings in verified bundles come to, each document once; nothing where no terms are shown that they could be held against. */
export function measuredIn(
  { deal, dealHash, transcript }: DisputeRecord,
  terms: JsonObject | null,
  exhibits: readonly Exhibit[],
): readonly Measured[] {
  const levels = terms === null ? null : readable(() => readStandardTerms(terms)?.levels ?? null);
  const isService = readable(() => accessIn(terms)) !== null;
  if (levels === null || (levels.length === 0 && !isService)) return [];
  const judge = isService ? judgeService : judgeLevels;
  const all = exhibits.flatMap(({ proven }) => proven?.readings ?? []);
  const ours = all.filter((one) => one.deal === dealHash && one.transcript === transcript);
  const documents = new Map<string, Map<string, AttachedReading>>();
  for (const reading of ours) {
    const name = `${reading.reader} ${reading.document}`;
    const known = documents.get(name) ?? new Map<string, AttachedReading>();
    // Both sides may show one document, and nobody may count an hour of it twice.
    documents.set(name, known.set(`${reading.from} ${reading.to}`, reading));
  }
  return whole([...documents.values()].map((periods) => [...periods.values()])).map((readings) => {
    return judged(readings, levels, judge, readings[0]?.reader === deal.buyer ? "buyer" : "seller");
  });
}

/** What the seller has to record to deliver what terms about access name; null where they are about something else. */
export function accessAgreed({ deal, dealHash, transcript }: DisputeRecord, terms: JsonObject | null): Bytes32 | null {
  const proof = readable(() => accessProof({ deal, dealHash, transcript, terms }));
  return proof === null ? null : evidenceOf(proof);
}

/**
 * Without the documents that show nothing new. Readings are signed one by one, so the other side could put the hours that suit it into a
 * document of its own making, and have the signer bound by these alone.
 */
function whole(documents: readonly (readonly AttachedReading[])[]): readonly (readonly AttachedReading[])[] {
  const shown = new Set<string>();
  const isNew = (reading: AttachedReading): boolean => {
    const { document: _, ...signed } = reading;
    const text = JSON.stringify(signed, (_name, value: unknown) => (typeof value === "bigint" ? `${value}` : value));
    return shown.size < shown.add(text).size;
  };
  const largest = [...documents].sort((one, other) => other.length - one.length);
  const kept = new Set(largest.filter((readings) => readings.map(isNew).includes(true)));
  return documents.filter((readings) => kept.has(readings));
}

function judged(
  readings: readonly AttachedReading[],
  levels: readonly ServiceLevel[],
  judge: typeof judgeService,
  by: Role,
): Measured {
  const sum = (of: (reading: AttachedReading) => number) => readings.reduce((total, one) => total + of(one), 0);
  return {
    ...{ by, document: readings[0]?.document ?? "0x" },
    ...{ calls: sum(({ calls }) => calls), failures: sum(({ failures }) => failures) },
    judgement: judge(levels, readings),
  };
}

/** Terms that can't be read are for people. */
function readable<T>(read: () => T | null): T | null {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof ParleyError) return null;
    throw thrown;
  }
}
