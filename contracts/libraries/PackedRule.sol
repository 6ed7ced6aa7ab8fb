// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Mandate} from "../types/Mandate.sol";

/// @notice A mandate's rule in one word, its approver aside: limit | budget | threshold (64 bits each, rounded down to
/// 56 significant ones) | expiry (40 bits) | whether it was ever set (1 bit).
type PackedRule is uint256;

using PackedRules for PackedRule global;

/// @title PackedRules
/// @notice A commitment reads one slot for each side's mandate; three amounts fit into it because each keeps 56
/// significant bits. Rounding down makes a rule stricter by less than one part in 2^55.
library PackedRules {
    uint256 private constant MANTISSA_BITS = 56;

    /// @notice The rule as it is stored.
    function pack(Mandate memory mandate) internal pure returns (PackedRule) {
        return
            PackedRule.wrap(
                (_compact(mandate.limit) << 192) |
                    (_compact(mandate.budget) << 128) |
                    (_compact(mandate.threshold) << 64) |
                    (uint256(mandate.expiry) << 1) |
                    1
            );
    }

    /// @notice The rule with its fields apart, as it counts.
    function unpack(PackedRule self, address approver) internal pure returns (Mandate memory) {
        return
            Mandate({
                limit: uint128(self.limit()),
                budget: uint128(self.budget()),
                threshold: uint128(self.threshold()),
                expiry: uint40(self.expiry()),
                approver: approver
            });
    }

    /// @notice A rule that allows nothing: what is left of one that was removed.
    function removed() internal pure returns (PackedRule) {
        return PackedRule.wrap(1);
    }

    /// @notice True if the owner ever set this rule, even if it removed it since.
    function isSet(PackedRule self) internal pure returns (bool) {
        return PackedRule.unwrap(self) & 1 != 0;
    }

    /// @notice Most exposure that one deal may have.
    function limit(PackedRule self) internal pure returns (uint256) {
        return _amount(PackedRule.unwrap(self) >> 192);
    }

    /// @notice Exposure that refills within a day.
    function budget(PackedRule self) internal pure returns (uint256) {
        return _amount(PackedRule.unwrap(self) >> 128);
    }

    /// @notice Most exposure for which no approver is asked.
    function threshold(PackedRule self) internal pure returns (uint256) {
        return _amount(PackedRule.unwrap(self) >> 64);
    }

    /// @notice Last second of the mandate.
    function expiry(PackedRule self) internal pure returns (uint256) {
        return uint40(PackedRule.unwrap(self) >> 1);
    }

    /// @dev 56 bits of mantissa over 8 bits of exponent.
    function _compact(uint256 amount) private pure returns (uint256) {
        uint256 exponent = 0;
        while ((amount >> exponent) >> MANTISSA_BITS != 0) ++exponent;
        return ((amount >> exponent) << 8) | exponent;
    }

    function _amount(uint256 word) private pure returns (uint256) {
        return uint256(uint64(word) >> 8) << (word & 0xff);
    }
}
