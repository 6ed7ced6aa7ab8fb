// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title SeedBlock
/// @notice Hashes of past blocks, as far back as the chain knows them.
library SeedBlock {
    /// @dev System contract of EIP-2935: it answers for the last 8,191 blocks and reverts for others.
    address private constant HISTORY = 0x0000F90827F1C53a10cb7A02335B175320002935;

    /// @dev What it needs, many times over; a chain that has something else there can't eat the caller's gas.
    uint256 private constant GAS = 50_000;

    /// @notice Hash of a block before the present one; 0 if the chain doesn't know it any more.
    function hashOf(uint256 blockNumber) internal view returns (bytes32 hash) {
        hash = blockhash(blockNumber);
        if (hash != 0) return hash;
        bool ok;
        assembly ("memory-safe") {
            mstore(0x00, blockNumber)
            ok := staticcall(GAS, HISTORY, 0x00, 0x20, 0x00, 0x20)
            ok := and(ok, eq(returndatasize(), 0x20))
            hash := mul(ok, mload(0x00))
        }
    }
}
