// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice An agent's account in one token, in one word: meter (64 bits) | free balance (128 bits).
type PackedAccount is uint256;

using PackedAccounts for PackedAccount global;

/// @title PackedAccounts
/// @notice Reads and changes an account as a whole, so that a commitment writes balance and meter at once.
library PackedAccounts {
    /// @notice What the agent can withdraw or commit.
    function free(PackedAccount self) internal pure returns (uint256) {
        return uint128(PackedAccount.unwrap(self));
    }

    /// @notice Nanosecond up to which the daily budget is used. What lies behind the present time has refilled.
    function meter(PackedAccount self) internal pure returns (uint256) {
        return uint64(PackedAccount.unwrap(self) >> 128);
    }

    /// @notice The account with another balance, which has to fit into 128 bits.
    function withFree(PackedAccount self, uint256 balance) internal pure returns (PackedAccount) {
        return PackedAccount.wrap(((PackedAccount.unwrap(self) >> 128) << 128) | balance);
    }

    /// @notice The account with its meter moved on, to a time that fits into 64 bits.
    function withMeter(PackedAccount self, uint256 time) internal pure returns (PackedAccount) {
        return PackedAccount.wrap(uint128(PackedAccount.unwrap(self)) | (time << 128));
    }
}
