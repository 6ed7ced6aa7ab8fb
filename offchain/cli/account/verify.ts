import { connectRpc, type Rpc } from "../../adapters/chain/rpc.ts";
import { type TokenFacts, Tokens } from "../../adapters/chain/tokens.ts";
import { verifyContracts } from "../../adapters/chain/verify-contracts.ts";
import { NodeCrypto } from "../../adapters/crypto/node/crypto.ts";
import { CertificateVerifier } from "../../identity/certificate.ts";
import { ParleyError } from "../../kernel/errors.ts";
import { visible } from "../../kernel/visible.ts";
import { readerOf } from "../../node/reader.ts";
import { bookFromJson, type TabBook } from "../../settlement/tab/book.ts";
import { examineBook, type TabFindings, type TabSide } from "../../settlement/tab/examine.ts";
import { Refusal } from "../../terms/refusal.ts";
import { parseFlags } from "../args.ts";
import { EXIT, exitCodeOf, usageError } from "../command.ts";
import { money } from "../deal/words.ts";
import { jsonOf } from "../json-of.ts";
import { parseJson } from "../parse-json.ts";
import { print } from "../screen.ts";
import { readText } from "../text-file.ts";

/** What the chain says of the keys that signed; null where it wasn't asked. */
type Disowned = readonly string[] | null;

export async function verifyAccount([file, ...args]: readonly string[]): Promise<number> {
  if (file === undefined || file.startsWith("-")) throw usageError("verify takes a FILE first", "account");
  const flags = parseFlags("account", args, {
    rpc: { type: "string" },
    json: { type: "boolean", default: false },
  });
  const say = (findings: object, lines: () => readonly string[]) => {
    if (flags.json) print(jsonOf(findings));
    else for (const line of lines()) print(visible(line));
  };
  let book: TabBook;
  let findings: TabFindings;
  const text = readText(file);
  try {
    book = bookFromJson(parseJson(text));
    findings = await examineBook(new NodeCrypto(), book);
  } catch (thrown) {
    if (!(thrown instanceof ParleyError)) throw thrown;
    say({ verified: false, ...thrown.toJSON() }, () => [`NOT verified: ${file}: ${thrown.message} [${thrown.code}]`]);
    return EXIT.failed;
  }
  let token: TokenFacts = { token: book.terms.token, symbol: "units", decimals: 0 };
  let disowned: Disowned = null;
  try {
    if (flags.rpc !== undefined) {
      const rpc = await connectRpc(flags.rpc);
      await verifyContracts(rpc, book.deployment);
      token = await new Tokens(rpc).factsOrUnits(token.token);
      disowned = await disownedIn(rpc, book, findings);
    }
  } catch (thrown) {
    if (!flags.json || !(thrown instanceof ParleyError)) throw thrown;
    print(jsonOf({ verified: null, ...thrown.toJSON() }));
    return exitCodeOf(thrown);
  }
  const isGood = (disowned ?? []).length === 0;
  say(toJson(book, findings, disowned), () => linesOf(findings, disowned, token));
  return isGood ? EXIT.ok : EXIT.failed;
}

/** Keys that are not the agents' by the registry. How long ago they ended is no matter here: the other side had to see to that. */
async function disownedIn(rpc: Rpc, { deployment }: TabBook, { sides }: TabFindings): Promise<readonly string[]> {
  const verifier = new CertificateVerifier(readerOf(rpc, deployment), deployment);
  const now = Math.floor(Date.now() / 1_000);
  const found: string[] = [];
  for (const { agent, certificates } of sides) {
    for (const { certificate } of certificates) {
      try {
        await verifier.verifyLiability(certificate, agent, now, Number.POSITIVE_INFINITY);
      } catch (thrown) {
        if (!(thrown instanceof Refusal)) throw thrown;
        found.push(`agent ${agent}: ${thrown.message}`);
      }
    }
  }
  return found;
}

function linesOf({ id, sides }: TabFindings, disowned: Disowned, token: TokenFacts): string[] {
  const count = sides.reduce((sum, { entries }) => sum + entries, 0);
  const open = sides.filter(({ isClosed }) => !isClosed).map(({ agent }) => `agent ${agent}`);
  const parts = [
    `account ${id}`,
    `${count} signatures good`,
    balanceOf(sides, token),
    open.length === 0 ? "closed by both" : `not closed by ${open.join(" and ")}`,
    disowned === null ? "wallets not checked against the chain (use --rpc)" : "wallets checked against the chain",
  ];
  return [
    `${(disowned ?? []).length === 0 ? "verified" : "NOT verified"}: ${parts.join("; ")}`,
    ...sides.map((side) => `  ${sideInWords(side, token)}`),
    ...(disowned ?? []).map((line) => `  ${line}`),
  ];
}

function balanceOf([one, other]: TabFindings["sides"], token: TokenFacts): string {
  const balance = one.total - other.total;
  if (balance === 0n) return "nobody owes anything";
  const [debtor, creditor] = balance > 0n ? [one, other] : [other, one];
  return `agent ${debtor.agent} owes agent ${creditor.agent} ${money(balance > 0n ? balance : -balance, token)}`;
}

function sideInWords({ agent, total, credit, entries, hasForked, certificates }: TabSide, token: TokenFacts): string {
  const wallets = new Set(certificates.map(({ wallet }) => wallet ?? "a wallet that is a contract"));
  const by = wallets.size === 0 ? "" : `, with keys given by ${[...wallets].join(" and ")}`;
  const fork = hasForked ? "; it signed two different entries under one number: a fault" : "";
  return `agent ${agent} signed ${money(total, token)} in ${entries} entries, of a credit of ${money(credit, token)}${by}${fork}`;
}

function toJson({ deployment, terms }: TabBook, { id, sides }: TabFindings, disowned: Disowned) {
  return {
    ...{ verified: (disowned ?? []).length === 0, account: id, deployment, token: terms.token },
    sides: sides.map(({ certificates, ...side }) => ({ ...side, wallets: certificates.map(({ wallet }) => wallet) })),
    ...{ source: disowned === null ? null : "chain", disowned: disowned ?? [] },
  };
}
