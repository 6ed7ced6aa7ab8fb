// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Status} from "../types/Deal.sol";
import {DealHash} from "./DealHash.sol";
import {Errors} from "./Errors.sol";

/// @title Statuses
/// @notice Sets of statuses, with a bit for each, and whether a deal stands in one of a set.
library Statuses {
    uint256 internal constant COMMITTED = 1 << uint256(Status.Committed);
    uint256 internal constant DELIVERED = 1 << uint256(Status.Delivered);
    uint256 internal constant DISPUTED = 1 << uint256(Status.Disputed);
    uint256 internal constant SETTLED = 1 << uint256(Status.Settled);
    uint256 internal constant DECLARED = 1 << uint256(Status.Declared);

    /// @notice Nobody has objected yet.
    uint256 internal constant OPEN = COMMITTED | DELIVERED;

    /// @notice Price and bonds are in escrow.
    uint256 internal constant LIVE = OPEN | DISPUTED;

    /// @notice Holds a deal and its transcript against what was recorded.
    function requireIn(
        uint256 allowed,
        bytes32 deal,
        bytes32 transcript,
        bytes26 recorded,
        Status status
    ) internal pure {
        bytes26 fingerprint = DealHash.fingerprint(deal, transcript);
        if (fingerprint != recorded) revert Errors.DealMismatch(deal, fingerprint, recorded);
        if ((1 << uint256(status)) & allowed == 0) revert Errors.StatusMismatch(deal, status, allowed);
    }
}
