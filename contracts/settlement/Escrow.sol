// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDeals} from "../interfaces/settlement/IDeals.sol";
import {IRefusals} from "../interfaces/IRefusals.sol";
import {DealHash} from "../libraries/DealHash.sol";
import {PackedRecord, PackedRecords} from "../libraries/PackedRecord.sol";
import {Payouts} from "../libraries/Payouts.sol";
import {Statuses} from "../libraries/Statuses.sol";
import {Deal, Outcome, Status} from "../types/Deal.sol";
import {Party} from "../types/Party.sol";
import {Limits} from "./Limits.sol";

/// @title Escrow
/// @notice The record of every deal: what keeps one from being committed, how money goes in, and how it ends.
abstract contract Escrow is Limits {
    using DealHash for Deal;
    using Payouts for Deal;

    /// @dev A deal as an act finds it.
    struct Standing {
        bytes32 deal;
        bytes32 key;
        PackedRecord record;
    }

    uint256 internal constant MAX_COMMIT_AHEAD = 5 days;

    mapping(bytes32 key => PackedRecord) internal _records;

    /// @dev Of the price, what receipts have paid to the seller before the deal's end.
    mapping(bytes32 key => uint256) internal _received;

    /// @dev When new commitments were paused; 0 if they aren't.
    uint256 internal _pausedAt;

    /// @dev Everything that can keep a deal from being committed, except its signatures; what is previewed is thereby
    /// what happens. Leaves in both parties what committing will write.
    function _refusal(
        Deal calldata deal,
        bytes32 key,
        Party memory buyer,
        Party memory seller
    ) internal view returns (bytes4 reason, uint256 actual, uint256 limit) {
        (reason, actual, limit) = _dealRefusal(deal, key);
        if (reason == 0) (reason, actual, limit) = _sideRefusal(deal, buyer, false);
        if (reason == 0) (reason, actual, limit) = _sideRefusal(deal, seller, false);
    }

    /// @dev What neither side can help alone.
    function _dealRefusal(
        Deal calldata deal,
        bytes32 key
    ) internal view returns (bytes4 reason, uint256 actual, uint256 limit) {
        if (deal.buyer == deal.seller) return (IRefusals.BuyerIsSeller.selector, deal.buyer, deal.seller);

        actual = block.timestamp;
        limit = deal.commitBy;
        if (actual > limit) return (IRefusals.CommitByPassed.selector, actual, limit);
        if (limit > actual + MAX_COMMIT_AHEAD) {
            return (IRefusals.CommitByTooFar.selector, limit, actual + MAX_COMMIT_AHEAD);
        }
        if (deal.lapseShare > Payouts.WHOLE) {
            return (IRefusals.LapseShareTooHigh.selector, deal.lapseShare, Payouts.WHOLE);
        }
        if (_pausedAt != 0) return (IRefusals.CommitmentsPaused.selector, _pausedAt, actual);

        Status status = _records[key].status();
        if (status != Status.None) return (IRefusals.NegotiationUsed.selector, uint256(status), uint256(Status.None));
        return (0, 0, 0);
    }

    /// @dev What one side can help: its lock, its mandate and its money.
    /// `owned` is true if the owner itself asks, whom its mandate doesn't bind.
    function _sideRefusal(
        Deal calldata deal,
        Party memory party,
        bool owned
    ) internal view returns (bytes4 reason, uint256 actual, uint256 limit) {
        bool buys = party.agent == deal.buyer;
        if (party.epoch == 0) return (IRefusals.AgentUnknown.selector, party.agent, _registry.agentCount());
        if (block.timestamp <= party.lockedUntil) {
            return (IRefusals.AgentLocked.selector, block.timestamp, party.lockedUntil);
        }

        Account storage account = _accounts[party.agent][deal.token];
        bytes32 slot;
        assembly ("memory-safe") {
            slot := account.slot
        }
        party.slot = slot;
        party.charged = account.packed;

        uint256 exposure = deal.exposure(buys);
        if (!owned) {
            if (party.wallet == address(0)) return (IRefusals.WalletMissing.selector, party.agent, party.epoch);
            (reason, actual, limit) = _mandateRefusal(deal, party, exposure);
            if (reason != 0) return (reason, actual, limit);
        }
        actual = party.charged.free();
        if (actual < exposure) {
            reason = buys ? IRefusals.BuyerFundsTooLow.selector : IRefusals.SellerFundsTooLow.selector;
            return (reason, actual, exposure);
        }
        party.charged = party.charged.withFree(actual - exposure);
        return (0, 0, 0);
    }

    function _requireNone(bytes4 reason, uint256 actual, uint256 limit) internal pure {
        if (reason == 0) return;
        assembly ("memory-safe") {
            mstore(0x00, reason)
            mstore(0x04, actual)
            mstore(0x24, limit)
            revert(0x00, 0x44)
        }
    }

    /// @dev The caller has found no refusal for either party.
    function _commit(
        Deal calldata deal,
        bytes32 key,
        bytes32 hash,
        bytes32 transcript,
        Party memory buyer,
        Party memory seller
    ) internal {
        _records[key] = PackedRecords.first(DealHash.fingerprint(hash, transcript), Status.Committed, block.timestamp);
        _charge(buyer);
        _charge(seller);
        emit IDeals.Committed(
            hash,
            deal.buyer,
            deal.seller,
            deal.negotiation,
            transcript,
            deal.token,
            deal.price,
            deal.buyerBond,
            deal.sellerBond
        );
    }

    /// @dev How every committed deal ends: of price and both bonds the seller gets `toSeller`, less what receipts paid
    /// it already, and the buyer all the rest.
    function _settle(
        Deal calldata deal,
        Standing memory standing,
        Outcome outcome,
        uint256 toSeller,
        uint256 received
    ) internal {
        uint256 toBuyer = deal.pot() - toSeller;
        toSeller -= received;
        _enter(standing, Status.Settled);
        _credit(deal.buyer, deal.token, toBuyer);
        _credit(deal.seller, deal.token, toSeller);
        emit IDeals.Settled(standing.deal, outcome, toBuyer, toSeller);
    }

    function _receivedOf(Standing memory standing) internal view returns (uint256) {
        return standing.record.receipted() ? _received[standing.key] : 0;
    }

    function _enter(Standing memory standing, Status status) internal {
        _records[standing.key] = standing.record.entered(status, block.timestamp);
    }

    /// @dev Holds an act's deal against the record. `allowed` is a set of `Statuses`.
    function _requireStatus(
        Deal calldata deal,
        bytes32 transcript,
        uint256 allowed
    ) internal view returns (Standing memory standing) {
        standing.deal = deal.hash();
        standing.key = deal.key();
        PackedRecord record = _records[standing.key];
        Statuses.requireIn(allowed, standing.deal, transcript, record.fingerprint(), record.status());
        standing.record = record;
    }
}
