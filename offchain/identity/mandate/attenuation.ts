import { ParleyError } from "../../kernel/errors.ts";
import type { MandateDocument } from "./document.ts";

/** Throws unless `child` allows nothing, at no time, that `parent` doesn't. */
export function checkNarrower(child: MandateDocument, parent: MandateDocument): void {
  if (child.agent !== parent.agent) throw wider("it is for another agent");
  if (child.notBefore < parent.notBefore || child.notAfter > parent.notAfter) {
    throw wider(`it counts from ${child.notBefore} to ${child.notAfter}, outside of the other's time`);
  }
  if (child.delegations >= parent.delegations) {
    throw wider(`it may be passed on ${child.delegations} times, the one before it only ${parent.delegations}`);
  }
  for (const [type, outer] of parent.rules) {
    // Nothing follows from the other constraints: one that is left out is one that is lifted.
    const inner = child.rules.get(type);
    if (inner === undefined) throw wider(`its constraint '${type}' is missing`);
    if (!inner.isWithin(outer)) throw wider(`its constraint '${type}' allows more`);
  }
}

function wider(what: string): ParleyError<"MandateWider"> {
  return new ParleyError("MandateWider", `a mandate must be narrower than the one it is derived from, but ${what}`, {
    hint: "keep every constraint of the mandate before it, and tighten what is to be tightened",
  });
}
