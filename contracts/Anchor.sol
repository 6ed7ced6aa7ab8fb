// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {IAgentRegistry} from "./interfaces/IAgentRegistry.sol";
import {IAnchor} from "./interfaces/IAnchor.sol";
import {Agents} from "./libraries/Agents.sol";
import {Errors} from "./libraries/Errors.sol";

/// @title Anchor
/// @notice Merkle roots of audit logs and scores, by agent, topic and epoch. Nobody administers it.
contract Anchor is IAnchor {
    using Agents for IAgentRegistry;

    /// @inheritdoc IAnchor
    IAgentRegistry public immutable registry;

    /// @inheritdoc IAnchor
    mapping(uint256 agent => mapping(bytes32 topic => mapping(uint64 epoch => bytes32))) public rootOf;

    /// @inheritdoc IAnchor
    mapping(uint256 agent => mapping(bytes32 topic => uint64)) public latestEpoch;

    /// @notice Deploys an anchor for the agents of one registry.
    /// @param registry_ Where the agents are registered; it can't be exchanged later.
    constructor(IAgentRegistry registry_) {
        registry = registry_;
    }

    /// @inheritdoc IAnchor
    function anchor(uint256 agent, bytes32 topic, uint64 epoch, bytes32 root, string calldata uri) external {
        if (!registry.speaksFor(msg.sender, agent)) revert Errors.NotOwnerOrWallet(agent, msg.sender);
        if (root == 0) revert Errors.RootZero(agent, topic);
        uint64 latest = latestEpoch[agent][topic];
        if (epoch <= latest) revert Errors.EpochNotLater(agent, topic, epoch, latest);
        // a jump to the highest number would leave no epoch to anybody who comes after
        if (epoch > block.timestamp) revert Errors.EpochTooFar(agent, topic, epoch, block.timestamp);
        latestEpoch[agent][topic] = epoch;
        rootOf[agent][topic][epoch] = root;
        emit Anchored(agent, topic, epoch, root, uri);
    }

    /// @inheritdoc IAnchor
    function verify(
        uint256 agent,
        bytes32 topic,
        uint64 epoch,
        bytes32 record,
        bytes32[] calldata proof
    ) external view returns (bool) {
        bytes32 root = rootOf[agent][topic][epoch];
        bytes32 leaf = keccak256(bytes.concat(keccak256(bytes.concat(record))));
        return root != 0 && MerkleProof.verifyCalldata(proof, root, leaf);
    }
}
