// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "./Errors.sol";

/// @title Deadlines
/// @notice When an act on a deal is too late or too early. The last second of a time belongs to it.
library Deadlines {
    /// @notice Time for receipts that were signed before the end of the delivery period to arrive.
    uint256 internal constant GRACE = 24 hours;

    /// @notice Time for the seller to answer a dispute.
    uint256 internal constant STATEMENT_PERIOD = 24 hours;

    /// @notice Refuses after the deadline.
    function requireUntil(bytes32 deal, uint256 deadline) internal view {
        if (block.timestamp > deadline) revert Errors.DeadlinePassed(deal, block.timestamp, deadline);
    }

    /// @notice Refuses up to the deadline.
    function requireAfter(bytes32 deal, uint256 deadline) internal view {
        if (block.timestamp <= deadline) revert Errors.DeadlineNotPassed(deal, block.timestamp, deadline);
    }
}
