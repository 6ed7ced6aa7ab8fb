// Everything Settlement shows, as the model expects it, to be read in one call after each step.
import type { Interface } from "ethers";
import { callAll, callOf } from "../fixtures/batch.ts";
import { ethers } from "../fixtures/chain.ts";
import { Status } from "../fixtures/enums.ts";
import type { Deal } from "../typedData.ts";
import { AGENTS, type Chain, UNREGISTERED } from "./chain.ts";
import { dealRefusal, exposureOf, takePart } from "./deals.ts";
import { cureUntil } from "./faults.ts";
import { account, purse } from "./ledger.ts";
import { type Approval, consentKey, isUnlimited, mandateOf, useMandate } from "./mandates.ts";
import { find } from "./registry.ts";
import { type Failure, NOBODY, type State } from "./state.ts";

/** A view, and what it ought to return, as text; undefined if it ought to fail. */
export interface View {
  name: string;
  target: "settlement" | "registry";
  method: string;
  args: readonly unknown[];
  expected: string | undefined;
}

/** What was read, by the names of the views. */
export type Readings = Map<string, readonly unknown[] | undefined>;

/** What a step is about, besides what is always looked at. */
export interface Focus {
  deals: readonly Deal[];
  exposure: bigint;
  approvals: readonly { approver: string; approval: Approval }[];
}

export function viewsOf(state: State, chain: Chain, focus: Focus): View[] {
  return [
    ...AGENTS.flatMap((agent) => agentViews(state, agent)),
    ...[...AGENTS, UNREGISTERED].flatMap((agent) => chain.tokens.flatMap((token) => accountViews(state, agent, token))),
    ...chain.tokens.map((token) => solvent(state, token)),
    ...[...state.entries.values()].flatMap((entry) => entryViews(state, entry.deal)),
    view("pausedAt", [], [state.pausedAt]),
    ...focus.approvals.map(({ approver, approval }) => approvedView(state, approver, approval)),
    ...focus.deals.flatMap((deal) => dealViews(state, deal, focus.exposure)),
  ];
}

function view(method: string, args: readonly unknown[], expected: readonly unknown[]): View {
  return {
    name: `${method} ${args.map(nameOf).join(" ")}`,
    target: "settlement",
    method,
    args,
    expected: `${expected}`,
  };
}

/** Deals are long, and no two of them have the same terms here. */
function nameOf(arg: unknown): string {
  if (typeof arg !== "object" || arg === null) return `${arg}`;
  return "terms" in arg ? `${arg.terms}` : Object.values(arg).join(" ");
}

function agentViews(state: State, agent: bigint): View[] {
  const found = find(state, agent);
  if (!found) throw new Error(`no agent ${agent}`);
  const { owner, wallet, epoch, tenure, lockedUntil } = found;
  return [
    { ...view("stateOf", [agent], [wallet, epoch, tenure, lockedUntil]), target: "registry" },
    { ...view("ownerOf", [agent], [owner]), target: "registry" },
  ];
}

function accountViews(state: State, agent: bigint, token: string): View[] {
  const { free, bonded, leaving, leavesAt } = account(state, agent, token);
  return [view("free", [agent, token], [free]), view("stakeOf", [agent, token], [bonded, leaving, leavesAt])];
}

function solvent(state: State, token: string): View {
  const { held, owed, burnt } = purse(state, token);
  const shown = view("solvent", [token], [held >= owed, held, owed, burnt]);
  return state.tokens.get(token)?.broken ? { ...shown, expected: undefined } : shown;
}

