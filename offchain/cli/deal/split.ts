import type { SplitWord } from "../../adapters/chain/litigant.ts";
import { ParleyError } from "../../kernel/errors.ts";
import { type Amount, parseAmount } from "../../kernel/money.ts";
import { type DealView, requireWhole } from "../../node/desk/deal-view.ts";
import { type Desk, speakersOf } from "../../node/desk/desk.ts";
import { cancellationShare, checkAct, checkSplit } from "../../settlement/standing.ts";
import type { Deal } from "../../terms/deal.ts";
import { domainSeparator, settlementDomain, typedDigest } from "../../terms/eip712.ts";
import { hashSplitConsent, type SplitConsent } from "../../terms/split-consent.ts";
import { recoverWallet, signDigest } from "../../terms/wallet-signature.ts";
import { parseFlags } from "../args.ts";
import { EXIT, usageError } from "../command.ts";
import { confirm } from "../confirm.ts";
import { jsonOf } from "../json-of.ts";
import { openKeys } from "../open-keys.ts";
import { print } from "../screen.ts";
import { createText, readText } from "../text-file.ts";
import { ACT, handFor, report } from "./act.ts";
import { type ConsentFile, consentFromText, consentToJson } from "./consent-file.ts";
import { type Picked, pickDeal } from "./pick.ts";
import { iso, money } from "./words.ts";

/** A signed split counts until its end whatever else happens, so it is short unless somebody says otherwise. */
const USUAL_S = 24 * 60 * 60;

const FLAGS = {
  ...ACT,
  consent: { type: "string" },
  "to-seller": { type: "string" },
  until: { type: "string" },
  out: { type: "string" },
} as const;

type Flags = ReturnType<typeof readFlags>;

/** Signs one side's consent to a split, or brings the second one to the chain. */
export async function splitDeal(name: "split" | "cancel", args: readonly string[]): Promise<number> {
  const flags = readFlags(args);
  if (flags.consent !== undefined && name === "split") return await complete(flags, flags.consent);
  if (flags.consent !== undefined)
    throw usageError("a consent is brought to the chain by: parley deal split --consent", "deal");
  if (name === "cancel" && flags["to-seller"] !== undefined) {
    throw usageError("cancel gives back what each side brought; another share is: parley deal split", "deal");
  }
  return await propose(name, flags);
}

function readFlags(args: readonly string[]) {
  return parseFlags("deal", args, FLAGS);
}

async function propose(name: "split" | "cancel", flags: Flags): Promise<number> {
  const { desk, view } = await pickDeal(flags);
  const { deal, position } = requireWhole(view);
  checkAct("split", desk.config.agent, deal, position);
  const toSeller = name === "cancel" ? cancellationShare(deal, position) : shareOf(flags["to-seller"], view);
  const until = flags.until === undefined ? position.now + USUAL_S : readTime(flags.until);
  checkSplit(deal, position, toSeller, until, (amount) => money(amount, view.token));
  if (flags.out === undefined) throw usageError("--out FILE is missing: where to write the consent", "deal");
  const keys = await openKeys(flags.keys ?? desk.config.keys);
  const { agent, deployment } = desk.config;
  const speakers = await speakersOf(desk, agent);
  if (keys.address !== speakers.wallet) {
    throw new ParleyError(
      "NotWallet",
      `a consent is signed by the agent's wallet ${speakers.wallet}, not by ${keys.address}`,
      {
        hint: "use the wallet's key file: --keys FILE",
      },
    );
  }
  await confirm(
    [...effectOf(view, deal, toSeller), `consent     counts until ${iso(until)}, and can't be taken back`],
    flags.yes,
  );
  const { epoch } = speakers;
  const signature = signDigest(digestOf(desk, { deal: view.dealHash, toSeller, until, epoch }), keys.wallet.reveal());
  const { chainId, settlement } = deployment;
  const consent = { chainId, settlement, deal: view.dealHash, toSeller, until, agent, epoch, signature };
  createText(flags.out, `${JSON.stringify(consentToJson(consent), null, 2)}\n`, "name another file");
  if (flags.json) print(jsonOf({ signed: name, ...consent, file: flags.out }));
  else
    print(
      `${flags.out} holds your consent. The other side runs: parley deal split --config FILE --consent ${flags.out}`,
    );
  return EXIT.ok;
}

