// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A dispute over a delivered deal.
struct DisputeRecord {
    /// @dev Seller's share of the price that the buyer owns to, in basis points.
    uint16 buyerShare; // slot 0
    /// @dev Seller's share that the seller states; all, until it answers.
    uint16 sellerShare; // slot 0
    /// @dev Last second at which a ruling counts.
    uint40 rulingUntil; // slot 0
    /// @dev ERC-792 ruling once `ruled`; 0 if it was refused or made no sense.
    uint16 ruling; // slot 0
    bool answered; // slot 0
    bool referred; // slot 0
    bool ruled; // slot 0
}
