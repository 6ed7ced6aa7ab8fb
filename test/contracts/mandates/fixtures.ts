// What the tests of mandates share: mandates, approvals, and how each kind of approver agrees.
import { createHash, createPrivateKey, generateKeyPairSync, sign as signWith } from "node:crypto";
import { p256 } from "@noble/curves/nist.js";
import type { Signer } from "ethers";
import type { ApprovalStruct } from "../../../types/ethers-contracts/interfaces/ISettlement.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { settlementDomain } from "../fixtures/domains.ts";
import { type MandateTerms, makeMandate } from "../fixtures/mandates.ts";
import { DAY } from "../fixtures/time.ts";
import type { World } from "../fixtures/world.ts";
import { approvalTypes, type Deal } from "../typedData.ts";

export const RESEARCH = ethers.id("research");
export const ANY = ethers.ZeroHash;

/** A mandate as the ABI returns it. */
export function stored({ limit, budget, threshold, expiry, approver }: MandateTerms) {
  return [limit, budget, threshold, BigInt(expiry), approver];
}

export const NO_MANDATE = [0n, 0n, 0n, 0n, ethers.ZeroAddress];

/** Lets the seller go without limits and binds the buyer by one mandate, for the deals of `makeDeal`. */
export async function bindBuyer(world: World, changes: Partial<MandateTerms> = {}, category = RESEARCH): Promise<void> {
  const { settlement, buyer, buyerOwner, token } = world;
  await settlement.connect(buyerOwner).setUnlimited(buyer, false);
  await settlement.connect(buyerOwner).setMandate(buyer, token, category, await makeMandate(changes));
}

type Approval = ApprovalStruct & { most: bigint; until: number; version: bigint };

/** The buyer's approver agrees to a deal of this negotiation, for an hour. */
export async function makeApproval(world: World, deal: Deal, changes: Partial<Approval> = {}): Promise<Approval> {
  return {
    agent: deal.buyer,
    tenure: await world.registry.tenure(deal.buyer),
    counterparty: deal.seller,
    negotiation: deal.negotiation,
    token: deal.token,
    category: deal.category,
    most: deal.price + deal.buyerBond,
    until: (await networkHelpers.time.latest()) + DAY,
    version: 1n,
    ...changes,
  };
}

export async function signApproval(world: World, signer: Signer, approval: Approval): Promise<string> {
  return await signer.signTypedData(await settlementDomain(world.settlement), approvalTypes, approval);
}

export async function digestApproval(world: World, approval: Approval): Promise<string> {
  return ethers.TypedDataEncoder.hash(await settlementDomain(world.settlement), approvalTypes, approval);
}

/** A key without an address: who it is by ERC-7913, the address under which it counts, and how it signs a digest. */
export interface KeyApprover {
  signer: string;
  address: string;
  sign(digest: string): string;
}

function approverOf(verifier: string, key: Uint8Array, sign: (digest: string) => string): KeyApprover {
  const signer = ethers.concat([verifier, key]);
  return { signer, address: ethers.getAddress(ethers.dataSlice(ethers.keccak256(signer), 12)), sign };
}

/** A bare P-256 key. */
export async function plainKey(): Promise<KeyApprover> {
  const verifier = await ethers.deployContract("P256Verifier");
  const secret = p256.utils.randomSecretKey();
  const key = p256.getPublicKey(secret, false).slice(1);
  return approverOf(await verifier.getAddress(), key, (digest) =>
    ethers.hexlify(p256.sign(ethers.getBytes(digest), secret, { prehash: false, lowS: true })),
  );
}

const PRESENT = 0x01;
const VERIFIED = 0x04;

/** A passkey, as an authenticator and a browser together answer for it. */
export async function passkey(flags = PRESENT | VERIFIED): Promise<KeyApprover> {
  const verifier = await ethers.deployContract("PasskeyVerifier");
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "", d = "" } = privateKey.export({ format: "jwk" });
  const key = Buffer.concat([x, y].map((part) => Buffer.from(part, "base64url")));
  const secret = createPrivateKey({ key: { kty: "EC", crv: "P-256", x, y, d }, format: "jwk" });
  return approverOf(await verifier.getAddress(), key, (digest) => {
    const challenge = Buffer.from(ethers.getBytes(digest)).toString("base64url");
    const client = `{"type":"webauthn.get","challenge":"${challenge}","origin":"https://agent.example"}`;
    const counter = Buffer.alloc(4);
    const data = Buffer.concat([sha256("agent.example"), Buffer.from([flags]), counter]);
    const signed = signWith("sha256", Buffer.concat([data, sha256(client)]), {
      key: secret,
      dsaEncoding: "ieee-p1363",
    });
    const s = ethers.toBigInt(signed.subarray(32));
    const low = s > p256.Point.CURVE().n / 2n ? p256.Point.CURVE().n - s : s;
    return ethers.AbiCoder.defaultAbiCoder().encode(
      ["bytes32", "bytes32", "uint256", "uint256", "bytes", "string"],
      [signed.subarray(0, 32), ethers.toBeHex(low, 32), client.indexOf('"challenge"'), 1, data, client],
    );
  });
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
