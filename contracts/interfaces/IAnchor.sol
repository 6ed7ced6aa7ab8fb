// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAgentRegistry} from "./IAgentRegistry.sol";

/// @title IAnchor
/// @notice Merkle roots by which agents commit to what they keep off-chain: audit logs, scores.
///
/// A root says that a set of records existed at that time and hasn't changed since; whether they are true, complete or
/// still to be had, it doesn't say.
///
/// Hazards. A root can't be changed or taken back. Epochs only grow, so whoever anchors the present second's
/// number, as a stolen wallet may, ends a topic's small ones; go on with those of later seconds. Topics stay with the
/// agent when its token is sold.
interface IAnchor {
    /// @notice Emitted when a root was anchored.
    /// @param uri Where the records stand; may be empty. Not stored.
    event Anchored(uint256 indexed agent, bytes32 indexed topic, uint64 indexed epoch, bytes32 root, string uri);

    /// @notice Anchors a root. For owner and wallet of the agent, once for each epoch of a topic.
    /// @param topic What the records are about, as the agent names it.
    /// @param epoch Later than all epochs of the topic so far; the first is at least 1. Gaps are allowed, up to the
    /// number of the present second.
    /// @param root Root of the Merkle tree over the records; see `verify`.
    /// @param uri Where the records stand; may be empty.
    function anchor(uint256 agent, bytes32 topic, uint64 epoch, bytes32 root, string calldata uri) external;

    /// @notice Root of an epoch, zero if there is none.
    function rootOf(uint256 agent, bytes32 topic, uint64 epoch) external view returns (bytes32);

    /// @notice Latest epoch of a topic, 0 if there is none.
    function latestEpoch(uint256 agent, bytes32 topic) external view returns (uint64);

    /// @notice Whether a record is in an epoch's tree; false if nothing was anchored.
    /// @dev A leaf of the tree is keccak256(keccak256(record)), so that no inner node passes for a record; inner nodes
    /// hash their two children in ascending order. OpenZeppelin's StandardMerkleTree over ["bytes32"] makes the same.
    /// @param record Hash that stands for the record.
    /// @param proof Siblings from the leaf up.
    function verify(
        uint256 agent,
        bytes32 topic,
        uint64 epoch,
        bytes32 record,
        bytes32[] calldata proof
    ) external view returns (bool);

    /// @notice Where the agents are registered.
    function registry() external view returns (IAgentRegistry);
}
