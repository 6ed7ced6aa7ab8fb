import { MemoryHub } from "../../offchain/adapters/transport/memory/hub.ts";
import { MemoryTransport } from "../../offchain/adapters/transport/memory/transport.ts";
import { WebSocketTransport } from "../../offchain/adapters/transport/websocket/transport.ts";
import { transportConformance } from "./transport.ts";

const hub = new MemoryHub();
let transports = 0;
let addresses = 0;

transportConformance("memory", {
  transport: () => new MemoryTransport(hub, `transport ${transports++}`),
  address: () => `address ${addresses++}`,
});

transportConformance("websocket", {
  transport: () => new WebSocketTransport({ firstRetryMs: 2, lastRetryMs: 20 }),
  address: () => "ws://127.0.0.1:0",
});
