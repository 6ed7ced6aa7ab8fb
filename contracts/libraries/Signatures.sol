// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";

/// @title Signatures
/// @notice Whether a wallet signed a digest. The key behind an address is asked before the code at it, so that an EOA
/// that delegates to code (EIP-7702) can't use that code to disown what its key has signed.
library Signatures {
    /// @notice Most gas that a contract wallet may use to answer; it can't make the caller pay for more.
    uint256 internal constant ERC1271_GAS = 400_000;

    bytes32 private constant HIGHEST_BIT = bytes32(uint256(1) << 255);

    uint256 private constant SECP256K1_HALF_N = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    address private constant P256_PRECOMPILE = address(0x100);

    uint256 private constant P256_HALF_N = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8;

    /// @notice True if `wallet` signed `digest`, as an EOA in 65 bytes or in the 64 of ERC-2098, or by ERC-1271.
    /// @dev A contract's answer is only as constant as the contract, and one that is left too little gas fails: never
    /// let a third party win by `false`.
    function signed(address wallet, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        bytes32 r;
        bytes32 s;
        uint8 v;
        assembly ("memory-safe") {
            r := calldataload(signature.offset)
            s := calldataload(add(signature.offset, 0x20))
            v := byte(0, calldataload(add(signature.offset, 0x40)))
        }
        if (signature.length == 65 && _recovers(wallet, digest, v, r, s)) return true;
        if (signature.length == 64 && signed(wallet, digest, r, s)) return true;
        return wallet.code.length != 0 && _contractSigned(wallet, digest, signature);
    }

    /// @notice True if the EOA `wallet` signed `digest`; the signature in the 64 bytes of ERC-2098.
    function signed(address wallet, bytes32 digest, bytes32 r, bytes32 vs) internal pure returns (bool) {
        return _recovers(wallet, digest, uint8(uint256(vs) >> 255) + 27, r, vs & ~HIGHEST_BIT);
    }

    /// @notice True if the P-256 key (x, y) signed `digest` with the lower of both possible `s`.
    /// @dev Where the chain has the precompile of EIP-7951, its yes is enough. A no, or no answer at all, is left to
    /// the verifier, which computes.
    function signedP256(
        IERC7913SignatureVerifier verifier,
        bytes32 digest,
        bytes32 r,
        bytes32 s,
        bytes32 x,
        bytes32 y
    ) internal view returns (bool) {
        if (uint256(s) > P256_HALF_N) return false;
        bytes memory data = abi.encode(digest, r, s, x, y);
        address precompile = P256_PRECOMPILE;
        bool yes;
        assembly ("memory-safe") {
            mstore(0x00, 0)
            let done := staticcall(gas(), precompile, add(data, 0x20), mload(data), 0x00, 0x20)
            yes := and(done, eq(mload(0x00), 1))
        }
        if (yes) return true;
        return verifier.verify(abi.encode(x, y), digest, abi.encode(r, s)) == IERC7913SignatureVerifier.verify.selector;
    }

    /// @dev Of the two possible `s` only the lower counts, so that a signature has one form.
    function _recovers(address wallet, bytes32 digest, uint8 v, bytes32 r, bytes32 s) private pure returns (bool) {
        if (uint256(s) > SECP256K1_HALF_N) return false;
        address signer = ecrecover(digest, v, r, s);
        return signer == wallet && signer != address(0);
    }

    /// @dev Copies no more than one word of the answer, however much the wallet returns.
    function _contractSigned(address wallet, bytes32 digest, bytes calldata signature) private view returns (bool ok) {
        bytes memory data = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
        bytes4 magic = IERC1271.isValidSignature.selector;
        uint256 gasLimit = ERC1271_GAS;
        assembly ("memory-safe") {
            let answered := staticcall(gasLimit, wallet, add(data, 0x20), mload(data), 0x00, 0x20)
            ok := and(answered, and(gt(returndatasize(), 0x1f), eq(mload(0x00), magic)))
        }
    }
}
