import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { ParleyError } from "../../../kernel/errors.ts";
import type { Doubt, DoubtCode, Durability } from "../../../ports/journal.ts";
import type { Witness } from "../../../ports/witness.ts";
import { bootId } from "./boot.ts";
import { decodeMark, encodeMark, judgeContinuity, type Life, type Placed } from "./continuity.ts";
import { corrupt } from "./errors.ts";
import type { Transactions } from "./transactions.ts";

/** The doubt that what was synced is beyond. */
const OF_RESTARTS: DoubtCode = "MachineRestarted";

/** What the chronicle needs besides the file. */
export interface ChronicleOptions {
  readonly transactions: Transactions;
  readonly witness?: Witness | undefined;
  /** The machine's present boot, where that is not for the machine to say. */
  readonly boot?: string | null | undefined;
  /** The largest id of a stream; 0 where there is none. */
  readonly newestStream: () => number;
  readonly holds: (placed: Placed) => boolean;
}

/** The journal's own history: that it is open, since when, and which of its streams are in doubt. */
export class Chronicle {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #witness: Witness | undefined;
  #life: Life;
  /** What the witness has yet to be told. */
  #untold: string | null = null;

  /** Judges what is found, and takes note that the journal is open. */
  constructor(path: string, database: DatabaseSync, options: ChronicleOptions) {
    const { witness, boot = bootId() } = options;
    this.#path = path;
    this.#database = database;
    this.#witness = witness;
    const life = this.#read();
    const mark = decodeMark(witness?.recall() ?? "");
    const doubt = judgeContinuity({ path, life, mark, boot, holds: options.holds });
    this.#life = {
      journal: life?.journal ?? randomBytes(16).toString("hex"),
      opens: (life?.opens ?? 0) + 1,
      boot,
      open: true,
      witnessed: life?.witnessed === true || witness !== undefined,
      forgets: life?.forgets ?? 0,
    };
    options.transactions.run("machine", () => this.#begin(doubt, options.newestStream()));
    witness?.note(this.#mark(null), "machine");
  }

  /** Throws `WitnessFailed` where the witness still can't be told of an earlier commit: then there must be no other. */
  catchUp(): void {
    if (this.#untold === null) return;
    this.#witness?.note(this.#untold, "process");
    this.#untold = null;
  }

  /** Call this once a commit is there, with the last record in it. */
  wrote(last: Placed): void {
    this.#tell(last);
  }

  /** Call this within the transaction that forgets a stream. */
  forgets(): void {
    this.#write({ ...this.#life, forgets: this.#life.forgets + 1 });
  }

  /** Call this once that transaction is there. */
  forgot(): void {
    this.#life = { ...this.#life, forgets: this.#life.forgets + 1 };
    this.#tell(null);
  }

  /** Why the stream of that id is in doubt: the first doubt since it was begun that touches records so durable. */
  doubt(id: number, durability: Durability): Doubt | null {
    const harmless = durability === "machine" ? OF_RESTARTS : "";
    const select = "SELECT code, says FROM doubt WHERE upto >= ? AND code <> ? ORDER BY upto LIMIT 1";
    const found = this.#database.prepare(select).get(id, harmless);
    return found === undefined ? null : { code: this.#doubtCode(found["code"]), says: String(found["says"]) };
  }

  /** The last that is written before the file is closed in good order. */
  end(): void {
    this.#write({ ...this.#life, open: false });
  }

  #begin(doubt: Doubt | null, newestStream: number): void {
    this.#write(this.#life);
    if (doubt === null || newestStream === 0) return;
    // No stream was begun since that earlier doubt: a worse one takes its place.
    const add = this.#database.prepare(`
      INSERT INTO doubt (upto, code, says) VALUES (?, ?, ?)
      ON CONFLICT (upto) DO UPDATE SET code = excluded.code, says = excluded.says WHERE code = '${OF_RESTARTS}'
    `);
    add.run(newestStream, doubt.code, doubt.says);
  }

  /** What was committed is not undone by a witness that can't be told: it is tried again before the next commit. */
  #tell(last: Placed | null): void {
    if (this.#witness === undefined) return;
    this.#untold = this.#mark(last);
    try {
      this.catchUp();
    } catch {
      // The next commit fails if this does once more.
    }
  }

  #mark(last: Placed | null): string {
    const { journal, opens, forgets } = this.#life;
    return encodeMark({ journal, opens, forgets, last });
  }

  #read(): Life | null {
    const row = this.#database.prepare("SELECT * FROM life").get();
    if (row === undefined) return null;
    const { journal, opens, boot, open, witnessed, forgets } = row;
    if (typeof journal !== "string" || typeof opens !== "number" || typeof forgets !== "number")
      throw corrupt(this.#path);
    const known = typeof boot === "string" ? boot : null;
    return { journal, opens, boot: known, open: open === 1, witnessed: witnessed === 1, forgets };
  }

  #write({ journal, opens, boot, open, witnessed, forgets }: Life): void {
    this.#database
      .prepare("INSERT OR REPLACE INTO life VALUES (1, ?, ?, ?, ?, ?, ?)")
      .run(journal, opens, boot, Number(open), Number(witnessed), forgets);
  }

  #doubtCode(code: unknown): DoubtCode {
    switch (code) {
      case "MachineRestarted":
      case "RecordsMissing":
      case "WitnessMissing":
        return code;
      default:
        throw new ParleyError("JournalCorrupt", `the journal ${this.#path} holds an unknown doubt`, {
          hint: "open it with the version of Parley that wrote it",
          facts: { path: this.#path },
        });
    }
  }
}
