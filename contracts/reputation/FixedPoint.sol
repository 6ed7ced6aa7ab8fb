// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "../libraries/Errors.sol";

/// @title FixedPoint
/// @notice Adds up and averages numbers whose decimals differ.
library FixedPoint {
    /// @notice Most decimals that a number may have, and those that sums have.
    uint8 internal constant DECIMALS = 18;

    /// @notice Reverts if a number with so many decimals can't be added up.
    function requireScalable(uint8 decimals) internal pure {
        if (decimals > DECIMALS) revert Errors.DecimalsTooMany(decimals, DECIMALS);
    }

    /// @notice The same number with the decimals that sums have.
    function scale(int128 value, uint8 decimals) internal pure returns (int256) {
        return int256(value) * unit(DECIMALS - decimals);
    }

    /// @notice Average of scaled numbers, with the decimals that most of them had, and of several such the fewest. If
    /// it doesn't fit, with as many as do.
    /// @param counts How many of the numbers had each number of decimals.
    function average(
        int256 sum,
        uint64 count,
        uint64[19] memory counts
    ) internal pure returns (int128 value, uint8 decimals) {
        for (uint8 i = 1; i <= DECIMALS; ++i) {
            if (counts[i] > counts[decimals]) decimals = i;
        }
        int256 wide = sum / int256(uint256(count)) / unit(DECIMALS - decimals);
        // each number fits without decimals, so their average does
        while (wide > type(int128).max || wide < type(int128).min) {
            wide /= 10;
            --decimals;
        }
        value = int128(wide);
    }

    /// @notice 1 with so many decimals.
    function unit(uint8 decimals) internal pure returns (int256) {
        return int256(10 ** uint256(decimals));
    }
}
