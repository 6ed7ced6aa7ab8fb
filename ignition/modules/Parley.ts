import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { COURT } from "../settings.ts";

type Builder = Parameters<Parameters<typeof buildModule>[1]>[0];
type Arguments = Parameters<Builder["encodeFunctionCall"]>[2];

/** Addresses of contracts that the chain has already, by name. */
export type Found = Readonly<Record<string, string>>;

/**
 * The whole set. Nothing here has an owner or can be exchanged later: what a contract has to know it is told by its
 * constructor. What is found on the chain already is taken as it is.
 */
export function parleyModule(found: Found = {}) {
  return buildModule("Parley", (m) => {
    const put = (name: string, args: Arguments = []) => {
      const address = found[name];
      return address === undefined ? m.contract(name, args) : m.contractAt(name, address);
    };
    const AgentRegistry = put("AgentRegistry");
    const SettlementExtension = put("SettlementExtension", [AgentRegistry, m.getParameter("guardian")]);
    const Settlement = put("Settlement", [SettlementExtension, m.getParameter("metaEvidence")]);
    const Court = put("Court", [m.getParameter("court", COURT)]);
    const ReputationRegistry = put("ReputationRegistry", [Settlement]);
    const ValidationRegistry = put("ValidationRegistry", [AgentRegistry]);
    const Anchor = put("Anchor", [AgentRegistry]);
    const HandOver = put("HandOver", [Settlement]);
    // stateless: passkeys approve by it
    const PasskeyVerifier = put("PasskeyVerifier");
    const Lens = put("Lens", [Settlement]);
    return {
      AgentRegistry,
      SettlementExtension,
      Settlement,
      Court,
      ReputationRegistry,
      ValidationRegistry,
      Anchor,
      HandOver,
      PasskeyVerifier,
      Lens,
    };
  });
}

export default parleyModule();
