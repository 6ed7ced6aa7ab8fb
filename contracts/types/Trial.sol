// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What a Court is deployed with and keeps for good.
struct CourtParameters {
    /// @dev What a seat costs, in native coin; returned when it is given up, less what was lost.
    uint96 seatStake;
    /// @dev What each vote of a panel costs whoever asks for it.
    uint96 feePerVote;
    /// @dev Part of the stake, in basis points, that a seat loses for a vote far from the median, or for none.
    uint16 penaltyShare;
    /// @dev Blocks from the opening of a round to the block that its panel is drawn from.
    uint16 seedDelay;
    /// @dev Seconds within which a panel is drawn.
    uint32 drawTime;
    /// @dev Seconds within which its members commit their votes.
    uint32 commitTime;
    /// @dev Seconds within which they reveal them.
    uint32 revealTime;
    /// @dev Seconds within which the ruling may be appealed.
    uint32 appealTime;
    /// @dev Seats on the first panel, and on the panels of both appeals; odd, each larger than the one before.
    uint8[3] panelSizes;
}

/// @notice Where a dispute stands. It follows from the clock alone, except that a panel has to be drawn and a ruling to
/// be executed.
enum Stage {
    /// @dev There is no such dispute.
    None,
    /// @dev The round's panel is to be drawn.
    Drawing,
    /// @dev Members commit their votes.
    Committing,
    /// @dev Members reveal them.
    Revealing,
    /// @dev The ruling may be appealed.
    Appealable,
    /// @dev The ruling is final, and the arbitrable is to be given it.
    Ruled,
    /// @dev The arbitrable has taken it.
    Executed
}

/// @notice What a member of a panel has done.
enum Ballot {
    None,
    Committed,
    Revealed
}

/// @notice One address's seat.
struct Seat {
    /// @dev What it has at stake: all of `seatStake` while it is taken.
    uint96 stake; // slot 0
    /// @dev When it was given up or lost; 0 while it is taken.
    uint40 leftAt; // slot 0
    /// @dev Number of the place it takes, from 1; 0 if it is not taken, so that new disputes don't find it.
    uint32 place; // slot 0
    /// @dev Panels that it sits on and that are not counted yet.
    uint32 panels; // slot 0
}

/// @notice A dispute.
struct Case {
    /// @dev Contract that created it.
    address arbitrable; // slot 0
    uint40 createdAt; // slot 0
    /// @dev Seats that were taken before that second; all its panels are drawn from these.
    uint32 olderSeats; // slot 0
    /// @dev Rounds opened so far: one, and one for each appeal.
    uint8 rounds; // slot 0
    bool executed; // slot 0
}

/// @notice A panel's judgement.
struct Round {
    /// @dev Block whose PREVRANDAO the panel is drawn from.
    uint48 seedBlock; // slot 0
    /// @dev Last second for committing; 0 before the panel is drawn.
    uint40 commitBy; // slot 0
    /// @dev Last second for revealing; before the panel is drawn, the last second for drawing it.
    uint40 revealBy; // slot 0
    /// @dev Members of the panel; 0 before it is drawn.
    uint8 size; // slot 0
    uint8 committed; // slot 0
    uint8 revealed; // slot 0
    /// @dev Whether the votes are counted, and stakes and fees shared out.
    bool counted; // slot 0
    /// @dev Once counted: the dispute's ruling as it stands after this round.
    uint16 ruling; // slot 0
    /// @dev Who paid this round's fees.
    address payer; // slot 1
}

/// @notice A member of a panel.
struct Member {
    address holder; // slot 0
    /// @dev Once revealed: the seller's share in basis points, or one more than the whole for a refusal.
    uint16 vote; // slot 0
    Ballot ballot; // slot 0
    bytes32 commitment; // slot 1
}