function entryViews(state: State, deal: Deal): View[] {
  const entry = [...state.entries.values()].find((each) => each.deal === deal);
  if (!entry) throw new Error("no entry");
  const { fingerprint, since, status, received, dispute: d, declared } = entry;
  const dispute = d
    ? [d.buyerShare, d.sellerShare, d.rulingUntil, d.ruling, d.answered, d.referred, d.ruled]
    : [0, 0, 0, 0, false, false, false];
  const isDeclared = declared && status === Status.Declared;
  const declaration = isDeclared
    ? [declared.bySeller ? deal.seller : deal.buyer, declared.epoch, cureUntil(entry)]
    : [0, 0, 0];
  return [
    view("recordOf", [deal], [fingerprint, since, status, received !== 0n]),
    view("receivedOf", [deal], [received]),
    view("disputeOf", [deal], dispute),
    view("declarationOf", [deal], declaration),
  ];
}

function approvedView(state: State, approver: string, approval: Approval): View {
  const { most, until, version } = state.consents.get(consentKey(approver, approval)) ?? {
    most: 0n,
    until: 0n,
    version: 0n,
  };
  return view("approved", [approver, approval], [most, until, version]);
}

/** What would keep this deal from being committed, and what the mandates of its sides say. Uses up a copy. */
function dealViews(state: State, deal: Deal, exposure: bigint): View[] {
  const draft = structuredClone(state);
  const views: View[] = [];
  for (const agent of [deal.buyer, deal.seller].filter((each) => find(state, each))) {
    const mandate = mandateOf(state, { agent, token: deal.token, category: deal.category });
    const { limit, budget, threshold, expiry, approver } = mandate ?? {
      limit: 0n,
      budget: 0n,
      threshold: 0n,
      expiry: 0n,
      approver: NOBODY,
    };
    const shown = [mandate !== undefined, isUnlimited(state, agent), limit, budget, threshold, expiry, approver];
    views.push(view("mandateOf", [agent, deal.token, deal.category], shown));
    for (const each of [exposure, exposureOf(deal, agent)]) {
      const before = account(draft, agent, deal.token).meter;
      views.push(view("mandateRefusal", [deal, agent, each], reasonOf(useMandate(draft, deal, agent, each))));
      account(draft, agent, deal.token).meter = before;
    }
  }
  const refused = dealRefusal(draft, deal) ?? takePart(draft, deal, deal.buyer) ?? takePart(draft, deal, deal.seller);
  return [...views, view("refusal", [deal], reasonOf(refused))];
}

let refusals: Interface | undefined;

export async function loadRefusals(): Promise<void> {
  refusals = (await ethers.getContractAt("IRefusals", NOBODY)).interface as unknown as Interface;
}

function reasonOf(failure: Failure | undefined): readonly unknown[] {
  return failure ? [refusals?.getError(failure.error)?.selector, ...failure.args] : ["0x00000000", 0, 0];
}

/** Reads many views at once, each decoded only when it changed. */
export class Reader {
  readonly #chain: Chain;
  readonly #calls = new Map<string, string>();
  readonly #decoded = new Map<string, { data: string; values: readonly unknown[] }>();

  constructor(chain: Chain) {
    this.#chain = chain;
  }

  async read(views: readonly View[]): Promise<Readings> {
    const answers = await callAll(views.map((each) => this.#encode(each)));
    return new Map(
      views.map((each, index) => {
        const answer = answers[index];
        return [each.name, answer === undefined ? undefined : this.#decode(each, answer)];
      }),
    );
  }

  #interface(view: View): Interface {
    return this.#chain[view.target].interface as unknown as Interface;
  }

  #encode(view: View): string {
    const known = this.#calls.get(view.name);
    if (known) return known;
    const data = this.#interface(view).encodeFunctionData(view.method, view.args);
    const call = callOf(this.#chain.address[view.target], data);
    this.#calls.set(view.name, call);
    return call;
  }

  #decode(view: View, data: string): readonly unknown[] {
    const known = this.#decoded.get(view.name);
    if (known?.data === data) return known.values;
    const values = this.#interface(view).decodeFunctionResult(view.method, `0x${data}`).toArray(true).flat();
    this.#decoded.set(view.name, { data, values });
    return values;
  }
}
