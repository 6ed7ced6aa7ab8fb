import { readAgentConfig } from "../../node/agent-config.ts";
import { type Agreement, agreementInBundle } from "../../node/desk/agreement.ts";
import { type DealView, isNamed, viewAgreed, viewDeal } from "../../node/desk/deal-view.ts";
import { type Desk, openDesk } from "../../node/desk/desk.ts";
import { hashDeal } from "../../terms/deal.ts";
import { usageError } from "../command.ts";
import { readText } from "../text-file.ts";

/** Flags that say which deal of which agent is meant. */
export const PICK = {
  config: { type: "string" },
  deal: { type: "string" },
  bundle: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

export interface PickFlags {
  readonly config?: string | undefined;
  readonly deal?: string | undefined;
  readonly bundle?: string | undefined;
}

/** The deal that is meant, at the desk of the agent that is. */
export interface Picked {
  readonly desk: Desk;
  readonly view: DealView;
  /** What a bundle says of it; null where none was given. */
  readonly agreement: Agreement | null;
}

export async function pickDeal({ config, deal, bundle }: PickFlags): Promise<Picked> {
  if (config === undefined) throw usageError("--config FILE is missing", "deal");
  if (deal === undefined && bundle === undefined) throw usageError("--deal HASH is missing", "deal");
  const settings = await readAgentConfig(config);
  const agreement = bundle === undefined ? null : await agreementInBundle(readText(bundle), settings);
  const desk = await openDesk(settings);
  if (agreement === null) return { desk, view: await viewDeal(desk, deal ?? ""), agreement };
  const hash = hashDeal(agreement.deal);
  if (deal !== undefined && !isNamed(hash, deal)) {
    throw usageError(`the bundle is of deal ${hash}, not of ${deal}`, "deal");
  }
  return { desk, view: await viewAgreed(desk, agreement, hash), agreement };
}
