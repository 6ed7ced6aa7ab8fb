/** The seller's process. It is told what to be, says where it listens, and what it has used whenever it is asked. */
import { addressFor, makeDealer, makeTransport, type Task, usage } from "./side.ts";

process.on("disconnect", () => process.exit(0));

process.once("message", async (message) => {
  const task = message as Task;
  const dealer = await makeDealer(task);
  const { address } = await makeTransport(task.transport).listen(addressFor(task.transport), dealer.listener);
  process.on("message", () => process.send?.(usage()));
  process.send?.(address);
});
