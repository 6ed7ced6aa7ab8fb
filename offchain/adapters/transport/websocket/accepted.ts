import type { WebSocket } from "ws";
import type { AgentId } from "../../../kernel/ids.ts";
import type { ChannelListener } from "../../../ports/transport.ts";
import { AcceptedChannel, type Guest } from "../common/accepted.ts";
import type { ConnectionOwner } from "../common/connection.ts";
import type { LinkSeal } from "../common/link-seal.ts";
import type { Settings } from "../common/options.ts";
import { SocketConnection } from "./connection.ts";

/** A WebSocket that a peer opened, and which agent it showed to be. */
export class AcceptedSocket extends AcceptedChannel<SocketConnection> {
  readonly agent: AgentId | null;

  /** `onEnd` is called when the channel is closed, after the listener was told. */
  constructor(
    guest: Guest,
    agent: AgentId | null,
    socket: WebSocket,
    seal: LinkSeal | null,
    settings: Settings,
    listener: ChannelListener,
    onEnd: () => void,
  ) {
    const connect = (owner: ConnectionOwner) =>
      new SocketConnection(socket, guest.peer, settings, owner, settings.idleMs, seal);
    super(guest, settings, listener, connect, onEnd);
    this.agent = agent;
  }
}
