import type { Weight } from "../adapters/chain/fault-proofs.ts";
import { messageOf, ParleyError } from "../kernel/errors.ts";
import { readAgentConfig } from "../node/agent-config.ts";
import { FaultDesk, faultsIn } from "../node/fault-desk.ts";
import type { Inclusion } from "../ports/chain.ts";
import type { Json } from "../terms/canonical-json.ts";
import { type Bundle, bundleFromJson } from "../transcript/evidence/bundle.ts";
import { bondOf, type Equivocation } from "../transcript/evidence/equivocations.ts";
import { parseFlags } from "./args.ts";
import { actionError, type Command, EXIT, usageError } from "./command.ts";
import { confirm } from "./confirm.ts";
import { jsonOf } from "./json-of.ts";
import { openKeys } from "./open-keys.ts";
import { print } from "./screen.ts";
import { readText } from "./text-file.ts";

const HELP = `parley fault: two offers or acceptances of one agent under one number, which cost it its bond

usage: parley fault show --bundle FILE [--bundle FILE]... [--rpc URL | --config FILE] [--json]
       parley fault file --bundle FILE [--bundle FILE]... (--config FILE | --rpc URL --keys FILE) [--yes] [--json]

  show   what the bundles prove by their signatures alone; with a chain also what it would cost, and whether Settlement
         would take it. Nothing is sent
  file   shows each proof to Settlement. Anybody may, party or not: the side at fault pays the bond that it had named, out of
         its stake; a tenth goes to its counterparty, the rest is burnt, and who files it gets nothing and pays the gas

  --bundle FILE   evidence, as parley evidence export writes it. Where the two sides hold different envelopes of one number,
                  either bundle alone proves nothing: give both
  --config FILE   an agent's configuration, for its nodes and keys
  --rpc URL       a node of the chain, without an agent; the contracts are those that the bundles name
  --keys FILE     the key file of the account that sends it; the configuration's if not given
  --yes           don't ask at the terminal
  --json          one JSON object

A running agent files by itself what it hears (\`faults\` in its configuration). Exits with 0 if there is a fault (and, for
file, each is shown); with 1 where there is none, or Settlement refuses, by name: nothing was sent then; 2 wrong usage, 66 a
file can't be read, 69 the chain can't be asked, 78 the configuration or keys can't be used.

example: parley fault show --bundle seller.evidence.json --bundle buyer.evidence.json --rpc http://127.0.0.1:8545
         parley fault file --bundle seller.evidence.json --config seller.json
`;

const FLAGS = {
  bundle: { type: "string", multiple: true, default: [] as string[] },
  config: { type: "string" },
  rpc: { type: "string" },
  keys: { type: "string" },
  yes: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
} as const;

type Flags = ReturnType<typeof parseFlags<typeof FLAGS>>;

/** A fault, and what Settlement would make of it; null where no chain was asked. */
interface Weighed {
  readonly fault: Equivocation;
  readonly weight: Weight | null;
}

export const faultCommand: Command = {
  help: HELP,
  async run([name, ...args]) {
    if (name !== "show" && name !== "file") throw actionError(name, ["show", "file"], "fault");
    const flags = parseFlags("fault", args, FLAGS);
    const { bundle, config, rpc, keys } = flags;
    if (bundle.length === 0) throw usageError("--bundle FILE is missing", "fault");
    if (name === "file" && config === undefined && (rpc === undefined || keys === undefined)) throw noSender();
    const bundles = bundle.map(readBundle);
    const faults = await faultsIn(bundles);
    if (faults.length === 0) throw noFault(bundles.length);
    const place = await placeOf(flags, bundles[0] as Bundle);
    if (name === "show") return await show(faults, place, flags);
    return await fileAll(faults, place, flags);
  },
};

interface Place {
  readonly desk: FaultDesk;
  /** Null where none was named. */
  readonly keys: string | null;
}

/** Null where no chain is named. */
async function placeOf({ config: path, rpc, keys }: Flags, { deployment }: Bundle): Promise<Place | null> {
  if (path === undefined) {
    return rpc === undefined ? null : { desk: await FaultDesk.open(rpc, deployment), keys: keys ?? null };
  }
  const config = await readAgentConfig(path);
  if (Object.values(config.deployment).join() !== Object.values(deployment).join()) {
    throw new ParleyError("OtherDeployment", "the bundle is of another deployment than the configuration", {
      hint: "give a node of the bundle's chain instead: --rpc URL --keys FILE",
    });
  }
  return { desk: await FaultDesk.open(rpc ?? config.rpc, deployment), keys: keys ?? config.keys };
}

