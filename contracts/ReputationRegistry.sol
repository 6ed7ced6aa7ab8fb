// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAgentRegistry} from "./interfaces/IAgentRegistry.sol";
import {IReputationRegistry} from "./interfaces/IReputationRegistry.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {Agents} from "./libraries/Agents.sol";
import {DealHash} from "./libraries/DealHash.sol";
import {Errors} from "./libraries/Errors.sol";
import {Statuses} from "./libraries/Statuses.sol";
import {FixedPoint} from "./reputation/FixedPoint.sol";
import {Feedbacks} from "./reputation/Feedbacks.sol";
import {Deal, Record} from "./types/Deal.sol";

/// @title ReputationRegistry
/// @notice ERC-8004 reputation registry with feedback that a settled deal stands behind. Nobody administers it.
contract ReputationRegistry is Feedbacks {
    using Agents for IAgentRegistry;
    using DealHash for Deal;

    struct Total {
        uint64 count; // slot 0
        uint192 sum; // slot 0; 2^64 ratings of 100 with 18 decimals fit
    }

    int256 private constant MAX_RATING = 100;

    uint8 private constant BUYER = 1;
    uint8 private constant SELLER = 2;

    /// @inheritdoc IReputationRegistry
    ISettlement public immutable settlement;

    /// @inheritdoc IReputationRegistry
    mapping(uint256 agentId => Total) public dealSummary;

    /// @dev Which sides have rated a deal, as bits.
    mapping(bytes32 deal => uint8) private _raters;

    /// @notice Deploys a reputation registry for the deals of one Settlement and the agents of its registry.
    /// @param settlement_ Where they settle their deals; it can't be exchanged later.
    constructor(ISettlement settlement_) Feedbacks(settlement_.registry()) {
        settlement = settlement_;
    }

    /// @inheritdoc IReputationRegistry
    function giveDealFeedback(Deal calldata deal, bytes32 transcript, Rating calldata rating) external {
        bytes32 hash = deal.hash();
        _requireSettled(deal, hash, transcript);
        (uint256 rater, uint256 rated) = _sides(deal, hash);
        _requireOutsider(rated);
        _markRated(hash, rater, rater == deal.buyer ? BUYER : SELLER);
        _count(rated, rating.value, rating.valueDecimals);
        uint64 index = _give(rated, rating, true);
        emit DealRated(hash, rated, rater, msg.sender, index);
    }

    /// @inheritdoc IReputationRegistry
    function hasRated(bytes32 deal, bool asBuyer) external view returns (bool) {
        return _raters[deal] & (asBuyer ? BUYER : SELLER) != 0;
    }

    function _markRated(bytes32 hash, uint256 rater, uint8 side) private {
        uint8 raters = _raters[hash];
        if (raters & side != 0) revert Errors.DealRatedAlready(hash, rater);
        _raters[hash] = raters | side;
    }

    /// @dev Only what lies between 0 and 100 is added up: else one rating could outweigh all others.
    function _count(uint256 agentId, int128 value, uint8 decimals) private {
        FixedPoint.requireScalable(decimals);
        int256 scaled = FixedPoint.scale(value, decimals);
        if (scaled < 0 || scaled > MAX_RATING * FixedPoint.unit(FixedPoint.DECIMALS)) {
            revert Errors.RatingOutOfRange(value, decimals, uint256(MAX_RATING));
        }
        Total storage total = dealSummary[agentId];
        ++total.count;
        total.sum += uint192(uint256(scaled));
    }

    function _uncount(uint256 agentId, int256 scaled) internal override {
        Total storage total = dealSummary[agentId];
        --total.count;
        total.sum -= uint192(uint256(scaled));
    }

    function _requireSettled(Deal calldata deal, bytes32 hash, bytes32 transcript) private view {
        Record memory record = settlement.recordOf(deal);
        Statuses.requireIn(Statuses.SETTLED, hash, transcript, record.fingerprint, record.status);
    }

    /// @dev Who of the two the caller speaks for. It can't be both.
    function _sides(Deal calldata deal, bytes32 hash) private view returns (uint256 rater, uint256 rated) {
        bool forBuyer = _registry.speaksFor(msg.sender, deal.buyer);
        bool forSeller = _registry.speaksFor(msg.sender, deal.seller);
        if (forBuyer && forSeller) revert Errors.SelfFeedback(deal.seller, msg.sender);
        if (forBuyer) return (deal.buyer, deal.seller);
        if (forSeller) return (deal.seller, deal.buyer);
        revert Errors.NotParty(hash, msg.sender);
    }
}
