import { ParleyError } from "../kernel/errors.ts";
import type { PublicKey, SessionSigner } from "../ports/crypto.ts";
import type { Certificate } from "../terms/certificate.ts";

/** The session keys that an agent's negotiations sign with. */
export interface SigningKeys {
  /**
   * The certificate that something new begins with. It lasts until then (Unix seconds) and somewhat longer; throws a
   * `Refusal` where none does.
   */
  certificate(until: number): Certificate;
  /** Signs with the key that something was begun with; throws `KeysChanged` where that one is not here. */
  signer(key: PublicKey): SessionSigner;
}

/** One key that never changes, for whoever makes and ends it elsewhere. */
export function fixedKey(signer: SessionSigner, certificate: Certificate): SigningKeys {
  return {
    certificate: () => certificate,
    signer: (key) => {
      if (isSameKey(key, signer.publicKey)) return signer;
      throw keysChanged();
    },
  };
}

export function isSameKey(one: PublicKey, other: PublicKey): boolean {
  return one.x === other.x && one.y === other.y;
}

export function keysChanged(): ParleyError<"KeysChanged"> {
  return new ParleyError("KeysChanged", "this was begun with a session key that is not here any more", {
    hint: "start the agent with the key file that it had then",
  });
}
