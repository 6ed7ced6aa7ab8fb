// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAgentRegistry} from "../interfaces/IAgentRegistry.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Agents} from "../libraries/Agents.sol";
import {DealHash} from "../libraries/DealHash.sol";
import {Errors} from "../libraries/Errors.sol";
import {Payouts} from "../libraries/Payouts.sol";
import {Statuses} from "../libraries/Statuses.sol";
import {Deal, Record} from "../types/Deal.sol";

/// @title Checks
/// @notice What acts on a deal have in common: how they find it, what they require, and how it pays out.
abstract contract Checks {
    using Agents for IAgentRegistry;
    using DealHash for Deal;
    using Payouts for Deal;

    /// @dev A deal as an act finds it.
    struct Standing {
        bytes32 deal;
        uint256 since;
        uint256 received;
    }

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
        Statuses.requireIn(allowed, hash, transcript, record.fingerprint, record.status);
        standing.deal = hash;
        standing.since = record.since;
        standing.received = record.receipted ? _settlement.receivedOf(deal) : 0;
    }

    /// @dev An award in a dispute.
    function _awarded(
        Deal calldata deal,
        Standing memory standing,
        uint256 share,
        uint256 bonds
    ) internal view returns (uint256, uint256) {
        return _paid(deal, standing, deal.earned(share, standing.received) + bonds);
    }

    function _paid(
        Deal calldata deal,
        Standing memory standing,
        uint256 share
    ) internal view returns (uint256 toBuyer, uint256 toSeller) {
        toBuyer = deal.pot() - share;
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

    function _requireReceipt(Deal calldata deal, Standing memory standing, uint256 total) internal pure {
        if (total > deal.price) revert Errors.ReceiptTooHigh(standing.deal, total, deal.price);
        if (total < standing.received) revert Errors.ReceiptTooLow(standing.deal, total, standing.received);
    }

    function _requireNone(bytes4 reason, uint256 actual, uint256 limit) internal pure {
        if (reason == 0) return;
        bytes memory data = abi.encodeWithSelector(reason, actual, limit);
        assembly ("memory-safe") {
            revert(add(data, 0x20), mload(data))
        }
    }
}
