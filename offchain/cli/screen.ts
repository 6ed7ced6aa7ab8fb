import { once } from "node:events";
import { styleText } from "node:util";
import type { Style } from "./pictures/curves.ts";

/** Whether standard output is a terminal that moves its cursor and shows colour. */
export const isTerminal = process.stdout.isTTY === true && process.env["TERM"] !== "dumb";

const colour = (format: Parameters<typeof styleText>[0]) => (text: string) =>
  isTerminal ? styleText(format, text, { stream: process.stdout }) : text;

export const bold = colour("bold");
export const faint = colour("dim");
export const good = colour("green");
export const bad = colour("red");

export const style: Style = { buyer: colour("cyan"), seller: colour("yellow"), faint };

export function print(line = ""): void {
  process.stdout.write(`${line}\n`);
}

/** Prints a line that is too long to be there as a whole, as fast as it is read. */
export async function printPieces(pieces: Iterable<string>): Promise<void> {
  for (const piece of pieces) if (!process.stdout.write(piece)) await once(process.stdout, "drain");
  print();
}

/** A block of lines that is drawn over in place. Where there is no terminal, only its last state is printed. */
export class LiveBlock {
  #height = 0;
  #lines: readonly string[] = [];

  draw(lines: readonly string[]): void {
    this.#lines = lines;
    if (!isTerminal) return;
    if (this.#height > 0) process.stdout.write(`\x1b[${this.#height}A\x1b[0J`);
    process.stdout.write(`${lines.join("\n")}\n`);
    this.#height = lines.length;
  }

  end(): void {
    if (!isTerminal) for (const line of this.#lines) print(line);
  }
}
