import { ParleyError } from "../../kernel/errors.ts";
import type { AgentId } from "../../kernel/ids.ts";
import { termsInJournal } from "../../node/desk/agreement.ts";
import { type Desk, speakersOf } from "../../node/desk/desk.ts";
import { parseFlags } from "../args.ts";
import { EXIT, usageError } from "../command.ts";
import { jsonOf } from "../json-of.ts";
import { createText, writeText } from "../text-file.ts";
import { warn } from "../warn.ts";
import { contractDocument, type Party } from "./document.ts";
import { PICK, pickDeal } from "./pick.ts";

export async function writeContract(args: readonly string[]): Promise<number> {
  const flags = parseFlags("deal", args, {
    ...PICK,
    out: { type: "string" },
    force: { type: "boolean", default: false },
  });
  const { desk, view, agreement } = await pickDeal(flags);
  const { deal, dealHash, transcript, token } = view;
  if (deal === null) {
    throw new ParleyError("DealUndisclosed", `no transaction has shown all of deal ${dealHash}`, {
      hint: "give its evidence bundle: --bundle FILE (parley evidence export)",
    });
  }
  if (flags.json && flags.out !== undefined) throw usageError("--json and --out go one at a time", "deal");
  const { config } = desk;
  const terms = agreement?.terms ?? (await termsInJournal(config, deal.negotiation));
  const [buyer, seller] = await Promise.all([partyOf(desk, deal.buyer), partyOf(desk, deal.seller)]);
  const { chainId, settlement } = config.deployment;
  const document = contractDocument({ deal, dealHash, transcript, terms, buyer, seller, token, chainId, settlement });
  if (flags.json) process.stdout.write(`${jsonOf({ deal: dealHash, terms: deal.terms, transcript, document })}\n`);
  else if (flags.out === undefined) process.stdout.write(document);
  else {
    if (flags.force) writeText(flags.out, document);
    else createText(flags.out, document, "name another file, or write over it: --force");
    warn(`${flags.out} holds the contract of deal ${dealHash}`);
  }
  return EXIT.ok;
}

async function partyOf(desk: Desk, agent: AgentId): Promise<Party> {
  const { wallet, owner } = await speakersOf(desk, agent);
  return { agent, wallet, owner };
}
