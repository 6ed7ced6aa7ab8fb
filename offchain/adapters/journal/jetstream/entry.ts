/** What a message of a stream's subject says of itself, besides the record that it may carry. */
export interface Entry {
  /** A record; the fence of a new owner; or the end of a stream that was forgotten. */
  readonly kind: "record" | "fence" | "forgotten";
  /** How many records the stream holds from here on. */
  readonly records: number;
  /** The largest token that it was fenced with; 0 where it never was. */
  readonly fence: number;
  /** The subject's last message when this was written, by its number in JetStream; 0 where there was none. */
  readonly after: number;
}

/** A message as it is stored. */
export interface Stored {
  readonly seq: number;
  readonly entry: Entry;
  /** Names the write, so that whoever doesn't know whether it succeeded finds it again. */
  readonly id: string;
  readonly data: Uint8Array;
}

/** The one header that an entry is in. */
export const ENTRY_HEADER = "Parley-Entry";

export function encodeEntry({ kind, records, fence, after }: Entry): string {
  return [kind, records, fence, after].join(" ");
}

/** Null for whatever is no entry. */
export function decodeEntry(text: string): Entry | null {
  const found = /^(record|fence|forgotten) (\d{1,15}) (\d{1,15}) (\d{1,15})$/.exec(text);
  if (found === null) return null;
  const [, kind, records, fence, after] = found;
  if (kind !== "record" && kind !== "fence" && kind !== "forgotten") return null;
  return { kind, records: Number(records), fence: Number(fence), after: Number(after) };
}
