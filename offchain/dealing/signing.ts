import type { Bytes32 } from "../kernel/ids.ts";
import type { SessionSigner } from "../ports/crypto.ts";
import { envelopePreimage } from "../terms/envelope.ts";
import type { Message } from "../terms/message.ts";
import type { Effect } from "./state.ts";

/** Signs what a step wants said. A signature that never leaves the process binds nobody. */
export async function signSends(
  separator: Bytes32,
  signer: SessionSigner,
  effects: readonly Effect[],
): Promise<Message[]> {
  const signed: Message[] = [];
  for (const effect of effects) {
    if (effect.do !== "send") continue;
    const { envelope, body } = effect;
    signed.push({ envelope, body, signature: await signer.sign(envelopePreimage(separator, envelope)) });
  }
  return signed;
}
