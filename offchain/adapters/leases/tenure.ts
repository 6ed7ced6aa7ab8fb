import { ParleyError } from "../../kernel/errors.ts";

/** What a lease's cell says. */
export interface Tenure {
  /** Null where it was released. */
  readonly holder: string | null;
  /** The token; null where it is the cell's own revision, which nobody knows before it is written. */
  readonly token: number | null;
}

export function encodeTenure(tenure: Tenure): string {
  return JSON.stringify(tenure);
}

export function decodeTenure(name: string, text: string): Tenure {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (cause) {
    throw corrupt(name, cause);
  }
  if (typeof found !== "object" || found === null || !("holder" in found) || !("token" in found)) throw corrupt(name);
  const { holder, token } = found;
  if (holder !== null && typeof holder !== "string") throw corrupt(name);
  if (token !== null && !(typeof token === "number" && Number.isSafeInteger(token))) throw corrupt(name);
  return { holder, token };
}

function corrupt(name: string, cause?: unknown): ParleyError<"LeasesCorrupt"> {
  return new ParleyError("LeasesCorrupt", `what is kept of the lease on ${name} is no lease`, {
    hint: "let nothing else write where leases are kept; remove the entry, and the lease is free",
    facts: { name },
    cause,
  });
}
