import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Agreement } from "../../scripts/lib/scenario/stage.ts";
import type { Side, SideOptions } from "./office.ts";

/** What a side's process is told. */
export type Order = { readonly open: SideOptions } | { readonly settle: Agreement; readonly id: number };

/** What it tells: that it is there, or how far a deal has come. */
export type Report =
  | { readonly report: "ready" }
  | { readonly report: "committed"; readonly id: number }
  | { readonly report: "settled"; readonly id: number; readonly gas: bigint }
  | { readonly report: "failed"; readonly id: number; readonly says: string };

interface Pending {
  readonly onCommitted: () => void;
  readonly resolve: (gas: bigint) => void;
  readonly reject: (error: Error) => void;
}

/** One side in a process of its own, as agents are: what one does doesn't hold up the other. */
export async function startSide(options: SideOptions): Promise<Side> {
  const child = fork(fileURLToPath(new URL("side-process.ts", import.meta.url)), {
    ...{ stdio: ["ignore", "inherit", "inherit", "ipc"], serialization: "advanced" },
  });
  const pending = new Map<number, Pending>();
  let next = 0;
  const tell = (order: Order) => child.send(order);
  const ready = once(child, "message");
  child.on("message", (message: Report) => {
    if (message.report === "ready") return;
    const { id } = message;
    if (message.report === "committed") return pending.get(id)?.onCommitted();
    if (message.report === "settled") pending.get(id)?.resolve(message.gas);
    else pending.get(id)?.reject(new Error(message.says));
    pending.delete(id);
  });
  child.once("exit", (code) => {
    for (const { reject } of pending.values())
      reject(new Error(`the ${options.role}'s process has ended with ${code}`));
  });
  tell({ open: options });
  await ready;
  return {
    settle: (agreement, onCommitted = () => undefined) =>
      new Promise((resolve, reject) => {
        const id = next++;
        pending.set(id, { onCommitted, resolve, reject });
        tell({ settle: agreement, id });
      }),
    stop: async () => {
      const exited = once(child, "exit");
      child.disconnect();
      await exited;
    },
  };
}
