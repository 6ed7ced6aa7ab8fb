// Steps by which owners limit their agents and approvers agree.
import { ethers } from "../../fixtures/chain.ts";
import { AGENTS, approver, stranger } from "../chain.ts";
import { type Approval, approve, removeMandate, setMandate, setUnlimited } from "../mandates.ts";
import type { Plan } from "../plan.ts";
import { find } from "../registry.ts";
import type { Run } from "../run.ts";
import { NOBODY } from "../state.ts";
import type { Tape } from "../tape.ts";
import { DAY } from "../time.ts";
import { call } from "./call.ts";
import { CATEGORIES, draftDeal, tokensOf } from "./drafts.ts";
import { mostlyOwner } from "./treasury.ts";

/** More than 56 bits, so that rounding shows. */
const LONG = 2n ** 100n + 12_345n;
const FOREVER = 2n ** 40n - 1n;

export function planSetMandate(run: Run, tape: Tape): Plan {
  const now = run.at(tape);
  const agent = tape.pick(AGENTS);
  const scope = { agent, token: tape.pick(tokensOf(run)), category: tape.pick([...CATEGORIES, ethers.ZeroHash]) };
  const mandate = {
    limit: tape.pick([LONG, LONG, 500n, 100n]),
    budget: tape.pick([400n, 1_000n, 333n, LONG, 600n, 50n, 0n]),
    threshold: tape.pick([LONG, LONG, 300n, 100n, 0n]),
    expiry: tape.pick([FOREVER, FOREVER, FOREVER, now + 10n * DAY, now]),
    approver: tape.pick([approver.address, NOBODY]),
  };
  const from = mostlyOwner(run, tape, agent);
  return call(run, {
    name: "setMandate",
    from,
    method: "setMandate",
    args: [agent, scope.token, scope.category, mandate],
    model: (draft) => setMandate(draft, from, scope, mandate),
  });
}

export function planRemoveMandate(run: Run, tape: Tape): Plan {
  run.at(tape);
  const agent = tape.pick(AGENTS);
  const scope = { agent, token: tape.pick(run.chain.tokens), category: tape.pick(CATEGORIES) };
  const from = mostlyOwner(run, tape, agent);
  return call(run, {
    name: "removeMandate",
    from,
    method: "removeMandate",
    args: [agent, scope.token, scope.category],
    model: (draft) => removeMandate(draft, from, scope),
  });
}

export function planUnlimited(run: Run, tape: Tape): Plan {
  run.at(tape);
  const agent = tape.pick(AGENTS);
  const unlimited = !tape.chance(12);
  const from = mostlyOwner(run, tape, agent);
  return call(run, {
    name: "setUnlimited",
    from,
    method: "setUnlimited",
    args: [agent, unlimited],
    model: (draft) => setUnlimited(draft, from, agent, unlimited),
  });
}

/** The approver's word for a deal that is drawn up here and may be committed later. */
export function planApprove(run: Run, tape: Tape): Plan {
  const now = run.at(tape);
  const { deal } = draftDeal(run, tape);
  const [agent, counterparty] = tape.chance(50) ? [deal.buyer, deal.seller] : [deal.seller, deal.buyer];
  const { negotiation, token, category } = deal;
  const approval: Approval = {
    agent,
    tenure: find(run.state, agent)?.tenure ?? 0n,
    counterparty,
    negotiation,
    token,
    category,
    most: tape.pick([LONG, 300n, 0n]),
    until: now + tape.pick([DAY, 60n, 0n]),
    version: tape.pick([1n, 2n, 0n, 3n]),
  };
  const from = tape.chance(5) ? stranger.address : approver.address;
  run.approvals.push({ approver: from, approval });
  return call(run, {
    name: "approve",
    from,
    method: "approve",
    args: [approval],
    model: (draft) => approve(draft, from, approval),
  });
}
