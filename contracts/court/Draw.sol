// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Draw
/// @notice Uniform draws from a seed.
library Draw {
    /// @notice `size` different numbers below `count`, each set of them as likely as any other. `size` is at most
    /// `count`.
    /// @dev Floyd's algorithm: one number a step. What a step draws twice is exchanged for the number that has only
    /// just come into its reach, and so can't be among the others.
    function distinct(bytes32 seed, uint256 size, uint256 count) internal pure returns (uint256[] memory picks) {
        picks = new uint256[](size);
        for (uint256 i; i < size; ++i) {
            uint256 top = count - size + i;
            uint256 pick = below(seed, i, top + 1);
            picks[i] = _contains(picks, i, pick) ? top : pick;
        }
    }

    /// @notice The `index`-th number of a seed, below `bound`, which is not 0.
    /// @dev A modulo alone would favour low numbers: 2^256 isn't a multiple of `bound`. So the words below that
    /// remainder are drawn again; for a bound of 32 bits that will not be seen to happen.
    function below(bytes32 seed, uint256 index, uint256 bound) internal pure returns (uint256) {
        uint256 remainder = (type(uint256).max - bound + 1) % bound;
        uint256 word;
        uint256 attempt;
        do {
            word = uint256(keccak256(abi.encode(seed, index, attempt)));
            ++attempt;
        } while (word < remainder);
        return word % bound;
    }

    function _contains(uint256[] memory picks, uint256 length, uint256 pick) private pure returns (bool) {
        for (uint256 i; i < length; ++i) {
            if (picks[i] == pick) return true;
        }
        return false;
    }
}
