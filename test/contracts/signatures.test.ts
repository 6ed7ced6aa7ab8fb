// How Settlement checks signatures: of a session key by the chain's precompile first, then by the verifier; the lower s alone.
import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { expect } from "chai";
import type { HashProbe } from "../../types/ethers-contracts/index.ts";
import { ethers } from "./fixtures/chain.ts";

const ORDER = p256.Point.CURVE().n;
const ONE = ethers.zeroPadValue("0x01", 32);

/** What the key 1 signs with the nonce 1, chosen so that `s` is what is asked for. */
function signedWith(s: bigint, curve = p256): { digest: string; signature: [string, string]; key: [string, string] } {
  const order = curve.Point.CURVE().n;
  const { x, y } = curve.Point.BASE.toAffine();
  const r = x % order;
  const digest = (((s - r) % order) + order) % order;
  return { digest: word(digest), signature: [word(r), word(s)], key: [word(x), word(y)] };
}

function word(value: bigint): string {
  return ethers.toBeHex(value, 32);
}

describe("a session key's signature", () => {
  let probe: HashProbe;
  let verifier: string;

  beforeEach(async () => {
    probe = await ethers.deployContract("HashProbe");
    const registry = await ethers.deployContract("AgentRegistry");
    const extension = await ethers.deployContract("SettlementExtension", [registry, ethers.ZeroAddress]);
    verifier = await extension.verifier();
  });

  async function isGood(s: bigint, changes: { verifier?: string; digest?: string; scratch?: string } = {}) {
    const { digest, signature, key } = signedWith(s);
    return await probe.signedP256(
      changes.verifier ?? verifier,
      changes.digest ?? digest,
      signature,
      key,
      changes.scratch ?? ethers.ZeroHash,
    );
  }

  it("given the precompile's yes, needs no verifier", async () => {
    expect(await isGood(12_345n, { verifier: ethers.ZeroAddress })).to.equal(true);
  });

  it("given its no, is left to the verifier, which says no too", async () => {
    const nobody = isGood(12_345n, { verifier: ethers.ZeroAddress, digest: ONE });
    await expect(nobody).to.be.revertedWithoutReason(ethers);
  });

  it("given what isn't signed, is refused whatever was left in memory", async () => {
    for (const scratch of [ethers.ZeroHash, ONE, ethers.MaxUint256]) {
      expect(await isGood(12_345n, { digest: ONE, scratch: ethers.toBeHex(scratch, 32) })).to.equal(false);
    }
  });

  it("counts up to half of the order, and not beyond", async () => {
    const half = ORDER / 2n;
    expect(await isGood(half)).to.equal(true);
    expect(await isGood(half + 1n)).to.equal(false);
  });
});

describe("a wallet's signature", () => {
  it("counts up to half of the order, and not beyond", async () => {
    const probe = await ethers.deployContract("HashProbe");
    const wallet = new ethers.Wallet(ONE).address;
    const half = secp256k1.Point.CURVE().n / 2n;
    const isGood = async (s: bigint, v: string) => {
      const { digest, signature } = signedWith(s, secp256k1);
      return await probe.signed(wallet, digest, ethers.concat([...signature, v]));
    };
    expect(await isGood(half, "0x1b")).to.equal(true);
    for (const v of ["0x1b", "0x1c"]) expect(await isGood(half + 1n, v)).to.equal(false);
  });
});
