import { concat, fromHex } from "../kernel/bytes.ts";
import { keccak256, keccakText } from "../kernel/hash.ts";
import type { Address, Bytes32 } from "../kernel/ids.ts";
import { AbiWords } from "./abi-words.ts";

/** What an EIP-712 signature is bound to. */
export interface Domain {
  readonly name: string;
  readonly version: string;
  readonly chainId: number;
  readonly verifyingContract: Address;
}

const DOMAIN_TYPEHASH = keccakText(
  "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)",
);

/** The domain of agreements and envelopes: one deployment of Settlement on one chain. */
export function settlementDomain(chainId: number, settlement: Address): Domain {
  return { name: "Parley Settlement", version: "1", chainId, verifyingContract: settlement };
}

/** The domain of session-key certificates: the registry, since identity outlives a version of Settlement. */
export function registryDomain(chainId: number, registry: Address): Domain {
  return { name: "ERC8004IdentityRegistry", version: "1", chainId, verifyingContract: registry };
}

export function domainSeparator(domain: Domain): Bytes32 {
  return new AbiWords(5)
    .bytes32(DOMAIN_TYPEHASH)
    .bytes32(keccakText(domain.name))
    .bytes32(keccakText(domain.version))
    .uint(domain.chainId, 256)
    .address(domain.verifyingContract)
    .keccak256();
}

/** What a wallet signs for a struct: keccak256(0x1901 || separator || struct hash). */
export function typedDigest(separator: Bytes32, structHash: Bytes32): Bytes32 {
  return keccak256(concat(Uint8Array.of(0x19, 0x01), fromHex(separator), fromHex(structHash)));
}
