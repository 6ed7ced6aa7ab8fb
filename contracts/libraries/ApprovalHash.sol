// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Approval} from "../types/Mandate.sol";

/// @title ApprovalHash
/// @notice What an approver signs, and where its word is kept.
library ApprovalHash {
    bytes32 internal constant APPROVAL_TYPEHASH = keccak256(
        "Approval(uint256 agent,uint256 tenure,uint256 counterparty,bytes32 negotiation,address token,"
        "bytes32 category,uint128 most,uint40 until,uint40 version)"
    );

    /// @notice EIP-712 struct hash of an approval.
    function hash(Approval calldata approval) internal pure returns (bytes32) {
        return keccak256(abi.encode(APPROVAL_TYPEHASH, approval));
    }

    /// @notice Key of what `approver` has recorded for what an approval names.
    function key(Approval calldata approval, address approver) internal pure returns (bytes32) {
        return
            key(
                approver,
                approval.agent,
                approval.tenure,
                approval.counterparty,
                approval.negotiation,
                approval.token,
                approval.category
            );
    }

    /// @notice Key of what `approver` has recorded for one negotiation.
    function key(
        address approver,
        uint256 agent,
        uint256 tenure,
        uint256 counterparty,
        bytes32 negotiation,
        address token,
        bytes32 category
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(approver, agent, tenure, counterparty, negotiation, token, category));
    }
}
