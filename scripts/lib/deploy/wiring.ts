/** Reads from the chain whether the contracts are what was compiled, and know each other. Nothing is taken from memory. */
import { type Hex, type PublicClient, parseAbi } from "viem";
import { COURT } from "../../../ignition/settings.ts";
import { courtAbi } from "../../../offchain/adapters/chain/abis.ts";
import { toAddress } from "../../../offchain/kernel/ids.ts";
import { domainSeparator, registryDomain, settlementDomain } from "../../../offchain/terms/eip712.ts";
import { specimen } from "./p256.ts";
import type { Target } from "./target.ts";

/** Something that has to hold on the chain. */
export interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly actual: string;
  readonly expected: string;
}

/** Where everything is meant to be, and who may pause it. */
export interface Expected {
  readonly addresses: Readonly<Record<string, Hex>>;
  readonly guardian: Hex;
  readonly metaEvidence: string;
}

/** Which contract says by which function that it knows which other. */
const LINKS: readonly (readonly [contract: string, getter: string, other: string])[] = [
  ["SettlementExtension", "registry", "AgentRegistry"],
  ["Settlement", "registry", "AgentRegistry"],
  ["Settlement", "extension", "SettlementExtension"],
  ["ReputationRegistry", "getIdentityRegistry", "AgentRegistry"],
  ["ReputationRegistry", "settlement", "Settlement"],
  ["ValidationRegistry", "getIdentityRegistry", "AgentRegistry"],
  ["Anchor", "registry", "AgentRegistry"],
  ["HandOver", "settlement", "Settlement"],
  ["Lens", "settlement", "Settlement"],
];

export async function checkWiring(target: Target, expected: Expected): Promise<Finding[]> {
  const { reads, chainId } = target;
  const at = (name: string): Hex => {
    const address = expected.addresses[name];
    if (address === undefined) throw new Error(`nobody has said where ${name} is`);
    return address;
  };
  const ask = (name: string, getter: string, type = "address") => askFor(reads, at(name), getter, type);
  const registry = domainSeparator(registryDomain(chainId, toAddress(at("AgentRegistry"))));
  const settlement = domainSeparator(settlementDomain(chainId, toAddress(at("Settlement"))));

  return Promise.all([
    ...Object.keys(expected.addresses).map((name) => checkCode(target, name, at(name))),
    ...LINKS.map(([name, getter, other]) => compare(`${name}.${getter}()`, ask(name, getter), at(other))),
    compare("AgentRegistry.DOMAIN_SEPARATOR()", ask("AgentRegistry", "DOMAIN_SEPARATOR", "bytes32"), registry),
    compare("Settlement.DOMAIN_SEPARATOR()", ask("Settlement", "DOMAIN_SEPARATOR", "bytes32"), settlement),
    // this one is the extension's code, run by the Settlement
    compare("Settlement.guardian()", ask("Settlement", "guardian"), expected.guardian),
    compare("SettlementExtension.guardian()", ask("SettlementExtension", "guardian"), expected.guardian),
    compare("Settlement.verifier()", ask("Settlement", "verifier"), ask("SettlementExtension", "verifier")),
    compare("the verifier's answer", askVerifier(reads, ask("SettlementExtension", "verifier")), "accepts, refuses"),
    compare("Court.parameters()", courtParameters(reads, at("Court")), show(COURT)),
    compare("Settlement's MetaEvidence", metaEvidence(reads, at("Settlement")), expected.metaEvidence),
  ]);
}

/** Code apart from immutables, whose values the getters show. */
async function checkCode({ reads, artifacts }: Target, name: string, address: Hex): Promise<Finding> {
  const { deployedBytecode, immutableReferences } = await artifacts.readArtifact(name);
  const code = await reads.getCode({ address });
  const places = Object.values(immutableReferences ?? {}).flat();
  const blank = (text: string) =>
    places.reduce((rest, { start, length }) => {
      const [from, to] = [2 + start * 2, 2 + (start + length) * 2];
      return rest.slice(0, from) + "0".repeat(to - from) + rest.slice(to);
    }, text.toLowerCase());
  const same = code !== undefined && blank(code) === blank(deployedBytecode);
  const actual = code === undefined ? "no code" : same ? "as compiled" : "other code";
  return { what: `code of ${name}`, ok: same, actual, expected: "as compiled" };
}

async function askFor(reads: PublicClient, address: Hex, getter: string, type: string): Promise<string> {
  const abi = parseAbi([`function ${getter}() view returns (${type})`] as readonly string[]);
  return String(await reads.readContract({ address, abi, functionName: getter }));
}

/** The P-256 verifier in Solidity, which chains without the precompile need: a good signature and a bad one. */
async function askVerifier(reads: PublicClient, address: Promise<string>): Promise<string> {
  const { hash, signature, key } = specimen();
  const abi = parseAbi(["function verify(bytes key, bytes32 hash, bytes signature) view returns (bytes4)"]);
  const verify = async (about: Hex) => {
    const call = {
      address: toAddress(await address),
      abi,
      functionName: "verify",
      args: [key, about, signature],
    } as const;
    return (await reads.readContract(call)) === "0x024ad318" ? "accepts" : "refuses";
  };
  const [good, bad] = await Promise.all([verify(hash), verify(`0x${"11".repeat(32)}`)]);
  return `${good}, ${bad}`;
}

async function courtParameters(reads: PublicClient, address: Hex): Promise<string> {
  return show(await reads.readContract({ address, abi: courtAbi, functionName: "parameters" }));
}

async function metaEvidence(reads: PublicClient, address: Hex): Promise<string> {
  const [event] = parseAbi(["event MetaEvidence(uint256 indexed _metaEvidenceID, string _evidence)"]);
  const logs = await reads.getLogs({ address, event, args: { _metaEvidenceID: 0n }, fromBlock: 0n, strict: true });
  return logs[0]?.args._evidence ?? "none";
}

async function compare(what: string, asked: Promise<string>, wanted: string | Promise<string>): Promise<Finding> {
  const actual = await asked.catch(noAnswer);
  const expected = await Promise.resolve(wanted).catch(noAnswer);
  const ok = actual.toLowerCase() === expected.toLowerCase() && actual !== NO_ANSWER;
  return { what, ok, actual, expected };
}

const NO_ANSWER = "no answer";

function noAnswer(): string {
  return NO_ANSWER;
}

function show(parameters: object): string {
  const sorted = Object.entries(parameters).sort(([one], [other]) => (one < other ? -1 : 1));
  return sorted.map(([name, value]) => `${name} ${value}`).join(", ");
}
