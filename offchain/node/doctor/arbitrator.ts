import { ArbitratorReader } from "../../adapters/chain/arbitrator-reader.ts";
import type { Rpc } from "../../adapters/chain/rpc.ts";
import { isArbitrated, objectionToArbitrator } from "../../dealing/arbitrator.ts";
import type { AgentConfig } from "../agent-config.ts";
import { bad, type Finding, look, ok, warn } from "./finding.ts";

/** Seconds to spare: a dispute may be referred late, and each block comes late too. */
const SPARE_S = 3_600;

/** Whether the arbitrator of what is to be opened could rule as the deal has it. */
export async function lookAtArbitrator(rpc: Rpc, { open }: Pick<AgentConfig, "open">): Promise<readonly Finding[]> {
  if (open === null || !isArbitrated(open.proposal.deal)) return [];
  const { deal } = open.proposal;
  const { arbitrator, rulingWithin } = deal;
  const finding = look("arbitrator", async () => {
    const facts = await new ArbitratorReader(rpc).facts(arbitrator, rulingWithin);
    const objection = objectionToArbitrator(deal, facts);
    if (objection !== null) {
      return bad(`${objection.because}: such deals aren't opened [ArbitratorUnfit]`, objection.hint);
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
  return [await finding];
}
