/** Whether a chain verifies P-256 signatures by precompile (EIP-7951). Node's own cryptography signs the question. */
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { bytesToHex, concat, type Hex, numberToHex, type PublicClient } from "viem";

const PRECOMPILE: Hex = "0x0000000000000000000000000000000000000100";

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** A signature that is good; hexadecimal, and with low s, as Parley's are. */
export interface Specimen {
  readonly hash: Hex;
  readonly signature: Hex;
  readonly key: Hex;
}

export function specimen(): Specimen {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const said = Buffer.from("is there a precompile?");
  const signature = sign("sha256", said, { key: privateKey, dsaEncoding: "ieee-p1363" });
  const s = BigInt(`0x${signature.subarray(32).toString("hex")}`);
  const low = numberToHex(s > ORDER / 2n ? ORDER - s : s, { size: 32 });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  return {
    hash: bytesToHex(createHash("sha256").update(said).digest()),
    signature: concat([bytesToHex(signature.subarray(0, 32)), low]),
    key: bytesToHex(Buffer.concat([Buffer.from(x, "base64url"), Buffer.from(y, "base64url")])),
  };
}

/** True if the precompile accepts what is good and refuses what isn't. */
export async function hasPrecompile(reads: PublicClient): Promise<boolean> {
  const { hash, signature, key } = specimen();
  const ask = async (about: Hex) => (await reads.call({ to: PRECOMPILE, data: concat([about, signature, key]) })).data;
  const [good, bad] = await Promise.all([ask(hash), ask(numberToHex(BigInt(hash) ^ 1n, { size: 32 }))]);
  return good !== undefined && BigInt(good) === 1n && (bad === undefined || BigInt(bad) === 0n);
}
