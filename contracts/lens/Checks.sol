// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAgentRegistry} from "../interfaces/IAgentRegistry.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Agents} from "../libraries/Agents.sol";
import {DealHash} from "../libraries/DealHash.sol";
import {Errors} from "../libraries/Errors.sol";
import {Deal, Record} from "../types/Deal.sol";

/// @title Checks
/// @notice What acts on a deal have in common: how they find it, what they require, and how it pays out.
abstract contract Checks {
    using Agents for IAgentRegistry;
    using DealHash for Deal;

    /// @dev A deal as an act finds it.
    struct Standing {
        bytes32 deal;
        uint256 since;
        uint256 received;
    }

    uint256 internal constant WHOLE = 10_000;

    ISettlement internal immutable _settlement;
    IAgentRegistry internal immutable _registry;

    constructor(ISettlement settlement_) {
        _settlement = settlement_;
        _registry = settlement_.registry();
    }

    function _standing(
        Deal calldata deal,
        bytes32 transcript,
        uint256 allowed
    ) internal view returns (Standing memory standing) {
        Record memory record = _settlement.recordOf(deal);
        bytes32 hash = deal.hash();
        bytes26 fingerprint = DealHash.fingerprint(hash, transcript);
        if (fingerprint != record.fingerprint) revert Errors.DealMismatch(hash, fingerprint, record.fingerprint);
        if ((1 << uint256(record.status)) & allowed == 0) revert Errors.StatusMismatch(hash, record.status, allowed);
        standing.deal = hash;
        standing.since = record.since;
        standing.received = record.receipted ? _settlement.receivedOf(deal) : 0;
    }

    /// @dev An award in a dispute: of the price at least what receipts say.
    function _awarded(
        Deal calldata deal,
        Standing memory standing,
        uint256 share,
        uint256 bonds
    ) internal view returns (uint256, uint256) {
        uint256 earned = (uint256(deal.price) * share) / WHOLE;
        return _paid(deal, standing, (earned < standing.received ? standing.received : earned) + bonds);
    }

    function _paid(
        Deal calldata deal,
        Standing memory standing,
        uint256 share
    ) internal view returns (uint256 toBuyer, uint256 toSeller) {
        toBuyer = _pot(deal) - share;
        toSeller = share - standing.received;
        _requireFits(deal.buyer, deal.token, toBuyer);
        _requireFits(deal.seller, deal.token, toSeller);
    }

    function _requireFits(uint256 agent, address token, uint256 amount) internal view {
        uint256 balance = _settlement.free(agent, token) + amount;
        if (balance > type(uint128).max) revert Errors.BalanceTooLarge(agent, token, balance, type(uint128).max);
    }

    function _requireSpeaks(uint256 agent, address by) internal view {
        if (!_registry.speaksFor(by, agent)) revert Errors.NotOwnerOrWallet(agent, by);
    }

    function _requireUntil(bytes32 hash, uint256 deadline) internal view {
        if (block.timestamp > deadline) revert Errors.DeadlinePassed(hash, block.timestamp, deadline);
    }

    function _requireAfter(bytes32 hash, uint256 deadline) internal view {
        if (block.timestamp <= deadline) revert Errors.DeadlineNotPassed(hash, block.timestamp, deadline);
    }

    function _requireReceipt(Deal calldata deal, Standing memory standing, uint256 total) internal pure {
        if (total > deal.price) revert Errors.ReceiptTooHigh(standing.deal, total, deal.price);
        if (total < standing.received) revert Errors.ReceiptTooLow(standing.deal, total, standing.received);
    }

    function _requireShare(bytes32 hash, uint256 share) internal pure {
        if (share > WHOLE) revert Errors.ShareTooHigh(hash, share, WHOLE);
    }

    function _requireNone(bytes4 reason, uint256 actual, uint256 limit) internal pure {
        if (reason == 0) return;
        bytes memory data = abi.encodeWithSelector(reason, actual, limit);
        assembly ("memory-safe") {
            revert(add(data, 0x20), mload(data))
        }
    }

    function _undelivered(Deal calldata deal, uint256 received) internal pure returns (uint256) {
        if (deal.reviewPeriod == 0) return received + deal.sellerBond;
        return deal.price == 0 ? 0 : received + (uint256(deal.sellerBond) * received) / deal.price;
    }

    function _pot(Deal calldata deal) internal pure returns (uint256) {
        return uint256(deal.price) + deal.buyerBond + deal.sellerBond;
    }
}
