import { bookOf, bookToJson } from "../../settlement/tab/book.ts";
import { parseFlags } from "../args.ts";
import { EXIT, usageError } from "../command.ts";
import { print } from "../screen.ts";
import { createText, writeText } from "../text-file.ts";
import { warnOfLeft } from "./left.ts";
import { pickAccount } from "./pick.ts";

export async function exportAccount(args: readonly string[]): Promise<number> {
  const flags = parseFlags("account", args, {
    config: { type: "string" },
    account: { type: "string" },
    out: { type: "string" },
    force: { type: "boolean", default: false },
  });
  if (flags.out === undefined) throw usageError("--out FILE is missing", "account");
  const { settings, view, left } = await pickAccount(flags);
  const book = bookOf(settings.deployment, view.terms, view.state);
  const text = `${JSON.stringify(bookToJson(book), null, 2)}\n`;
  if (flags.force) writeText(flags.out, text);
  else createText(flags.out, text, "name another file, or write over it: --force");
  const [one, other] = book.sides.map((side) => side.length);
  print(`${flags.out}: account ${view.state.id}, ${one} and ${other} entries (check it: parley account verify FILE)`);
  warnOfLeft(left);
  return EXIT.ok;
}
