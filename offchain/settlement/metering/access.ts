import type { Order } from "../../ports/connector.ts";
import type { JsonObject } from "../../terms/canonical-json.ts";
import type { Deal } from "../../terms/deal.ts";
import type { DeliveryProof } from "../../terms/delivery-proof.ts";
import { type AccessDelivery, USUAL_ANSWER_BYTES } from "../../terms/delivery-terms.ts";
import { readStandardTerms, type ServiceLevel, type StandardTerms } from "../../terms/standard-terms.ts";
import type { Rate } from "./rate.ts";
import { isMeasured } from "./sla.ts";

/** Access to a service for a time, with what it has to reach meanwhile. */
export interface Access extends Omit<AccessDelivery, "by" | "bytes"> {
  /** Most bytes of an answer. */
  readonly bytes: number;
  readonly levels: readonly ServiceLevel[];
}

/**
 * Seconds of the review that are left after the service: to wait for the last calls, to judge them, and to dispute. A chain that is busy, or out
 * of reach, for some minutes must not cost the whole price.
 */
export const JUDGING_S = 15 * 60;

/** More than any deal lasts: nothing falls due in it. */
const NEVER_S = 2 ** 40;

/** The access that terms are about; null for any others. */
export function accessIn(terms: JsonObject | null): Access | null {
  const standard = terms === null ? null : readStandardTerms(terms);
  if (standard?.delivery?.by !== "access") return null;
  const { url, calls, seconds, bytes } = standard.delivery;
  return { url, calls, seconds, bytes: bytes ?? USUAL_ANSWER_BYTES, levels: standard.levels };
}

/** What the seller delivers, and records by its hash; null where the terms are not about access. Either side and any judge makes the same. */
export function accessProof(
  order: Pick<Order, "dealHash" | "transcript" | "terms"> & { readonly deal: Pick<Deal, "buyer"> },
) {
  const access = accessIn(order.terms);
  if (access === null) return null;
  const { url: resource, calls, seconds } = access;
  const { dealHash: deal, transcript } = order;
  return {
    kind: "access",
    deal,
    transcript,
    resource,
    holder: order.deal.buyer,
    calls,
    seconds,
  } satisfies DeliveryProof;
}

/** Why nobody should agree to such a deal about access; null where nothing speaks against it, or it is about something else. */
export function objectionToAccess(
  { reviewPeriod }: Pick<Deal, "reviewPeriod">,
  { delivery, levels }: Pick<StandardTerms, "delivery" | "levels">,
): string | null {
  if (delivery?.by !== "access") return null;
  const least = delivery.seconds + JUDGING_S;
  if (reviewPeriod < least) {
    return `a review of ${reviewPeriod} s ends too early: access for ${delivery.seconds} s takes ${least} s to review`;
  }
  const unknown = levels.find((level) => !isMeasured(level));
  if (unknown === undefined) return null;
  return `the level '${unknown.measure}' in ${unknown.unit} can't be measured by calls`;
}

/**
 * So many calls that are paid for beforehand: they are one interval, of which nothing falls due. One that fails may be made again, but not without
 * end: the price is fixed, and each makes work, and worsens what the seller has to say of itself.
 */
export function prepaid(calls: number): Rate {
  return { unitPrice: 1n, everyCalls: calls, everySeconds: NEVER_S, price: BigInt(calls), mostRepeats: calls };
}
