import { isHex } from "../kernel/bytes.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { JsonObject } from "./canonical-json.ts";
import type { JsonReader } from "./json-reader.ts";

/** What is delivered is paid by an entry in a running account of the two, and the deal stays off the chain. */
export interface PaymentTerms {
  readonly by: "account";
  /** Which account: see `tabId`. */
  readonly account: Bytes32;
}

export function readPayment(reader: JsonReader): PaymentTerms {
  const payment: PaymentTerms = { by: reader.oneOf("by", ["account"]), account: reader.bytes32("account") };
  reader.end();
  return payment;
}

/** The running account that terms are paid on, of whatever schema they are; null where they name none. */
export function accountIn(terms: JsonObject): Bytes32 | null {
  const payment = terms["payment"];
  if (payment === null || typeof payment !== "object" || Array.isArray(payment)) return null;
  const { by, account } = payment as JsonObject;
  return by === "account" && isHex(account, 32) ? (account.toLowerCase() as Bytes32) : null;
}
