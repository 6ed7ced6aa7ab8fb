/**
 * Writes the vectors: `node test/vectors/generate.ts`. They are a frozen format: a file that comes out different
 * means that what peers and contracts have agreed on has changed.
 */
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { journalRecords } from "./journal.ts";
import { pathOf, plain, type Vectors } from "./json.ts";
import { badMessages, goodMessages, resumes } from "./messages.ts";
import * as terms from "./terms.ts";
import { transcripts } from "./transcripts.ts";

const FILES: Record<string, { description: string; cases: () => readonly unknown[] }> = {
  deal: { description: "A deal, its packed encoding, and its name: the EIP-712 struct hash.", cases: terms.deals },
  agreement: {
    description: "What both wallets sign to commit a deal without session keys, under Settlement's domain.",
    cases: terms.agreements,
  },
  certificate: {
    description: "Session keys: struct hash, digest under the registry's domain, wallet's signature, packed encoding.",
    cases: terms.certificates,
  },
  "negotiation-id": { description: "The opener's half of an id, and the whole.", cases: terms.negotiationIds },
  "canonical-json": {
    description:
      "JSON texts; the canonical form of what they say, where there is one, and its SHA-256; whether the text itself " +
      "is accepted from a peer.",
    cases: terms.canonicalJsons,
  },
  proposal: {
    description: "Proposals of OPEN: their SHA-256, that of their terms, or the refusal they meet.",
    cases: terms.proposals,
  },
  body: { description: "Bodies of all nine kinds, their packed encodings, and their hashes.", cases: terms.bodies },
  envelope: {
    description: "Envelopes, the bytes that are signed, their SHA-256, and the packed encoding.",
    cases: terms.envelopes,
  },
  message: { description: "Signed messages whose signatures hold under `publicKey`.", cases: goodMessages },
  "message-refused": {
    description: "Messages to refuse, with the code; where `message` is null, any bytes of that length.",
    cases: badMessages,
  },
  resume: { description: "Resume frames; where `resume` is null, the frame is to be ignored.", cases: resumes },
  journal: { description: "Records of a negotiation's journal, of each type of event.", cases: journalRecords },
  transcript: {
    description: "Whole transcripts as the messages of both sides: what each proves, or the refusal it meets.",
    cases: transcripts,
  },
};

/** What each file has to hold, by name. */
export function generate(): Map<string, string> {
  return new Map(
    Object.entries(FILES).map(([name, { description, cases }]) => {
      const vectors: Vectors<unknown> = { description, cases: cases() };
      return [name, `${JSON.stringify(plain(vectors), null, 2)}\n`];
    }),
  );
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const [name, text] of generate()) writeFileSync(pathOf(name), text);
}
