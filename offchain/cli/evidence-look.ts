import { connectRpc } from "../adapters/chain/rpc.ts";
import { Tokens } from "../adapters/chain/tokens.ts";
import { NodeCrypto } from "../adapters/crypto/node/crypto.ts";
import { ParleyError } from "../kernel/errors.ts";
import { type Amount, formatAmount } from "../kernel/money.ts";
import { visible } from "../kernel/visible.ts";
import { readAccount } from "../node/evidence.ts";
import { hashDeal } from "../terms/deal.ts";
import { accountOf, doubts } from "../transcript/evidence/account.ts";
import { readingsIn } from "../transcript/evidence/attached-readings.ts";
import { type Bundle, bundleFromJson } from "../transcript/evidence/bundle.ts";
import { examine, type Findings, holds, type Speaker } from "../transcript/evidence/examine.ts";
import { parseFlags, readDecimals } from "./args.ts";
import { EXIT, exitCodeOf, usageError } from "./command.ts";
import { money } from "./deal/words.ts";
import { openReader } from "./evidence-chain.ts";
import { jsonOf } from "./json-of.ts";
import { parseJson } from "./parse-json.ts";
import { print } from "./screen.ts";
import { readText } from "./text-file.ts";
import { warn } from "./warn.ts";

interface Flags {
  readonly rpc?: string;
  readonly json: boolean;
}

/** `parley evidence verify` and `show`. */
export async function look(name: "verify" | "show", [file, ...args]: readonly string[]): Promise<number> {
  if (file === undefined || file.startsWith("-")) throw usageError(`${name} takes a FILE first`, "evidence");
  const flags = parseFlags("evidence", args, {
    rpc: { type: "string" },
    json: { type: "boolean", default: false },
    decimals: { type: "string" },
  });
  const decimals = readDecimals("evidence", flags.decimals);
  const findings = await findingsOf(file, flags);
  if (typeof findings === "number") return findings;
  const isGood = holds(findings);
  if (flags.json) print(jsonOf({ verified: isGood, ...toJson(findings) }));
  else {
    // Whoever reads one line only has to know by it.
    if (name === "verify" || !isGood) for (const line of summary(findings, isGood)) print(visible(line));
    if (name === "show") {
      const write = await amountsOf(findings, flags.rpc, decimals);
      for (const line of accountOf(findings, write)) print(visible(line));
    }
  }
  return isGood ? EXIT.ok : EXIT.failed;
}

/** As the deal's token writes them, where there is a chain to ask; else as people say that it does, or in its smallest unit. */
async function amountsOf(
  { agreement, proposal }: Findings,
  rpc: string | undefined,
  decimals: number | null,
): Promise<(amount: Amount) => string> {
  const token = agreement?.deal.token ?? proposal?.deal.token;
  if (decimals !== null || rpc === undefined || token === undefined) {
    return (amount) => formatAmount(amount, decimals ?? 0);
  }
  const facts = await new Tokens(await connectRpc(rpc)).factsOrUnits(token);
  return (amount) => money(amount, facts);
}

/** What the file proves, or the exit code where it doesn't, or nobody can say. */
async function findingsOf(file: string, { rpc, json }: Flags): Promise<Findings | number> {
  const crypto = new NodeCrypto();
  let text: string;
  let bundle: Bundle;
  let findings: Findings;
  try {
    text = readText(file);
  } catch (thrown) {
    return unanswered(thrown, json);
  }
  try {
    bundle = bundleFromJson(parseJson(text));
    findings = await examine(crypto, bundle);
    // Whoever attaches readings says that they are signed; what isn't is an alteration like any other.
    await readingsIn(crypto, bundle);
  } catch (thrown) {
    if (!(thrown instanceof ParleyError)) throw thrown;
    print(json ? jsonOf({ verified: false, ...thrown.toJSON() }) : altered(file, thrown));
    return EXIT.failed;
  }
  if (rpc === undefined) return findings;
  try {
    return await examine(crypto, bundle, await readAccount(await openReader(rpc, bundle.deployment), crypto, bundle));
  } catch (thrown) {
    return unanswered(thrown, json);
  }
}

/** The file couldn't be looked at, or the chain not asked: that says nothing about what is in it. */
function unanswered(thrown: unknown, json: boolean): number {
  if (!json || !(thrown instanceof ParleyError)) throw thrown;
  print(jsonOf({ verified: null, ...thrown.toJSON() }));
  return exitCodeOf(thrown);
}

function altered(file: string, { code, message }: ParleyError): string {
  warn("  the file was altered, cut, or never whole: ask who made it for another copy");
  return visible(`NOT verified: ${file}: ${message} [${code}]`);
}

function summary(findings: Findings, isGood: boolean): string[] {
  const { signatures, agreement, faults } = findings;
  const parts = [
    `${signatures} signatures good`,
    agreement === null ? "nothing agreed" : `deal ${hashDeal(agreement.deal)} agreed`,
    wallets(findings),
    faults.length === 0
      ? "no fault proven"
      : `at fault: ${faults.map(({ agent, code }) => `agent ${agent} (${code})`).join(", ")}`,
  ];
  return [
    `${isGood ? "verified" : "NOT verified"}: ${parts.join("; ")}`,
    ...doubts(findings).map((line) => `  ${line}`),
  ];
}

function wallets({ opener, responder, source }: Findings): string {
  if (source === null) return "wallets not checked against the chain (use --rpc)";
  const [one, other] = [opener.standing, responder.standing];
  const standings = one === other ? `both wallets ${one}` : `wallets ${one} and ${other}`;
  if (source === "chain") return `${standings} by the chain`;
  return `${standings} by the file, not checked against the chain (use --rpc)`;
}

function toJson(findings: Findings): Record<string, unknown> {
  const { negotiation, opener, responder, signatures, agreement, faults, unproven, chain, source, discrepancies } =
    findings;
  const who = ({ agent, wallet, standing, certificate: { key } }: Speaker) => {
    return { agent: agent.toString(), wallet, standing, epoch: key.epoch };
  };
  return JSON.parse(
    JSON.stringify(
      {
        negotiation,
        opener: who(opener),
        responder: who(responder),
        signatures,
        agreement: agreement && {
          dealHash: hashDeal(agreement.deal),
          transcript: agreement.transcript,
          deal: agreement.deal,
        },
        faults,
        unproven,
        source,
        discrepancies,
        chain,
      },
      (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value),
    ),
  ) as Record<string, unknown>;
}
