// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IArbitrator} from "./IArbitrator.sol";

/// @title IArbitrable
/// @notice ERC-792: a contract whose disputes an arbitrator rules. Names and types are the ERC's.
interface IArbitrable {
    /// @notice Emitted when a ruling is given.
    /// @param _disputeID Id of the dispute at that arbitrator.
    event Ruling(IArbitrator indexed _arbitrator, uint256 indexed _disputeID, uint256 _ruling);

    /// @notice Gives the ruling of a dispute. For the arbitrator that the dispute was created at.
    /// @param _ruling 0 stands for a refusal to decide.
    function rule(uint256 _disputeID, uint256 _ruling) external;
}
