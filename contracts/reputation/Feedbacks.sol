// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {IAgentRegistry} from "../interfaces/IAgentRegistry.sol";
import {IReputationRegistry} from "../interfaces/IReputationRegistry.sol";
import {Errors} from "../libraries/Errors.sol";
import {FixedPoint} from "./FixedPoint.sol";

/// @title Feedbacks
/// @notice The part of the reputation registry that is ERC-8004.
abstract contract Feedbacks is IReputationRegistry {
    struct Feedback {
        int128 value; // slot 0
        uint8 valueDecimals; // slot 0
        bool isRevoked; // slot 0
        bool isOfDeal; // slot 0
        uint64 responses; // slot 0
        string tag1; // slot 1
        string tag2; // slot 2
    }

    /// @dev Which feedback a view is about.
    struct Filter {
        string tag1;
        string tag2;
        bool includeRevoked;
    }

    /// @dev The columns that `readAllFeedback` returns.
    struct Table {
        address[] clients;
        uint64[] indexes;
        int128[] values;
        uint8[] decimals;
        string[] tag1s;
        string[] tag2s;
        bool[] revoked;
    }

    IAgentRegistry internal immutable _registry;

    /// @inheritdoc IReputationRegistry
    mapping(uint256 agentId => mapping(address clientAddress => uint64)) public getLastIndex;

    mapping(uint256 agentId => address[]) private _clients;
    mapping(uint256 agentId => mapping(address client => mapping(uint64 index => Feedback))) private _feedback;
    mapping(uint256 agentId => mapping(address client => mapping(uint64 index => mapping(address responder => uint64))))
        private _responsesBy;

    constructor(IAgentRegistry registry_) {
        _registry = registry_;
    }

    /// @inheritdoc IReputationRegistry
    function giveFeedback(
        uint256 agentId,
        int128 value,
        uint8 valueDecimals,
        string calldata tag1,
        string calldata tag2,
        string calldata endpoint,
        string calldata feedbackURI,
        bytes32 feedbackHash
    ) external {
        _requireOutsider(agentId);
        _give(agentId, Rating(value, valueDecimals, tag1, tag2, endpoint, feedbackURI, feedbackHash), false);
    }

    /// @inheritdoc IReputationRegistry
    function revokeFeedback(uint256 agentId, uint64 feedbackIndex) external {
        Feedback storage feedback = _requireFeedback(agentId, msg.sender, feedbackIndex);
        if (feedback.isRevoked) revert Errors.FeedbackRevokedAlready(agentId, msg.sender, feedbackIndex);
        feedback.isRevoked = true;
        if (feedback.isOfDeal) _uncount(agentId, FixedPoint.scale(feedback.value, feedback.valueDecimals));
        emit FeedbackRevoked(agentId, msg.sender, feedbackIndex);
    }

    /// @inheritdoc IReputationRegistry
    function appendResponse(
        uint256 agentId,
        address clientAddress,
        uint64 feedbackIndex,
        string calldata responseURI,
        bytes32 responseHash
    ) external {
        Feedback storage feedback = _requireFeedback(agentId, clientAddress, feedbackIndex);
        if (bytes(responseURI).length == 0) {
            revert Errors.ResponseURIEmpty(agentId, clientAddress, feedbackIndex);
        }
        ++feedback.responses;
        ++_responsesBy[agentId][clientAddress][feedbackIndex][msg.sender];
        emit ResponseAppended(agentId, clientAddress, feedbackIndex, msg.sender, responseURI, responseHash);
    }

    /// @inheritdoc IReputationRegistry
    function getIdentityRegistry() external view returns (address) {
        return address(_registry);
    }

    /// @inheritdoc IReputationRegistry
    function getClients(uint256 agentId) external view returns (address[] memory) {
        return _clients[agentId];
    }

    /// @inheritdoc IReputationRegistry
    function readFeedback(
        uint256 agentId,
        address clientAddress,
        uint64 feedbackIndex
    )
        external
        view
        returns (int128 value, uint8 valueDecimals, string memory tag1, string memory tag2, bool isRevoked)
    {
        Feedback storage feedback = _requireFeedback(agentId, clientAddress, feedbackIndex);
        return (feedback.value, feedback.valueDecimals, feedback.tag1, feedback.tag2, feedback.isRevoked);
    }

    /// @inheritdoc IReputationRegistry
    function getSummary(
        uint256 agentId,
        address[] calldata clientAddresses,
        string calldata tag1,
        string calldata tag2
    ) external view returns (uint64 count, int128 summaryValue, uint8 summaryValueDecimals) {
        if (clientAddresses.length == 0) revert Errors.ClientsMissing(agentId);
        Filter memory filter = Filter(tag1, tag2, false);
        uint64[19] memory counts;
        int256 sum;
        for (uint256 i; i < clientAddresses.length; ++i) {
            uint64 last = getLastIndex[agentId][clientAddresses[i]];
            for (uint64 index = 1; index <= last; ++index) {
                Feedback storage feedback = _feedback[agentId][clientAddresses[i]][index];
                if (!_passes(feedback, filter)) continue;
                sum += FixedPoint.scale(feedback.value, feedback.valueDecimals);
                ++counts[feedback.valueDecimals];
                ++count;
            }
        }
        if (count != 0) (summaryValue, summaryValueDecimals) = FixedPoint.average(sum, count, counts);
    }

    /// @inheritdoc IReputationRegistry
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
        )
    {
        address[] memory chosen = clientAddresses;
        if (chosen.length == 0) chosen = _clients[agentId];
        Table memory table = _read(agentId, chosen, Filter(tag1, tag2, includeRevoked));
        return (table.clients, table.indexes, table.values, table.decimals, table.tag1s, table.tag2s, table.revoked);
    }

    /// @inheritdoc IReputationRegistry
    function getResponseCount(
        uint256 agentId,
        address clientAddress,
        uint64 feedbackIndex,
        address[] calldata responders
    ) external view returns (uint64 count) {
        if (clientAddress != address(0)) return _countResponses(agentId, clientAddress, feedbackIndex, responders);
        address[] storage clients = _clients[agentId];
        for (uint256 i; i < clients.length; ++i) {
            count += _countResponses(agentId, clients[i], feedbackIndex, responders);
        }
    }

    /// @dev Stores what ERC-8004 wants stored and returns the index.
    function _give(uint256 agentId, Rating memory rating, bool isOfDeal) internal returns (uint64 index) {
        FixedPoint.requireScalable(rating.valueDecimals);
        index = ++getLastIndex[agentId][msg.sender];
        if (index == 1) _clients[agentId].push(msg.sender);
        _feedback[agentId][msg.sender][index] = Feedback({
            value: rating.value,
            valueDecimals: rating.valueDecimals,
            isRevoked: false,
            isOfDeal: isOfDeal,
            responses: 0,
            tag1: rating.tag1,
            tag2: rating.tag2
        });
        emit NewFeedback(
            agentId,
            msg.sender,
            index,
            rating.value,
            rating.valueDecimals,
            rating.tag1,
            rating.tag1,
            rating.tag2,
            rating.endpoint,
            rating.feedbackURI,
            rating.feedbackHash
        );
    }

    /// @dev Takes a revoked rating out of what is known of the agent's deals.
    function _uncount(uint256 agentId, int256 scaled) internal virtual;

    /// @dev Also reverts if there is no such agent.
    function _requireOutsider(uint256 agentId) internal view {
        if (_registry.isAuthorizedOrOwner(msg.sender, agentId)) revert Errors.SelfFeedback(agentId, msg.sender);
    }

    function _requireFeedback(
        uint256 agentId,
        address client,
        uint64 index
    ) private view returns (Feedback storage feedback) {
        uint64 last = getLastIndex[agentId][client];
        if (index == 0 || index > last) revert Errors.FeedbackUnknown(agentId, client, index, last);
        feedback = _feedback[agentId][client][index];
    }

    /// @dev Counts first, since memory arrays can't grow.
    function _read(
        uint256 agentId,
        address[] memory clients,
        Filter memory filter
    ) private view returns (Table memory table) {
        uint256 rows;
        for (uint256 i; i < clients.length; ++i) {
            uint64 last = getLastIndex[agentId][clients[i]];
            for (uint64 index = 1; index <= last; ++index) {
                if (_passes(_feedback[agentId][clients[i]][index], filter)) ++rows;
            }
        }
        table = _newTable(rows);
        rows = 0;
        for (uint256 i; i < clients.length; ++i) {
            uint64 last = getLastIndex[agentId][clients[i]];
            for (uint64 index = 1; index <= last; ++index) {
                Feedback storage feedback = _feedback[agentId][clients[i]][index];
                if (!_passes(feedback, filter)) continue;
                table.clients[rows] = clients[i];
                table.indexes[rows] = index;
                _fill(table, rows, feedback);
                ++rows;
            }
        }
    }

    function _fill(Table memory table, uint256 row, Feedback storage feedback) private view {
        table.values[row] = feedback.value;
        table.decimals[row] = feedback.valueDecimals;
        table.tag1s[row] = feedback.tag1;
        table.tag2s[row] = feedback.tag2;
        table.revoked[row] = feedback.isRevoked;
    }

    /// @dev Index 0 is all of the client's feedback, and no responders are all.
    function _countResponses(
        uint256 agentId,
        address client,
        uint64 index,
        address[] calldata responders
    ) private view returns (uint64 count) {
        uint64 last = getLastIndex[agentId][client];
        if (index == 0) index = 1;
        else if (index < last) last = index;
        for (; index <= last; ++index) {
            if (responders.length == 0) count += _feedback[agentId][client][index].responses;
            for (uint256 i; i < responders.length; ++i) {
                count += _responsesBy[agentId][client][index][responders[i]];
            }
        }
    }

    function _passes(Feedback storage feedback, Filter memory filter) private view returns (bool) {
        if (feedback.isRevoked && !filter.includeRevoked) return false;
        return _matches(feedback.tag1, filter.tag1) && _matches(feedback.tag2, filter.tag2);
    }

    /// @dev An empty tag asks for any.
    function _matches(string memory tag, string memory asked) private pure returns (bool) {
        return bytes(asked).length == 0 || Strings.equal(tag, asked);
    }

    function _newTable(uint256 rows) private pure returns (Table memory) {
        return
            Table({
                clients: new address[](rows),
                indexes: new uint64[](rows),
                values: new int128[](rows),
                decimals: new uint8[](rows),
                tag1s: new string[](rows),
                tag2s: new string[](rows),
                revoked: new bool[](rows)
            });
    }
}
