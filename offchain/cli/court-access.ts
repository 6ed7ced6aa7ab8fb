import { readArbitratorConfig } from "../node/arbitrator-config.ts";
import { CourtOffice } from "../node/court-office.ts";
import { KeyStore } from "../node/keys/key-store.ts";
import { obtainPassphrase, PRESENT } from "../node/keys/passphrase.ts";
import { usageError } from "./command.ts";
import { askHidden } from "./prompt.ts";

/** What every action of `parley court` is told. */
export const COURT_FLAGS = { config: { type: "string" } } as const;

export async function openOffice(config: string | undefined): Promise<CourtOffice> {
  if (config === undefined) throw usageError("--config FILE is missing", "court");
  return await CourtOffice.open(readArbitratorConfig(config));
}

export async function openKeys(file: string): Promise<KeyStore> {
  return await KeyStore.open(file, await obtainPassphrase(PRESENT, process.env, askHidden));
}

/** Flags that take no value: a number after one of them is the dispute's. */
const SWITCHES = ["--json", "--refuse"];

/** The dispute's number: the first that isn't a flag's own. */
export function takeDispute(args: readonly string[]): { readonly dispute: bigint | null; readonly rest: string[] } {
  const isValue = (before = "") => before.startsWith("--") && !before.includes("=") && !SWITCHES.includes(before);
  const place = args.findIndex((arg, index) => /^[0-9]{1,30}$/.test(arg) && !isValue(args[index - 1]));
  const found = place === -1 ? undefined : args[place];
  if (found === undefined) return { dispute: null, rest: [...args] };
  return { dispute: BigInt(found), rest: [...args.slice(0, place), ...args.slice(place + 1)] };
}

export function requireDispute(args: readonly string[]): { readonly dispute: bigint; readonly rest: string[] } {
  const { dispute, rest } = takeDispute(args);
  if (dispute === null || dispute === 0n)
    throw usageError("the number of a DISPUTE is missing: see parley court list", "court");
  return { dispute, rest };
}
