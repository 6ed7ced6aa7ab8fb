/** The process of one side: it settles what it is told to, until nobody tells it anything any more. */
import { messageOf } from "../../offchain/kernel/errors.ts";
import { openSide, type Side } from "./office.ts";
import type { Order, Report } from "./side.ts";

let side: Side | undefined;
const tell = (report: Report) => process.send?.(report);

process.on("message", async (order: Order) => {
  if ("open" in order) {
    side = await openSide(order.open);
    tell({ report: "ready" });
    return;
  }
  const { id } = order;
  try {
    const gas = await side?.settle(order.settle, () => tell({ report: "committed", id }));
    tell({ report: "settled", id, gas: gas ?? 0n });
  } catch (thrown) {
    tell({ report: "failed", id, says: messageOf(thrown) });
  }
});

process.once("disconnect", async () => {
  await side?.stop();
  process.exit(0);
});
