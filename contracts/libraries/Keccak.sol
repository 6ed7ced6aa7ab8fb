// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Keccak
/// @notice Keccak-256 of a few words, as of `abi.encode`, without taking memory for them: keys and hashes that every
/// act computes.
library Keccak {
    /// @notice Hash of two words.
    function hash(bytes32 a, bytes32 b) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            mstore(0x00, a)
            mstore(0x20, b)
            result := keccak256(0x00, 0x40)
        }
    }

    /// @notice Hash of three words.
    function hash(bytes32 a, bytes32 b, bytes32 c) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, a)
            mstore(add(data, 0x20), b)
            mstore(add(data, 0x40), c)
            result := keccak256(data, 0x60)
        }
    }

    /// @notice Hash of four words.
    function hash(bytes32 a, bytes32 b, bytes32 c, bytes32 d) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, a)
            mstore(add(data, 0x20), b)
            mstore(add(data, 0x40), c)
            mstore(add(data, 0x60), d)
            result := keccak256(data, 0x80)
        }
    }

    /// @notice Hash of five words.
    function hash(bytes32 a, bytes32 b, bytes32 c, bytes32 d, bytes32 e) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, a)
            mstore(add(data, 0x20), b)
            mstore(add(data, 0x40), c)
            mstore(add(data, 0x60), d)
            mstore(add(data, 0x80), e)
            result := keccak256(data, 0xa0)
        }
    }
}
