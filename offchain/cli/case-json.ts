import type { CaseSummary } from "../settlement/disputes/summary.ts";

/** A case for programs: all of it but the messages, which stand in the bundles. */
export function summaryToJson({
  record,
  court,
  exhibits,
  buyer,
  seller,
  ...rest
}: CaseSummary): Record<string, unknown> {
  const { dealHash, deal, transcript, now, status, committedAt, delivery, claim, answer, referral, ruling, payout } =
    record;
  const side = ({ share, isSilent, isProven, isHeard }: CaseSummary["buyer"]) => ({
    share,
    isSilent,
    isProven,
    isHeard,
  });
  return {
    ...{
      dealHash,
      deal,
      transcript,
      now,
      status,
      committedAt,
      delivery,
      claim,
      answer,
      referral,
      ruling,
      payout,
      court,
    },
    buyer: side(buyer),
    seller: side(seller),
    exhibits: exhibits.map(({ proven, ...exhibit }) => ({
      ...exhibit,
      signatures: proven === null ? null : proven.findings.signatures,
    })),
    ...rest,
  };
}
