import { Metadata, Server, ServerCredentials, type ServerDuplexStream, status } from "@grpc/grpc-js";
import type { ChannelListener, Listening } from "../../../ports/transport.ts";
import { AcceptedChannel } from "../common/accepted.ts";
import type { ConnectionOwner } from "../common/connection.ts";
import { answerOffer, SEAL_HEADER } from "../common/link-seal.ts";
import { CLOSE_MS } from "../common/options.ts";
import { formatAddress, type Place } from "./address.ts";
import { Call } from "./call.ts";
import { Doorkeeper } from "./doorkeeper.ts";
import { type Frame, OPEN } from "./frame.ts";
import { type GrpcSettings, type GrpcTlsOptions, grpcOptions } from "./options.ts";

/** Megabytes that HTTP/2 may keep for one connection, besides what a call has buffered, before it takes no new call. */
const SESSION_MEGABYTES = 16;

/** Accepts calls at a port of this machine. */
export async function listen(place: Place, settings: GrpcSettings, listener: ChannelListener): Promise<Listening> {
  const server = new Server({ ...grpcOptions(settings), "grpc-node.max_session_memory": SESSION_MEGABYTES });
  const injector = server.createConnectionInjector(credentialsFor(place, settings.tls));
  const door = new Doorkeeper(settings, (socket) => injector.injectConnection(socket));
  const channels = new Set<AcceptedChannel>();
  server.addService(
    { open: OPEN },
    {
      open: (stream: ServerDuplexStream<Frame, Frame>) => {
        const answer =
          place.isSecure || settings.seal === "off" ? null : answerOffer(stream.metadata.get(SEAL_HEADER)[0]);
        if (channels.size >= settings.maxConnections) {
          refuse(stream, status.RESOURCE_EXHAUSTED, "there are as many channels here as may be");
        } else if (answer === null && settings.seal === "required" && !place.isSecure) {
          refuse(stream, status.FAILED_PRECONDITION, "only encrypted channels here");
        } else accept(stream, answer, door, channels, settings, listener);
      },
    },
  );
  const port = await door.open(place);
  let closed: Promise<void> | null = null;
  return {
    address: formatAddress({ ...place, port }),
    close: () => {
      closed ??= shut();
      return closed;
    },
  };

  async function shut(): Promise<void> {
    const empty = door.close();
    for (const channel of channels) channel.close();
    injector.drain(CLOSE_MS);
    const late = setTimeout(() => door.dropAll(), CLOSE_MS);
    await empty;
    clearTimeout(late);
    server.forceShutdown();
  }
}

function accept(
  stream: ServerDuplexStream<Frame, Frame>,
  answer: ReturnType<typeof answerOffer>,
  door: Doorkeeper,
  channels: Set<AcceptedChannel>,
  settings: GrpcSettings,
  listener: ChannelListener,
): void {
  const peer = stream.getPeer();
  const connect = (owner: ConnectionOwner) => {
    const call = new Call(stream, () => door.drop(peer), peer, settings, owner);
    // Whoever hangs up has heard all that it wanted to.
    stream.on("end", () => call.close());
    stream.on("close", () => call.ended());
    const metadata = new Metadata();
    if (answer !== null) {
      metadata.set(SEAL_HEADER, answer.header);
      call.useSeal(answer.seal);
    }
    stream.sendMetadata(metadata);
    call.opened(settings.idleMs);
    return call;
  };
  const channel: AcceptedChannel = new AcceptedChannel(
    { peer, origin: door.originOf(peer) },
    settings,
    listener,
    connect,
    () => {
      channels.delete(channel);
      door.hungUp(peer);
    },
  );
  channels.add(channel);
  door.called(peer);
  channel.opened();
}

function refuse(stream: ServerDuplexStream<Frame, Frame>, code: status, details: string): void {
  stream.emit("error", { code, details });
}

function credentialsFor({ isSecure }: Place, { authorities, certificate, key, mutual }: GrpcTlsOptions) {
  if (!isSecure || certificate === undefined || key === undefined) return ServerCredentials.createInsecure();
  const roots = authorities === undefined ? null : Buffer.from(authorities);
  const pair = { private_key: Buffer.from(key), cert_chain: Buffer.from(certificate) };
  return ServerCredentials.createSsl(roots, [pair], mutual === true);
}
