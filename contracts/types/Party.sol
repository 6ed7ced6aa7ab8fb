// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PackedAccount} from "../libraries/PackedAccount.sol";

/// @notice An agent as the registry sees it at this moment, and what a commitment is about to do to its account.
struct Party {
    uint256 agent;
    /// @dev Address that speaks for the agent; zero if there is none.
    address wallet;
    /// @dev Key epoch; zero if there is no such agent.
    uint256 epoch;
    /// @dev How many owners the agent has had.
    uint256 tenure;
    /// @dev Last second at which nothing may be withdrawn or committed.
    uint256 lockedUntil;
    /// @dev Where its account stands, and the account less the exposure: written together once nothing refuses.
    bytes32 slot;
    PackedAccount charged;
}
