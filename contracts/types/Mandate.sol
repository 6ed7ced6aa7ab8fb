// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What a principal lets its agent's keys commit, in one token and category. Amounts are exposures: price and
/// bond for a buyer, the bond for a seller. Stored amounts keep 56 significant bits, rounded down.
struct Mandate {
    /// @dev Most exposure of one deal.
    uint128 limit;
    /// @dev Exposure that refills within a day. Used and refilled at once, a window of w days allows budget x (1 + w).
    uint128 budget;
    /// @dev Most exposure for which the approver needn't agree.
    uint128 threshold;
    /// @dev Last second at which the mandate counts.
    uint40 expiry;
    /// @dev Who agrees above the threshold; the zero address means nobody can. Of a key without an address, such
    /// as a passkey, the last 20 bytes of the hash of its ERC-7913 signer.
    address approver;
}

/// @notice An approver's word that a deal of one negotiation may go above the threshold.
struct Approval {
    uint256 agent;
    /// @dev Tenure of the owner for whom the approver speaks.
    uint256 tenure;
    uint256 counterparty;
    bytes32 negotiation;
    address token;
    bytes32 category;
    /// @dev Most exposure of the deal; 0 takes the word back.
    uint128 most;
    /// @dev Last second at which it counts.
    uint40 until;
    /// @dev Counts the approver's words for this negotiation, from 1. Only a later one takes another's place, so that
    /// no former one can be shown again.
    uint40 version;
}
