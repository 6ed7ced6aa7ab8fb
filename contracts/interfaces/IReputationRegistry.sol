// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISettlement} from "./ISettlement.sol";
import {Deal} from "../types/Deal.sol";

/// @title IReputationRegistry
/// @notice What is said of agents: an ERC-8004 reputation registry, in which feedback can also be backed by a settled
/// deal.
///
/// Anyone but its owner and operators may give an agent feedback. Feedback of a deal comes from one of its sides, once,
/// and is a rating from 0 to 100, so that it can be added up as it arrives.
///
/// Hazards. Nothing here keeps anybody from rating with many addresses, nor from making deals with itself and rating
/// those: a deal with oneself costs little more than gas. Feedback is raw material; trust is computed off-chain, from
/// who rates whom and what stood at stake. Views that walk through feedback take as long as there is feedback, which
/// strangers can add: call them off-chain, for clients you chose.
interface IReputationRegistry {
    /// @notice What somebody says of an agent.
    struct Rating {
        /// @dev Fixed-point number, of a deal from 0 to 100.
        int128 value;
        /// @dev How many of the value's digits are decimals, at most 18.
        uint8 valueDecimals;
        /// @dev What the value measures, and any further mark. Either may be empty.
        string tag1;
        string tag2;
        /// @dev Endpoint of the agent that was used. Not stored.
        string endpoint;
        /// @dev Where more is said. Not stored.
        string feedbackURI;
        /// @dev keccak256 of what stands there; zero if the URI commits to it itself. Not stored.
        bytes32 feedbackHash;
    }

    /// @notice Emitted when feedback was given, as in ERC-8004.
    event NewFeedback(
        uint256 indexed agentId,
        address indexed clientAddress,
        uint64 feedbackIndex,
        int128 value,
        uint8 valueDecimals,
        string indexed indexedTag1,
        string tag1,
        string tag2,
        string endpoint,
        string feedbackURI,
        bytes32 feedbackHash
    );

    /// @notice Emitted when a client revoked its feedback, as in ERC-8004.
    event FeedbackRevoked(uint256 indexed agentId, address indexed clientAddress, uint64 indexed feedbackIndex);

    /// @notice Emitted when somebody responded to feedback, as in ERC-8004.
    event ResponseAppended(
        uint256 indexed agentId,
        address indexed clientAddress,
        uint64 feedbackIndex,
        address indexed responder,
        string responseURI,
        bytes32 responseHash
    );

    /// @notice Emitted, right after `NewFeedback`, when that feedback is about a settled deal.
    /// @param agentId Side that was rated.
    /// @param rater Side that rated.
    event DealRated(
        bytes32 indexed deal,
        uint256 indexed agentId,
        uint256 indexed rater,
        address clientAddress,
        uint64 feedbackIndex
    );

    /// @notice Gives an agent feedback, as in ERC-8004. For anyone but its owner and ERC-721 operators.
    /// @dev The parameters are the fields of `Rating`.
    function giveFeedback(
        uint256 agentId,
        int128 value,
        uint8 valueDecimals,
        string calldata tag1,
        string calldata tag2,
        string calldata endpoint,
        string calldata feedbackURI,
        bytes32 feedbackHash
    ) external;

    /// @notice Rates the other side of a settled deal. For owner and wallet of buyer and seller, once for each side.
    /// @dev The caller must not be owner, operator or wallet of the other side. The right to rate travels with the
    /// agent's token, and a side that revoked its rating has none left.
    /// @param transcript What was committed together with the deal.
    function giveDealFeedback(Deal calldata deal, bytes32 transcript, Rating calldata rating) external;

    /// @notice Revokes feedback, as in ERC-8004. For the address that gave it.
    /// @dev It stays readable, but no summary counts it.
    function revokeFeedback(uint256 agentId, uint64 feedbackIndex) external;

    /// @notice Responds to feedback, as in ERC-8004. For anyone.
    /// @param responseURI Where the response stands; not empty.
    /// @param responseHash keccak256 of what stands there; zero if the URI commits to it itself.
    function appendResponse(
        uint256 agentId,
        address clientAddress,
        uint64 feedbackIndex,
        string calldata responseURI,
        bytes32 responseHash
    ) external;

    /// @notice Where the agents are registered.
    function getIdentityRegistry() external view returns (address);

    /// @notice Where the deals are settled.
    function settlement() external view returns (ISettlement);

    /// @notice Count and sum of an agent's ratings out of settled deals that aren't revoked.
    /// @dev Takes the same gas however many there are. It says nothing of who rated: see the hazards.
    /// @return count How many ratings.
    /// @return sum At 18 decimals; each rating is from 0 to 100.
    function dealSummary(uint256 agentId) external view returns (uint64 count, uint192 sum);

    /// @notice Whether a side of a deal has rated it.
    function hasRated(bytes32 deal, bool asBuyer) external view returns (bool);

    /// @notice Count and average of the feedback that these clients gave an agent, as in ERC-8004.
    /// @param clientAddresses Not empty, and best without repetitions: one named twice counts twice.
    /// @param tag1 Counts only feedback with this tag; empty for any. So does `tag2`.
    /// @return count How many feedbacks.
    /// @return summaryValue Their average, rounded toward zero.
    /// @return summaryValueDecimals Those that most of the feedback has; fewer if the average doesn't fit otherwise.
    function getSummary(
        uint256 agentId,
        address[] calldata clientAddresses,
        string calldata tag1,
        string calldata tag2
    ) external view returns (uint64 count, int128 summaryValue, uint8 summaryValueDecimals);

    /// @notice What a client said of an agent, as in ERC-8004.
    /// @param feedbackIndex From 1 to `getLastIndex`.
    function readFeedback(
        uint256 agentId,
        address clientAddress,
        uint64 feedbackIndex
    ) external view returns (int128 value, uint8 valueDecimals, string memory tag1, string memory tag2, bool isRevoked);

    /// @notice All that clients said of an agent, as in ERC-8004.
    /// @param clientAddresses Whose feedback to read; if empty, everybody's.
    /// @param tag1 Reads only feedback with this tag; empty for any. So does `tag2`.
    function readAllFeedback(
        uint256 agentId,
        address[] calldata clientAddresses,
        string calldata tag1,
        string calldata tag2,
        bool includeRevoked
    )
        external
        view
        returns (
            address[] memory clients,
            uint64[] memory feedbackIndexes,
            int128[] memory values,
            uint8[] memory valueDecimals,
            string[] memory tag1s,
            string[] memory tag2s,
            bool[] memory revokedStatuses
        );

    /// @notice How many responses there are, as in ERC-8004.
    /// @param clientAddress Whose feedback they are to; the zero address for anybody's.
    /// @param feedbackIndex To which of it; 0 for any.
    /// @param responders Whose responses to count; if empty, everybody's.
    function getResponseCount(
        uint256 agentId,
        address clientAddress,
        uint64 feedbackIndex,
        address[] calldata responders
    ) external view returns (uint64 count);

    /// @notice Everybody who gave an agent feedback, as in ERC-8004.
    function getClients(uint256 agentId) external view returns (address[] memory);

    /// @notice How many feedbacks a client gave an agent, as in ERC-8004. They count from 1.
    function getLastIndex(uint256 agentId, address clientAddress) external view returns (uint64);
}
