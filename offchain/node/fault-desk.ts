import { FaultProofs, type Weight } from "../adapters/chain/fault-proofs.ts";
import { Litigant } from "../adapters/chain/litigant.ts";
import { connectRpc, type Rpc } from "../adapters/chain/rpc.ts";
import { Sender } from "../adapters/chain/sender.ts";
import { verifyContracts } from "../adapters/chain/verify-contracts.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Deployment, Inclusion } from "../ports/chain.ts";
import type { Bundle } from "../transcript/evidence/bundle.ts";
import { type Equivocation, equivocationsIn } from "../transcript/evidence/equivocations.ts";
import type { KeyStore } from "./keys/key-store.ts";
import { verifier } from "./verifier.ts";

/** What bundles prove that Settlement judges, each fault once. They have to be of one deployment. */
export async function faultsIn(bundles: readonly Bundle[]): Promise<readonly Equivocation[]> {
  const places = new Set(bundles.map(({ deployment }) => Object.values(deployment).join()));
  if (places.size > 1) {
    throw new ParleyError("OtherDeployment", "the bundles are of different deployments", {
      hint: "compare what the two sides of one negotiation have exported",
    });
  }
  return await equivocationsIn(verifier, bundles);
}

/** Where anybody, party or not, shows Settlement what two signatures prove. */
export class FaultDesk {
  readonly #rpc: Rpc;
  readonly #deployment: Deployment;
  readonly #proofs: FaultProofs;

  private constructor(rpc: Rpc, deployment: Deployment) {
    this.#rpc = rpc;
    this.#deployment = deployment;
    this.#proofs = new FaultProofs(rpc, deployment);
  }

  static async open(nodes: string | readonly string[], deployment: Deployment): Promise<FaultDesk> {
    const rpc = await connectRpc(nodes);
    await verifyContracts(rpc, deployment);
    return new FaultDesk(rpc, deployment);
  }

  weigh(fault: Equivocation): Promise<Weight> {
    return this.#proofs.weigh(fault);
  }

  /** What the contract would refuse is refused here, by the same name, and nothing is sent. */
  async file({ agent, deal, first, second }: Equivocation, keys: KeyStore): Promise<Inclusion> {
    const litigant = new Litigant(this.#rpc, new Sender(this.#rpc, keys.wallet.reveal()), this.#deployment);
    return await litigant.equivocation(agent, deal, first, second);
  }
}
