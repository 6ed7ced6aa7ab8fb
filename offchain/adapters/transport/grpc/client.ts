import { Client, credentials, Metadata, status } from "@grpc/grpc-js";
import { formatEndpoint } from "../common/address.ts";
import type { ConnectionOwner } from "../common/connection.ts";
import { SEAL_HEADER, SealOffer } from "../common/link-seal.ts";
import { formatAddress, type Place } from "./address.ts";
import { Call } from "./call.ts";
import { OPEN } from "./frame.ts";
import { type GrpcSettings, grpcOptions } from "./options.ts";

/** Calls a server. Each call has a connection of its own, so that none waits behind another. */
export function call(place: Place, settings: GrpcSettings, owner: ConnectionOwner): Call {
  const client = new Client(formatEndpoint(place), credentialsFor(place, settings), grpcOptions(settings));
  const { path, requestSerialize, responseDeserialize } = OPEN;
  const offer = settings.seal === "off" || place.isSecure ? null : new SealOffer();
  const metadata = new Metadata();
  if (offer !== null) metadata.set(SEAL_HEADER, offer.header);
  const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata, {});
  const dialled = new Call(stream, () => stream.cancel(), formatAddress(place), settings, owner);
  const late = setTimeout(
    () => dialled.fail(new Error(`it took over ${settings.handshakeMs} ms`)),
    settings.handshakeMs,
  ).unref();
  stream.on("metadata", (answer: Metadata) => {
    clearTimeout(late);
    const seal = offer?.take(answer.get(SEAL_HEADER)[0]) ?? null;
    if (seal !== null) dialled.useSeal(seal);
    else if (offer !== null && settings.seal === "required") {
      dialled.fail(new Error("it can't encrypt, which is required here"));
      return;
    }
    dialled.opened(null);
    owner.onOpen();
  });
  // Every error is a status too.
  stream.on("error", () => undefined);
  stream.on("status", ({ code, details }) => {
    clearTimeout(late);
    if (code !== status.OK) dialled.failed(new Error(details));
    client.close();
    dialled.ended();
  });
  return dialled;
}

function credentialsFor({ isSecure }: Place, { tls: { authorities, certificate, key } }: GrpcSettings) {
  if (!isSecure) return credentials.createInsecure();
  const pem = (text: string | undefined) => (text === undefined ? null : Buffer.from(text));
  return credentials.createSsl(pem(authorities), pem(key), pem(certificate));
}
