// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Stage} from "../types/Trial.sol";

/// @title CourtErrors
/// @notice Every way in which the Court refuses, except those it shares with Settlement: those stand in `Errors`.
library CourtErrors {
    // Parameters

    /// @notice Thrown when a Court would be deployed with a parameter outside its bounds.
    error ParameterOutOfRange(bytes32 parameter, uint256 actual, uint256 lowest, uint256 highest);

    /// @notice Thrown when a Court would be deployed with a panel whose votes can halve.
    error PanelSizeEven(uint256 size);

    // Seats

    /// @notice Thrown when the caller has taken its seat already, or would release the stake without leaving it.
    error SeatTakenAlready(address holder);

    /// @notice Thrown when the caller has no seat to leave.
    error SeatNotTaken(address holder);

    /// @notice Thrown when what is deposited isn't exactly what the seat lacks.
    error StakeMismatch(uint256 actual, uint256 expected);

    /// @notice Thrown when the seat sits on panels that are not counted yet.
    error SeatOnPanel(address holder, uint256 panels);

    /// @notice Thrown when disputes that are older than the leave may still draw the seat.
    error StakeBound(address holder, uint256 time, uint256 until);

    /// @notice Thrown when there is no stake to release.
    error StakeEmpty(address holder);

    /// @notice Thrown when there is no credit to withdraw.
    error CreditEmpty(address account);

    // Disputes

    /// @notice Thrown when a dispute would be created with another set of rulings than the Court's.
    error ChoicesMismatch(uint256 actual, uint256 expected);

    /// @notice Thrown when the extra data is neither empty nor one number.
    error ExtraDataInvalid(uint256 length, uint256 expected);

    /// @notice Thrown when the Court can't promise to rule, and to be heard, within the time that is asked for.
    error RulingTooSlow(uint256 needed, uint256 rulingWithin);

    /// @notice Thrown when fewer seats are older than the dispute than its first panel needs.
    error SeatsTooFew(uint256 actual, uint256 needed);

    /// @notice Thrown when less is paid than the panel costs.
    error FeeTooLow(uint256 actual, uint256 needed);

    /// @notice Thrown when there is no such dispute.
    error DisputeUnknown(uint256 dispute, uint256 disputes);

    /// @notice Thrown when the act doesn't fit the stage of the dispute.
    error StageMismatch(uint256 dispute, Stage actual, Stage expected);

    /// @notice Thrown when evidence comes after the last vote that it could move.
    error DisputeOver(uint256 dispute, Stage stage);

    // Panels and votes

    /// @notice Thrown when the panel would be drawn before the block that it is drawn from is part of the chain.
    error SeedBlockPending(uint256 dispute, uint256 number, uint256 seedBlock);

    /// @notice Thrown when the header is not that of the block which the panel is drawn from.
    error HeaderMismatch(uint256 dispute, bytes32 actual, bytes32 expected);

    /// @notice Thrown when the caller doesn't sit on the round's panel.
    error NotOnPanel(uint256 dispute, uint256 round, address caller);

    /// @notice Thrown when the member has committed or revealed already.
    error VotedAlready(uint256 dispute, uint256 round, address voter);

    /// @notice Thrown when the member has no commitment to reveal.
    error CommitmentMissing(uint256 dispute, uint256 round, address voter);

    /// @notice Thrown when the vote is neither a share nor the refusal.
    error VoteInvalid(uint256 vote, uint256 limit);

    /// @notice Thrown when vote and salt are not the ones that were committed.
    error CommitmentMismatch(bytes32 actual, bytes32 expected);

    /// @notice Thrown when the round would be counted while it is still open.
    error RoundOpen(uint256 dispute, uint256 time, uint256 until);

    /// @notice Thrown when the round is counted already.
    error RoundCountedAlready(uint256 dispute, uint256 round);

    /// @notice Thrown when too little gas is left to give the arbitrable what it is entitled to.
    error GasTooLow(uint256 actual, uint256 needed);
}
