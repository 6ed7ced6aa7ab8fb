// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IArbitrable} from "./IArbitrable.sol";

/// @title IArbitrator
/// @notice ERC-792: a contract that rules the disputes of others, for a fee in native coin. Names and types are the
/// ERC's.
interface IArbitrator {
    /// @notice Where a dispute stands: being judged, open to an appeal, or over.
    enum DisputeStatus {
        Waiting,
        Appealable,
        Solved
    }

    /// @notice Emitted when a dispute is created.
    /// @param _arbitrable Contract that created it and will be given the ruling.
    event DisputeCreation(uint256 indexed _disputeID, IArbitrable indexed _arbitrable);

    /// @notice Emitted when a dispute can be appealed.
    event AppealPossible(uint256 indexed _disputeID, IArbitrable indexed _arbitrable);

    /// @notice Emitted when the current ruling is appealed.
    event AppealDecision(uint256 indexed _disputeID, IArbitrable indexed _arbitrable);

    /// @notice Creates a dispute. The caller is the arbitrable contract and pays at least `arbitrationCost`.
    /// @param _choices How many rulings there are besides 0.
    /// @param _extraData Whatever else this arbitrator wants to know.
    /// @return disputeID Never given out before.
    function createDispute(uint256 _choices, bytes calldata _extraData) external payable returns (uint256 disputeID);

    /// @notice What `createDispute` costs.
    function arbitrationCost(bytes calldata _extraData) external view returns (uint256 cost);

    /// @notice Appeals the current ruling. The caller pays at least `appealCost`.
    function appeal(uint256 _disputeID, bytes calldata _extraData) external payable;

    /// @notice What `appeal` costs.
    function appealCost(uint256 _disputeID, bytes calldata _extraData) external view returns (uint256 cost);

    /// @notice When the current ruling can be appealed; (0, 0) if that isn't known or not possible.
    function appealPeriod(uint256 _disputeID) external view returns (uint256 start, uint256 end);

    /// @notice Where a dispute stands.
    function disputeStatus(uint256 _disputeID) external view returns (DisputeStatus status);

    /// @notice The ruling that was given, or that will be given if there is no appeal.
    function currentRuling(uint256 _disputeID) external view returns (uint256 ruling);
}
