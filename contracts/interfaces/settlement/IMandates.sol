// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Deal} from "../../types/Deal.sol";
import {Approval, Mandate} from "../../types/Mandate.sol";

/// @title IMandates
/// @notice What principals let their agents' keys commit. A mandate is set for a token and a category, belongs to the
/// owner's tenure and ends with it; an agent without one can commit nothing, unless its owner set it unlimited.
///
/// A deal is judged by the mandate of its own category if one was ever set there, else by that of category 0.
interface IMandates {
    /// @notice Emitted when an owner set a mandate, as it counts: amounts rounded to what is stored. A removed one has
    /// only zeros.
    event MandateSet(
        uint256 indexed agent,
        address indexed token,
        bytes32 indexed category,
        uint256 tenure,
        Mandate mandate
    );

    /// @notice Emitted when an owner let its agent commit without mandate where none is set, or took that back.
    event UnlimitedSet(uint256 indexed agent, uint256 indexed tenure, bool unlimited);

    /// @notice Emitted when an approver's word was recorded.
    event ApprovalRecorded(
        address indexed approver,
        uint256 indexed agent,
        bytes32 indexed negotiation,
        Approval approval
    );

    /// @notice Sets a mandate. For the owner only.
    function setMandate(uint256 agent, address token, bytes32 category, Mandate calldata mandate) external;

    /// @notice Removes a mandate: the category then allows nothing, whatever category 0 says. For the owner only.
    function removeMandate(uint256 agent, address token, bytes32 category) external;

    /// @notice Lets the agent commit all it has wherever no mandate is set, or takes that back. For the owner only.
    function setUnlimited(uint256 agent, bool unlimited) external;

    /// @notice Records the caller's word as an approver, in the place of an earlier version. It counts wherever a
    /// mandate names the caller.
    function approve(Approval calldata approval) external;

    /// @notice Records an approval that its approver signed. Anyone may carry it here, once.
    /// @dev A key without an address, such as a passkey, speaks through a verifier of ERC-7913, and its approver
    /// address is the last 20 bytes of keccak256(signer): nobody can put another verifier in its place.
    /// @param signer The 20 bytes of an EOA's or ERC-1271 wallet's address, or a verifier's address followed by a key.
    function approveBySignature(bytes calldata signer, Approval calldata approval, bytes calldata signature) external;

    /// @notice The mandate by which a deal of this category would be judged now.
    /// @return isSet False if none was ever set by the present owner.
    /// @return unlimited True if the agent may commit without one.
    /// @return mandate All zero if it was removed, or never set.
    function mandateOf(
        uint256 agent,
        address token,
        bytes32 category
    ) external view returns (bool isSet, bool unlimited, Mandate memory mandate);

    /// @notice What an approver has recorded for the negotiation and parties that `approval` names.
    /// @return most Most exposure.
    /// @return until Last second at which it counts.
    /// @return version Its number among the approver's words for this negotiation; 0 if there is none.
    function approved(
        address approver,
        Approval calldata approval
    ) external view returns (uint128 most, uint40 until, uint40 version);

    /// @notice What of an agent's mandate would keep it from being exposed this much by the deal, of which parties,
    /// token, category and negotiation count.
    /// @return reason Selector of an error in `IRefusals`; zero if nothing would.
    /// @return actual First number of that error.
    /// @return limit Second number of that error.
    function mandateRefusal(
        Deal calldata deal,
        uint256 agent,
        uint256 exposure
    ) external view returns (bytes4 reason, uint256 actual, uint256 limit);
}
