import { ParleyError } from "../kernel/errors.ts";
import { type Address, type AgentId, type Bytes32, toAgentId, ZERO_32 } from "../kernel/ids.ts";
import type { Amount } from "../kernel/money.ts";
import type { Json } from "../terms/canonical-json.ts";
import { JsonReader } from "../terms/json-reader.ts";
import { readHttp, readServing, type ServingConfig } from "./connectors-config.ts";
import { ADDRESS_BEGINNINGS, hasTransport } from "./transports.ts";

/** A running account with another agent, as its operator configures the same. */
export interface AccountConfig {
  readonly agent: AgentId;
  readonly token: Address;
  readonly salt: Bytes32;
  /** Most that we may owe, and that they may owe us. */
  readonly ours: Amount;
  readonly theirs: Amount;
  /** Where their accounts are reached; null where they come to us. */
  readonly url: string | null;
  /** Where the deal is negotiated by which we pay; null where we never owe. */
  readonly address: string | null;
  /** Balance, whoever owes it, from which the account is closed and paid. */
  readonly settleAt: Amount;
}

export interface AccountsConfig {
  /** Where others reach our side of accounts; null where only we call. */
  readonly serving: ServingConfig | null;
  /** Most that gas may cost of a value, in basis points, before it goes on account. */
  readonly mostShare: number;
  readonly with: readonly AccountConfig[];
}

const MOST_ACCOUNTS = 1_000;

const USUAL_SHARE = 200;

export function readAccounts(value: Json, path: string): AccountsConfig {
  const reader = new JsonReader(value, path);
  const serving = reader.has("listen") ? readServing(reader) : null;
  const list = reader.raw("with");
  const config: AccountsConfig = {
    serving,
    mostShare: reader.has("mostShare") ? reader.integer("mostShare", 0, 10_000) : USUAL_SHARE,
    with: isList(list)
      ? list.map((one, index) => readAccount(new JsonReader(one, `${reader.at("with")}.${index}`), serving))
      : [],
  };
  if (config.with.length === 0) throw malformed(reader.at("with"), `a list of 1 to ${MOST_ACCOUNTS} accounts`);
  reader.end();
  const names = new Set<string>();
  for (const [index, { agent, token }] of config.with.entries()) {
    const name = `${agent} ${token}`;
    if (names.has(name)) throw malformed(`${path}.with.${index}`, "the only account with this agent in this token");
    names.add(name);
  }
  return config;
}

/** What an agent with accounts needs besides: what others owe us is paid by a deal that they open, and that is carried to the chain. */
export function requireAccountsKept({ accounts, agent, journal, listen, settle }: AccountKeeper): void {
  if (accounts === null) return;
  if (!settle) throw malformed("settle", "'yes' where there are `accounts`: they are paid on the chain");
  if (journal === ":memory:")
    throw malformed("journal", "a file where there are `accounts`: what is owed outlasts the process");
  if (listen === null && accounts.with.some(({ theirs }) => theirs > 0n)) {
    throw malformed("listen", "present where an account lets the other side owe");
  }
  const own = accounts.with.findIndex((one) => one.agent === agent);
  if (own >= 0) throw malformed(`accounts.with.${own}.agent`, "another agent than this one");
}

interface AccountKeeper {
  readonly accounts: AccountsConfig | null;
  readonly agent: AgentId;
  readonly journal: string;
  readonly listen: string | null;
  readonly settle: boolean;
}

function readAccount(reader: JsonReader, serving: ServingConfig | null): AccountConfig {
  const account: AccountConfig = {
    agent: readAgent(reader),
    token: reader.address("token"),
    salt: reader.bytes32("salt"),
    ours: reader.amount("ours"),
    theirs: reader.amount("theirs"),
    url: reader.has("url") ? readHttp(reader, "url").replace(/\/+$/, "") : null,
    address: reader.has("address") ? readPeerAddress(reader) : null,
    settleAt: reader.amount("settleAt"),
  };
  reader.end();
  const { ours, theirs, url, address, settleAt } = account;
  if (ours === 0n && theirs === 0n) throw malformed(reader.at("ours"), "more than 0, or `theirs`");
  if (url === null && serving === null) {
    throw malformed(reader.at("url"), "present where `listen` isn't: one side has to reach the other");
  }
  if (ours > 0n && address === null) throw malformed(reader.at("address"), "present where `ours` is more than 0");
  if (account.salt === ZERO_32) throw malformed(reader.at("salt"), "32 random bytes, the same on both sides");
  if (settleAt === 0n) throw malformed(reader.at("settleAt"), "more than 0");
  for (const [name, credit] of Object.entries({ ours, theirs })) {
    // Else its balance could never come there, and the account would never be paid.
    if (credit > 0n && credit < settleAt) throw malformed(reader.at("settleAt"), `at most \`${name}\``);
  }
  return account;
}

/** Where a peer is reached, by a transport that there is: else it would be noticed only once the peer is called. */
export function readPeerAddress(reader: JsonReader): string {
  const address = reader.text("address", 2_048);
  if (hasTransport(address)) return address;
  throw malformed(reader.at("address"), `an address that begins with one of ${ADDRESS_BEGINNINGS}`);
}

function readAgent(reader: JsonReader): AgentId {
  try {
    return toAgentId(reader.text("agent"));
  } catch (cause) {
    if (cause instanceof ParleyError && cause.code === "Malformed") throw cause;
    throw malformed(reader.at("agent"), "the other agent's id", cause);
  }
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value) && value.length <= MOST_ACCOUNTS;
}

function malformed(path: string, expected: string, cause?: unknown): ParleyError<"Malformed"> {
  return new ParleyError("Malformed", `'${path}' must be ${expected}`, { facts: { path }, cause });
}
