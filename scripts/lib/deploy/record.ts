/** What is kept of a deployment: where everything is, and what explorers need to verify it. No secrets, no paths of a machine. */
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import type { Hex } from "viem";
import { readIfThere, writeWhole } from "../../bootstrap/files.mjs";
import type { Input } from "../contracts/solc.ts";
import { commitNow } from "../git.ts";
import { FACTORY, findCreations } from "./factory.ts";
import type { Choices, Plan } from "./install.ts";
import type { Target } from "./target.ts";

interface BuildInfo {
  readonly solcLongVersion: string;
  readonly input: Input;
}

/** `deployments/<chain id>.json`. */
export interface DeploymentRecord {
  readonly chainId: number;
  readonly network: string;
  readonly commit: string;
  readonly deployer: Hex | undefined;
  readonly guardian: Hex;
  readonly salt: Hex;
  readonly factory: Hex;
  readonly p256Precompile: boolean;
  readonly contracts: Readonly<Record<string, Contract>>;
}

interface Contract {
  readonly address: Hex;
  /** Null where the node doesn't say: another run than this one has sent it, and logs are searched only so far. */
  readonly transaction: Hex | null;
  readonly block: number | null;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly encodedArguments: Hex;
  readonly compiler: { readonly version: string; readonly settings: object };
}

/** Writes it, unless it is there already and says the same contracts. Returns the files that were written. */
export async function keep(
  folder: string,
  target: Target,
  { plan, choices, p256Precompile }: { plan: Plan; choices: Choices; p256Precompile: boolean },
  fromBlock: bigint,
): Promise<string[]> {
  const file = join(folder, `${target.chainId}.json`);
  const before: Partial<DeploymentRecord> = JSON.parse(readIfThere(file) ?? "{}");
  const creations = await findCreations(
    target.reads,
    plan.map(({ address }) => address),
    fromBlock,
  );
  const builds = await buildsOf(target, plan);
  const contracts = plan.map(({ name, address, arguments: given }): [string, Contract] => {
    const creation = creations.get(address);
    const known = before.contracts?.[name];
    const old = known?.address === address ? known : undefined;
    const { solcLongVersion, input } = buildOf(builds, name);
    const { viaIR, evmVersion, optimizer } = input.settings;
    return [
      name,
      {
        address,
        transaction: creation?.transaction ?? old?.transaction ?? null,
        block: creation === undefined ? (old?.block ?? null) : Number(creation.block),
        arguments: given.named,
        encodedArguments: given.encoded,
        compiler: { version: solcLongVersion, settings: { viaIR, evmVersion, optimizer } },
      },
    ];
  });
  const { chainId, name: network, deployer } = target;
  const { guardian, salt } = choices;
  const facts = { chainId, network, deployer, guardian, salt, factory: FACTORY, p256Precompile };
  const record: DeploymentRecord = { ...facts, commit: commitNow(), contracts: Object.fromEntries(contracts) };
  const files = new Map([[file, json(record)]]);
  for (const { name } of plan)
    files.set(join(folder, String(chainId), "verify", `${name}.json`), verifyInput(builds, name));
  if (json({ ...record, commit: before.commit, deployer: before.deployer, network: before.network }) === json(before)) {
    files.delete(file);
  }
  const changed = [...files].filter(([path, text]) => readIfThere(path) !== text);
  for (const [path, text] of changed) writeWhole(path, text);
  return changed.map(([path]) => path);
}

interface Built {
  readonly info: BuildInfo;
  readonly source: string;
}

async function buildsOf({ artifacts }: Target, plan: Plan): Promise<Map<string, Built>> {
  const built = plan.map(async ({ name }): Promise<[string, Built]> => {
    const { buildInfoId, inputSourceName } = await artifacts.readArtifact(name);
    const path = buildInfoId === undefined ? undefined : await artifacts.getBuildInfoPath(buildInfoId);
    if (path === undefined || inputSourceName === undefined)
      throw new Error(`${name} has no build info: compile again`);
    return [name, { info: JSON.parse(readFileSync(path, "utf8")), source: inputSourceName }];
  });
  return new Map(await Promise.all(built));
}

function buildOf(builds: ReadonlyMap<string, Built>, name: string): BuildInfo {
  const built = builds.get(name);
  if (built === undefined) throw new Error(`${name} isn't built`);
  return built.info;
}

/** What was given to the compiler, less the sources that the contract doesn't import; code and metadata come out the same. */
function verifyInput(builds: ReadonlyMap<string, Built>, name: string): string {
  const { input } = buildOf(builds, name);
  const needed = neededBy(builds.get(name)?.source ?? "", input);
  const sources = Object.fromEntries(Object.entries(input.sources).filter(([source]) => needed.has(source)));
  const outputSelection = { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object", "metadata"] } };
  return json({ ...input, sources, settings: { ...input.settings, outputSelection } });
}

const IMPORT = /^import\s[^;"]*"([^"]+)";/gm;

/** A source and all that it imports, directly or not. Reads only import lines: a syntax tree takes the compiler seconds. */
function neededBy(source: string, input: Input, found = new Set<string>()): Set<string> {
  if (found.has(source)) return found;
  const content = input.sources[source]?.content;
  if (content === undefined) throw new Error(`${source} isn't among what was compiled: compile again`);
  found.add(source);
  for (const [, path = ""] of content.matchAll(IMPORT)) neededBy(resolveImport(source, path, input), input, found);
  return found;
}

/** As the compiler does it: relative to the file, or by the longest remapping that fits. */
function resolveImport(source: string, path: string, { settings: { remappings = [] } }: Input): string {
  if (path.startsWith(".")) return posix.join(posix.dirname(source), path);
  const fitting = remappings
    .map((text) => /^(?:(.*?):)?(.*?)=(.*)$/.exec(text)?.slice(1) ?? [])
    .filter(([context = "", prefix = ""]) => source.startsWith(context) && path.startsWith(prefix))
    .sort(([, one = ""], [, other = ""]) => other.length - one.length);
  const [, prefix = "", target = ""] = fitting[0] ?? [];
  return target + path.slice(prefix.length);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, (_, part) => (typeof part === "bigint" ? part.toString() : part), 2)}\n`;
}
