// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What can be done to a deal.
enum Act {
    /// @dev `commit` and `commitBySession`.
    Commit,
    Deliver,
    Accept,
    Claim,
    /// @dev `claimReceipt` that leaves the deal open.
    ClaimReceipt,
    /// @dev `claimReceipt` that ends it.
    Close,
    Refund,
    Split,
    Dispute,
    Answer,
    Refer,
    Execute,
    Lapse,
    Cure,
    Penalise
}
