import type { Deployment } from "../../ports/chain.ts";
import type { JsonReader } from "../../terms/json-reader.ts";

/** Which contracts on which chain, as every document and every configuration names them. */
export function readDeployment(reader: JsonReader): Deployment {
  const deployment: Deployment = {
    chainId: reader.integer("chainId", 1, Number.MAX_SAFE_INTEGER),
    registry: reader.address("registry"),
    settlement: reader.address("settlement"),
  };
  reader.end();
  return deployment;
}
