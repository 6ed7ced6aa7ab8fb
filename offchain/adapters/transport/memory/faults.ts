import type { Clock } from "../../../kernel/clock.ts";
import { ParleyError } from "../../../kernel/errors.ts";
import type { Entropy } from "../../../kernel/random.ts";

/** What the network does to frames. A port's transport does none of it but the delay: these are for testing who uses it. */
export interface Faults {
  /** Least and most milliseconds that a frame is under way. */
  readonly delayMs?: readonly [least: number, most: number];
  /** Chance, from 0 to 1, that a frame never arrives. */
  readonly loss?: number;
  /** Chance that a frame arrives twice. */
  readonly duplication?: number;
  /** Chance that a frame is held back while later ones overtake it. */
  readonly reordering?: number;
}

/** Longest that a frame is held back for others to overtake it. */
const HELD_MS = 50;

/** When each copy of a frame is to arrive, and whether it keeps its place among the others. */
export interface Passage {
  readonly due: number;
  readonly isInOrder: boolean;
}

/** Rolls the dice for each frame: the same ones for the same seed. */
export class Dice {
  readonly #clock: Clock;
  readonly #entropy: Entropy;
  readonly #faults: Faults;

  constructor(clock: Clock, entropy: Entropy, faults: Faults) {
    checkFaults(faults);
    this.#clock = clock;
    this.#entropy = entropy;
    this.#faults = faults;
  }

  /** The copies of one frame: none of a lost one, two of a duplicated one. */
  roll(): readonly Passage[] {
    const { loss = 0, duplication = 0 } = this.#faults;
    if (this.#happens(loss)) return [];
    return this.#happens(duplication) ? [this.#passage(), this.#passage()] : [this.#passage()];
  }

  #passage(): Passage {
    const { delayMs: [least, most] = [0, 0], reordering = 0 } = this.#faults;
    const due = this.#clock.now() + least + this.#fraction() * (most - least);
    if (!this.#happens(reordering)) return { due, isInOrder: true };
    return { due: due + this.#fraction() * HELD_MS, isInOrder: false };
  }

  #happens(chance: number): boolean {
    return chance > 0 && this.#fraction() < chance;
  }

  #fraction(): number {
    const bytes = this.#entropy.bytes(4);
    return bytes.reduce((number, byte) => number * 256 + byte, 0) / 2 ** 32;
  }
}

function checkFaults({ delayMs: [least, most] = [0, 0], loss = 0, duplication = 0, reordering = 0 }: Faults): void {
  const areChances = [loss, duplication, reordering].every((chance) => chance >= 0 && chance <= 1);
  if (areChances && least >= 0 && least <= most && Number.isFinite(most)) return;
  throw new ParleyError("BadFaults", "these are no faults that a network could have", {
    hint: "give chances from 0 to 1, and a delay whose least is not above its most",
  });
}
