// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Verdict
/// @notice From votes to a ruling. A vote is the seller's share in basis points, or a refusal.
library Verdict {
    uint256 internal constant WHOLE = 10_000;

    /// @dev Vote of a member that finds the dispute can't or shouldn't be decided.
    uint256 internal constant REFUSAL = WHOLE + 1;

    /// @dev How far a vote may be from the median and still be coherent with it.
    uint256 internal constant TOLERANCE = 1_000;

    /// @dev Rulings: 0 = refused, 1 = all to the buyer, 2 = all to the seller, 3 + n = n basis points to the seller.
    uint256 internal constant CHOICES = WHOLE + 3;

    /// @notice Ruling of at least one vote, and the range of votes that are coherent with it.
    /// @dev Refusals win by more than half of the votes, and then only they are coherent. Otherwise the median of the
    /// shares wins. With an even number of shares that is the mean of the middle two, rounded down; every share from
    /// one of them to the other is a median then, so coherence is measured from the nearer of them, and somebody is
    /// coherent always.
    function reach(uint256[] memory votes) internal pure returns (uint256 ruling, uint256 lowest, uint256 highest) {
        _sort(votes);
        uint256 shares = votes.length;
        while (shares != 0 && votes[shares - 1] == REFUSAL) --shares;
        if (votes.length > 2 * shares) return (0, REFUSAL, REFUSAL);
        uint256 low = votes[(shares - 1) / 2];
        uint256 high = votes[shares / 2];
        lowest = low < TOLERANCE ? 0 : low - TOLERANCE;
        highest = high + TOLERANCE > WHOLE ? WHOLE : high + TOLERANCE;
        ruling = _ruling((low + high) / 2);
    }

    function _ruling(uint256 share) private pure returns (uint256) {
        if (share == 0) return 1;
        if (share == WHOLE) return 2;
        return share + 3;
    }

    /// @dev By insertion: a panel is small. Refusals come last.
    function _sort(uint256[] memory votes) private pure {
        for (uint256 i = 1; i < votes.length; ++i) {
            uint256 vote = votes[i];
            uint256 j = i;
            for (; j != 0 && votes[j - 1] > vote; --j) votes[j] = votes[j - 1];
            votes[j] = vote;
        }
    }
}
