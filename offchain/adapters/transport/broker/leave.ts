import { CLOSE_MS } from "../common/options.ts";
import type { BrokerClient } from "./client.ts";

/** Leaves a broker after all that was published, unless that takes too long. */
export async function leave(client: BrokerClient): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, CLOSE_MS);
  await Promise.race([client.close().catch(() => undefined), late.promise]);
  clearTimeout(timer);
  client.terminate();
}
