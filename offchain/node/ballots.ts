import { utf8 } from "../kernel/bytes.ts";
import type { Address, Bytes32 } from "../kernel/ids.ts";
import { REFUSAL } from "../ports/court.ts";
import type { Journal } from "../ports/journal.ts";
import { canonicalJson, parseCanonicalJson } from "../terms/canonical-json.ts";
import { JsonReader } from "../terms/json-reader.ts";

/** A vote with what it takes to reveal it. Who knows the salt before the time can read the vote from the chain. */
export interface Ballot {
  readonly vote: number;
  readonly salt: Bytes32;
  /** Why, for whoever asks later. */
  readonly because: string;
}

/** One voter's place in one round. */
export interface Place {
  readonly chainId: number;
  readonly court: Address;
  readonly dispute: bigint;
  readonly round: bigint;
  readonly voter: Address;
}

const MOST_BECAUSE = 4_000;

/** The votes of an arbitrator, written down before anything of them is sent: a salt that is lost costs a penalty. */
export class Ballots {
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** All that was ever meant to be cast there, oldest first. The one that counts is the one that the chain has. */
  async of(place: Place): Promise<readonly Ballot[]> {
    return (await this.#journal.read(streamOf(place))).map(decode);
  }

  /** Resolves once it is where no crash takes it away. */
  async keep(place: Place, ballot: Ballot): Promise<void> {
    const stream = streamOf(place);
    const known = await this.#journal.read(stream);
    await this.#journal.append(stream, known.length, encode(ballot), "machine");
  }
}

function streamOf({ chainId, court, dispute, round, voter }: Place): string {
  return `ballot:${chainId}:${court}:${dispute}:${round}:${voter}`;
}

function encode({ vote, salt, because }: Ballot): Uint8Array {
  return utf8.encode(canonicalJson({ vote, salt, because: because.slice(0, MOST_BECAUSE) }));
}

function decode(record: Uint8Array): Ballot {
  const reader = new JsonReader(parseCanonicalJson(utf8.decode(record)), "ballot");
  const ballot = {
    vote: reader.integer("vote", 0, REFUSAL),
    salt: reader.bytes32("salt"),
    because: reader.text("because", MOST_BECAUSE),
  };
  reader.end();
  return ballot;
}
