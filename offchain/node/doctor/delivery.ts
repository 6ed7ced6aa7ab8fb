import { access, constants, stat } from "node:fs/promises";
import type { AgentConfig } from "../agent-config.ts";
import { bad, type Finding, look, ok, warn } from "./finding.ts";
import { occupied } from "./network.ts";

/** Whether what is sold is there, and whether others and its own applications can reach what the agent serves by HTTP. */
export async function lookAtDelivery(
  { deliver, intake, accounts }: Pick<AgentConfig, "deliver" | "intake" | "accounts">,
  isRunning: boolean,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  if (deliver?.kind === "artifact") findings.push(await lookAtGoods(deliver.file));
  if (deliver !== null && deliver.kind !== "digest") {
    findings.push(await lookAtServing("serving", deliver.listen, isRunning));
  }
  const calls = intake?.calls ?? null;
  if (calls !== null) findings.push(await lookAtServing("calls", calls, isRunning));
  const serving = accounts?.serving ?? null;
  if (serving !== null) findings.push(await lookAtServing("accounts", serving.listen, isRunning));
  return findings;
}

function lookAtGoods(file: string): Promise<Finding> {
  return look("goods", async () => {
    const hint = "name a file in `deliver.artifact` that is there, and readable for the agent's user";
    try {
      await access(file, constants.R_OK);
    } catch {
      return bad(`${file} can't be read: what is sold can't be delivered [ArtifactUnavailable]`, hint);
    }
    const about = await stat(file);
    if (!about.isFile()) return bad(`${file} is no file [ArtifactUnavailable]`, hint);
    return ok(`${file} is there, ${about.size.toLocaleString("en")} bytes`);
  });
}

function lookAtServing(check: string, address: string, isRunning: boolean): Promise<Finding> {
  return look(check, async () => {
    const { hostname, port, protocol } = new URL(address);
    // The brackets are the address's, not the host's.
    const host = hostname.replace(/^\[|\]$/g, "");
    const number = port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
    if (number === 0) return warn(`${address} takes another port at each start`, "name a port, so that others find it");
    const fault = await occupied(host, number);
    if (fault === null) return ok(`${address} is free${isRunning ? ", although the journal is in use" : ""}`);
    if (fault === "EADDRINUSE" && isRunning) return ok(`${address} is in use, as it is where the agent runs`);
    const says = fault === "EADDRINUSE" ? "is taken by another program" : `can't be listened at (${fault})`;
    return bad(`${address} ${says}`, "stop what listens there, or name another port or an address of this machine");
  });
}