async function complete(flags: Flags, file: string): Promise<number> {
  if (flags["to-seller"] !== undefined || flags.until !== undefined || flags.out !== undefined) {
    throw usageError("with --consent, amount and time are those of the file", "deal");
  }
  const consent = consentFromText(readText(file));
  const picked = await pickDeal({ ...flags, deal: flags.deal ?? consent.deal });
  const { desk, view } = picked;
  const { deal, transcript, position } = requireWhole(view);
  const { agent } = desk.config;
  await checkConsent(picked, deal, consent);
  checkAct("split", agent, deal, position);
  checkSplit(deal, position, consent.toSeller, consent.until, (amount) => money(amount, view.token));
  const hand = await handFor(desk, flags);
  await confirm([...effectOf(view, deal, consent.toSeller), `from        ${hand.address}`], flags.yes);
  // The sender speaks for its own agent: what it sends is its word, whatever the epoch.
  const ours: SplitWord = { epoch: 0, signature: "0x" };
  const words = consent.agent === deal.buyer ? { buyer: consent, seller: ours } : { buyer: ours, seller: consent };
  const inclusion = await hand.litigant.split(deal, transcript, consent, words);
  report("split", view, inclusion, flags.json);
  return EXIT.ok;
}

/** Throws unless the file is the other side's word on this very deal, signed by its wallet in its present epoch. */
async function checkConsent({ desk, view }: Picked, deal: Deal, consent: ConsentFile): Promise<void> {
  const { deployment, agent } = desk.config;
  if (consent.chainId !== deployment.chainId || consent.settlement !== deployment.settlement) {
    throw new ParleyError("OtherDeployment", "the consent is for another chain or Settlement than the configuration", {
      hint: `the configuration names Settlement ${deployment.settlement} on chain ${deployment.chainId}`,
    });
  }
  if (consent.deal !== view.dealHash) throw bad(`it is for deal ${consent.deal}, not for ${view.dealHash}`);
  const other = agent === deal.buyer ? deal.seller : deal.buyer;
  if (consent.agent !== other) throw bad(`agent ${consent.agent} signed it, and the other side is agent ${other}`);
  const { wallet, epoch } = await speakersOf(desk, other);
  if (consent.epoch !== epoch) {
    throw new ParleyError("WrongEpoch", `the consent is of key epoch ${consent.epoch}; agent ${other} is in ${epoch}`, {
      hint: "its keys were revoked since; ask it for another consent",
    });
  }
  const digest = digestOf(desk, consent);
  if (recoverWallet(digest, consent.signature) === wallet) return;
  if (await desk.chain.signedBy(wallet, digest, consent.signature)) return;
  throw bad(`it isn't signed by agent ${other}'s wallet ${wallet}`);
}

function digestOf({ config }: Desk, consent: SplitConsent) {
  const { chainId, settlement } = config.deployment;
  return typedDigest(domainSeparator(settlementDomain(chainId, settlement)), hashSplitConsent(consent));
}

function effectOf({ dealHash, role, counterparty, token }: DealView, deal: Deal, toSeller: Amount): string[] {
  const all = deal.price + deal.buyerBond + deal.sellerBond;
  const yours = role === "seller" ? toSeller : all - toSeller;
  return [
    `split deal ${dealHash}, between you (the ${role}) and agent ${counterparty}`,
    `seller      ${money(toSeller, token)}, receipts counted in`,
    `buyer       ${money(all - toSeller, token)}`,
    `you get     ${money(yours, token)} of ${money(all, token)} (price and both bonds); this is final`,
  ];
}

function shareOf(text: string | undefined, { token }: DealView): Amount {
  if (text === undefined) throw usageError("--to-seller AMOUNT is missing", "deal");
  try {
    return parseAmount(text, token.decimals);
  } catch (thrown) {
    throw usageError(`--to-seller: ${thrown instanceof Error ? thrown.message : String(thrown)}`, "deal");
  }
}

function readTime(text: string): number {
  const milliseconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(milliseconds))
    throw usageError(`--until takes a time such as 2026-12-31T12:00:00Z, not '${text}'`, "deal");
  return Math.floor(milliseconds / 1000);
}

function bad(because: string): ParleyError<"BadConsent"> {
  return new ParleyError("BadConsent", `the consent can't be used: ${because}`, {
    hint: "ask the other side for another: parley deal split --deal HASH --to-seller AMOUNT --out FILE",
  });
}
