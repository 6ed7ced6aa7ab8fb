/** A program that prints the gas of each scenario as JSON. It is one of its own, so that no test before it can change a figure. */
import { networkHelpers } from "../fixtures/chain.ts";
import { load } from "../fixtures/world.ts";
import { START } from "./scenario.ts";
import { scenarios } from "./scenarios/all.ts";

const figures: Record<string, number> = {};
for (const [name, { each = 1, run }] of Object.entries(scenarios)) {
  const world = await load();
  await networkHelpers.time.increaseTo(START);
  const { gasUsed } = await run(world);
  figures[name] = Math.round(Number(gasUsed) / each);
}
console.log(JSON.stringify(figures));
