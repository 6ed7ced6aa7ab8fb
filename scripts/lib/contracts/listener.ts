/** A plugin that keeps count of Hardhat's simulated chains and of the probes that run on them. See resident.ts. */

import type { HardhatPlugin } from "hardhat/types/plugins";

/** Connections to chains; what plugins add to one, their users know. */
const open = new Set<object>();
let reached = new Set<string>();

/** The chains that are open. */
export function openChains(): object[] {
  return [...open];
}

/** The probes that ran since this was last asked. */
export function takeReached(): Set<string> {
  const taken = reached;
  reached = new Set();
  return taken;
}

/** As if these had run now, too. */
export function addReached(probes: Iterable<string>): void {
  for (const probe of probes) reached.add(probe);
}

export const listener: HardhatPlugin = {
  id: "parley-listener",
  hookHandlers: {
    network: async () => ({
      default: async () => ({
        newConnection: async (context, next) => {
          const chain = await next(context);
          open.add(chain);
          return chain;
        },
        closeConnection: async (context, chain, next) => {
          open.delete(chain);
          await next(context, chain);
        },
        onCoverageData: async (_context, probes) => addReached(probes),
      }),
    }),
  },
};