async function show(faults: readonly Equivocation[], place: Place | null, { json }: Flags): Promise<number> {
  const weighed = await Promise.all(
    faults.map(async (fault): Promise<Weighed> => ({ fault, weight: (await place?.desk.weigh(fault)) ?? null })),
  );
  if (json) print(jsonOf({ faults: weighed.map(toJson) }));
  else for (const line of weighed.flatMap(lines)) print(line);
  return EXIT.ok;
}

async function fileAll(faults: readonly Equivocation[], place: Place | null, flags: Flags): Promise<number> {
  if (place === null || place.keys === null) throw noSender();
  const { desk, keys } = place;
  const filed: { readonly fault: ReturnType<typeof toJson>; readonly inclusion: Inclusion }[] = [];
  for (const fault of faults) {
    const weight = await desk.weigh(fault);
    if (weight.refusal !== null) throw weight.refusal;
    if (weight.shownBy !== null) throw shownBefore(fault, weight.shownBy);
    await confirm(lines({ fault, weight }), flags.yes);
    const inclusion = await desk.file(fault, await openKeys(keys));
    filed.push({ fault: toJson({ fault, weight }), inclusion });
    if (!flags.json) print(`shown to Settlement: transaction ${inclusion.transaction}, ${inclusion.gasUsed} gas`);
  }
  if (flags.json) {
    print(jsonOf({ filed: filed.map(({ fault, inclusion }) => ({ ...fault, transaction: inclusion.transaction })) }));
  }
  return EXIT.ok;
}

function lines({ fault, weight }: Weighed): string[] {
  const { agent, seq, negotiation, deal, first, second } = fault;
  const kinds = `${first.message.envelope.kind} and ${second.message.envelope.kind}`;
  const proven = `agent ${agent} signed ${kinds}, which differ, as its number ${seq} of negotiation ${negotiation}`;
  const named = `  the bond that it named: ${bondOf(agent, deal)} of token ${deal.token}`;
  if (weight === null) return [proven, named];
  const { taken, reward, refusal, shownBy } = weight;
  return [
    proven,
    named,
    `  it would lose ${taken} now: ${reward} to agent ${agent === deal.buyer ? deal.seller : deal.buyer}, the rest burnt, nothing to who files it`,
    ...(shownBy === null ? [] : [`  it was shown before, by transaction ${shownBy}`]),
    ...(refusal === null ? [] : [`  Settlement would not take it: ${refusal.message} [${refusal.code}]`]),
  ];
}

function toJson({ fault, weight }: Weighed) {
  const { agent, negotiation, seq, deal } = fault;
  const { taken, reward, shownBy, refusal } = weight ?? { taken: null, reward: null, shownBy: null, refusal: null };
  const money = { bond: bondOf(agent, deal), token: deal.token, taken, reward };
  return { agent, negotiation, seq, ...money, shownBy, refusal: refusal?.code ?? null };
}

function readBundle(path: string): Bundle {
  const text = readText(path);
  try {
    return bundleFromJson(JSON.parse(text) as Json);
  } catch (cause) {
    throw new ParleyError("EvidenceUnverified", `${path} is no bundle: ${messageOf(cause)}`, {
      hint: "give files that parley evidence export wrote",
      cause,
    });
  }
}

function noSender(): ParleyError<"Usage"> {
  return usageError("file takes --config FILE, or --rpc URL and --keys FILE", "fault");
}

function noFault(bundles: number): ParleyError<"NoFault"> {
  return new ParleyError("NoFault", "nobody signed two different offers or acceptances under one number there", {
    hint:
      bundles === 1
        ? "give the other side's bundle too, if it holds other envelopes: --bundle FILE; all else: parley evidence show"
        : "see what else was done wrong: parley evidence show FILE",
  });
}

function shownBefore({ agent, seq }: Equivocation, transaction: string): ParleyError<"FaultShown"> {
  return new ParleyError(
    "FaultShown",
    `the fault of agent ${agent} under number ${seq} was shown before, by ${transaction}`,
    {
      hint: "nothing is left to do; what it came to: parley fault show --rpc URL",
    },
  );
}
