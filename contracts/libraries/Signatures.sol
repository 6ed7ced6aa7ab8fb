// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title Signatures
/// @notice Whether a wallet signed a digest. The key behind an address is asked before the code at it, so that an EOA
/// that delegates to code (EIP-7702) can't use that code to disown what its key has signed.
library Signatures {
    /// @notice Most gas that a contract wallet may use to answer; it can't make the caller pay for more.
    uint256 internal constant ERC1271_GAS = 400_000;

    /// @notice True if `wallet` signed `digest`, as an EOA with the lower of both possible `s`, or by ERC-1271.
    /// @dev A contract's answer is only as constant as the contract, and one that is left too little gas fails: never
    /// let a third party win by `false`.
    function signed(address wallet, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        (address signer, ECDSA.RecoverError err, ) = ECDSA.tryRecoverCalldata(digest, signature);
        if (err == ECDSA.RecoverError.NoError && signer == wallet) return true;
        return wallet.code.length != 0 && _contractSigned(wallet, digest, signature);
    }

    /// @notice True if the EOA `wallet` signed `digest`; the signature in the 64 bytes of ERC-2098.
    function signed(address wallet, bytes32 digest, bytes32 r, bytes32 vs) internal pure returns (bool) {
        (address signer, ECDSA.RecoverError err, ) = ECDSA.tryRecover(digest, r, vs);
        return err == ECDSA.RecoverError.NoError && signer == wallet;
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
