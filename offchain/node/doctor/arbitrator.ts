import { ArbitratorReader } from "../../adapters/chain/arbitrator-reader.ts";
import type { Rpc } from "../../adapters/chain/rpc.ts";
import { isArbitrated, objectionToArbitrator } from "../../dealing/arbitrator.ts";
import { MAX_AMOUNT } from "../../kernel/money.ts";
import type { AgentConfig } from "../agent-config.ts";
import { bad, type Finding, look, ok, warn } from "./finding.ts";

/** Seconds to spare: a dispute may be referred late, and each block comes late too. */
const SPARE_S = 3_600;

/** Whether the arbitrators that the configuration names could rule. */
export function lookAtArbitrators(
  rpc: Rpc,
  { open, respond }: Pick<AgentConfig, "open" | "respond">,
): Promise<readonly Finding[]> {
  const opened = open !== null && isArbitrated(open.proposal.deal) ? [open.proposal.deal] : [];
  // Of those that others may name it is only known how long they may take.
  const trusted = (respond?.arbitrators ?? []).map((arbitrator) => {
    return { arbitrator, rulingWithin: respond?.mostRulingWithin ?? 0, maxFee: MAX_AMOUNT };
  });
  return Promise.all([...opened, ...trusted].map((deal) => lookAt(rpc, deal)));
}

function lookAt(rpc: Rpc, deal: Parameters<typeof objectionToArbitrator>[0]): Promise<Finding> {
  const { arbitrator, rulingWithin } = deal;
  return look("arbitrator", async () => {
    const facts = await new ArbitratorReader(rpc).facts(arbitrator, rulingWithin);
    const objection = objectionToArbitrator(deal, facts);
    if (objection !== null) {
      return bad(`${objection.because}: no deal is made that names it [ArbitratorUnfit]`, objection.hint);
    }
    const { cost, court } = facts;
    if (court === null) {
      return warn(
        `a dispute costs ${cost} at ${arbitrator}, which is no Court of Parley's: how long it takes isn't known`,
        "ask who runs it, and give the deal a `rulingWithin` that is long enough",
      );
    }
    const { needsS, seats, panel } = court;
    if (seats < panel) {
      return warn(
        `the Court ${arbitrator} has ${seats} of the ${panel} seats that a dispute takes [SeatsTooFew]`,
        "a dispute can be referred once there are more; name another arbitrator, or have seats taken (docs/arbitrators.md)",
      );
    }
    if (rulingWithin < needsS + SPARE_S) {
      return warn(
        `\`rulingWithin\` leaves ${rulingWithin - needsS} s more than the Court ${arbitrator} needs: a dispute that is referred late lapses`,
        `give the deal a \`rulingWithin\` of some hours more than ${needsS} s`,
      );
    }
    return ok(`a dispute costs ${cost} at the Court ${arbitrator}, which has ${seats} seats and time enough`);
  });
}
