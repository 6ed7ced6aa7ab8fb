import { createServer } from "node:net";
import { parseAddress } from "../../adapters/transport/common/address.ts";
import {
  parseListenAddress as grpcPlace,
  parseConnectAddress as parseGrpc,
} from "../../adapters/transport/grpc/address.ts";
import {
  parseConnectAddress as parseWebSocket,
  parseListenAddress as webSocketPlace,
} from "../../adapters/transport/websocket/address.ts";
import type { AgentConfig } from "../agent-config.ts";
import { transportFor } from "../transports.ts";
import { bad, type Finding, look, ok, warn } from "./finding.ts";

const BROKERS = ["nats:", "nats+tls:", "mqtt:", "mqtts:", "amqp:", "amqps:"];

/** Whether the address that peers are told can be listened at. `isRunning`: it is taken by the agent itself then. */
export function lookAtListening(
  { listen, tls }: Pick<AgentConfig, "listen" | "tls">,
  isRunning: boolean,
): Promise<Finding> {
  return look("listen", async () => {
    if (listen === null) return ok("it listens nowhere: it only opens negotiations");
    transportFor(listen, {});
    if (isBroker(listen)) {
      checkBroker(listen);
      return ok(`${listen} is at a broker, which wasn't asked`);
    }
    const { host, port } = /^wss?:/i.test(listen) ? webSocketPlace(listen, tls !== null) : grpcPlace(listen);
    if (port === 0)
      return warn(`${listen} takes another port at each start`, "name a port, so that peers find it again");
    const fault = await occupied(host, port);
    if (fault === null) return ok(`${listen} is free${isRunning ? ", although the journal is in use" : ""}`);
    if (fault === "EADDRINUSE" && isRunning) return ok(`${listen} is in use, as it is where the agent runs`);
    const says = fault === "EADDRINUSE" ? "is taken by another program" : `can't be listened at (${fault})`;
    return bad(`${listen} ${says}`, "stop what listens there, or name another port or an address of this machine");
  });
}

/** Whether the address of the peer that is to be opened with is one at all. Nobody is called. */
export function lookAtPeer({ open }: Pick<AgentConfig, "open">): Promise<Finding> {
  return look("peer", () => {
    if (open === null) return ok("it opens no negotiation by itself");
    const { address, peer } = open;
    transportFor(address, {});
    if (isBroker(address)) checkBroker(address);
    else if (/^wss?:/i.test(address)) parseWebSocket(address);
    else parseGrpc(address);
    return ok(`agent ${peer} is to be reached at ${address}, which wasn't called`);
  });
}

function isBroker(address: string): boolean {
  return BROKERS.includes(URL.parse(address)?.protocol ?? "");
}

function checkBroker(address: string): void {
  parseAddress(address, { what: "somebody at a broker", protocols: BROKERS, example: "host:port/name" });
}

/** The system's code for why a port can't be had; null where it can. */
export function occupied(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (fault: NodeJS.ErrnoException) => resolve(fault.code ?? fault.message));
    probe.listen(port, host, () => probe.close(() => resolve(null)));
  });
}
