// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDeals} from "../interfaces/settlement/IDeals.sol";
import {BodyHash} from "../libraries/BodyHash.sol";
import {Deadlines} from "../libraries/Deadlines.sol";
import {DealHash} from "../libraries/DealHash.sol";
import {Errors} from "../libraries/Errors.sol";
import {Payouts} from "../libraries/Payouts.sol";
import {Statuses} from "../libraries/Statuses.sol";
import {ActAuth, SessionAuth, WalletAuth} from "../types/Auth.sol";
import {Deal, Outcome, Record, Status} from "../types/Deal.sol";
import {Kind} from "../types/Envelope.sol";
import {Party} from "../types/Party.sol";
import {Escrow} from "./Escrow.sol";

/// @title Deals
/// @notice Life of a deal that goes as agreed: committed, delivered, paid. Every act brings the deal along and is held
/// against its record.
abstract contract Deals is Escrow, IDeals {
    using DealHash for Deal;
    using Payouts for Deal;

    /// @inheritdoc IDeals
    function commit(
        Deal calldata deal,
        bytes32 transcript,
        WalletAuth calldata buyer,
        WalletAuth calldata seller
    ) external {
        bytes32 key = deal.key();
        Party memory buying = _party(deal.buyer);
        Party memory selling = _party(deal.seller);
        _requireCommittable(deal, key, buying, selling);
        bytes32 hash = deal.hash();
        bytes32 digest = _hashTypedDataV4(DealHash.agreement(hash, transcript, buyer.epoch, seller.epoch));
        _requireSignedByWallet(buying, buyer, digest);
        _requireSignedByWallet(selling, seller, digest);
        _commit(deal, key, hash, transcript, buying, selling);
    }

    /// @inheritdoc IDeals
    function commitBySession(
        Deal calldata deal,
        bool buyerAccepts,
        bytes32 seen,
        SessionAuth calldata buyer,
        SessionAuth calldata seller
    ) external {
        bytes32 key = deal.key();
        Party memory buying = _party(deal.buyer);
        Party memory selling = _party(deal.seller);
        _requireCommittable(deal, key, buying, selling);
        bytes32 hash = deal.hash();
        bytes32 transcript =
            buyerAccepts
                ? _requireAgreed(deal, hash, seen, selling, seller, buying, buyer)
                : _requireAgreed(deal, hash, seen, buying, buyer, selling, seller);
        _commit(deal, key, hash, transcript, buying, selling);
    }

    /// @inheritdoc IDeals
    function commitMany(bytes[] calldata commitments, bool atomic) external returns (uint256 committed) {
        for (uint256 i = 0; i < commitments.length; ++i) {
            bytes calldata call = commitments[i];
            bytes4 selector = bytes4(call);
            if (selector != IDeals.commit.selector && selector != IDeals.commitBySession.selector) {
                revert Errors.NotACommitment(i, selector);
            }
            if (_callSelf(call)) {
                ++committed;
                continue;
            }
            bytes memory reason = _returned();
            if (atomic) revert Errors.CommitmentFailed(i, reason);
            emit CommitmentSkipped(i, reason);
        }
    }

    /// @inheritdoc IDeals
    function deliver(Deal calldata deal, bytes32 transcript, bytes32 evidence) external {
        _requireOwnerOrWallet(deal.seller);
        _deliver(deal, transcript, evidence);
    }

    /// @inheritdoc IDeals
    function deliverBySession(
        Deal calldata deal,
        bytes32 transcript,
        bytes32 evidence,
        ActAuth calldata seller
    ) external {
        _requireActed(deal, deal.seller, Kind.Deliver, BodyHash.deliver(deal.hash(), evidence), seller);
        _deliver(deal, transcript, evidence);
    }

    /// @inheritdoc IDeals
    function accept(Deal calldata deal, bytes32 transcript) external {
        _requireOwnerOrWallet(deal.buyer);
        _payInFull(deal, _requireStatus(deal, transcript, Statuses.OPEN), Outcome.Accepted);
    }

    /// @inheritdoc IDeals
    function claim(Deal calldata deal, bytes32 transcript) external {
        Standing memory standing = _requireStatus(deal, transcript, Statuses.DELIVERED);
        Deadlines.requireAfter(standing.deal, standing.record.since() + deal.reviewPeriod);
        _payInFull(deal, standing, Outcome.Claimed);
    }

    /// @inheritdoc IDeals
    function claimReceipt(
        Deal calldata deal,
        bytes32 transcript,
        uint128 total,
        ActAuth calldata buyer,
        bool close
    ) external {
        Standing memory standing = _requireStatus(deal, transcript, close ? Statuses.OPEN : Statuses.LIVE);
        if (total > deal.price) revert Errors.ReceiptTooHigh(standing.deal, total, deal.price);
        bytes32 body = BodyHash.receipt(standing.deal, total);
        _requireLiable(deal.buyer, buyer.session, _envelope(deal.negotiation, Kind.Receipt, buyer.seen, body));

        uint256 received = _receivedOf(standing);
        // a closing claim may repeat the last receipt; one of nothing is none
        if (total < received || (total == received && (!close || total == 0))) {
            revert Errors.ReceiptTooLow(standing.deal, total, received);
        }
        if (close) {
            // closing gives up the rest of the price, which is the seller's to give up
            if (total != deal.price) _requireOwnerOrWallet(deal.seller);
            _settle(deal, standing, Outcome.Closed, deal.undelivered(total), received);
        } else {
            _records[standing.key] = standing.record.withReceipts();
            _received[standing.key] = total;
            _credit(deal.seller, deal.token, total - received);
        }
        emit ReceiptClaimed(standing.deal, total);
    }

    /// @inheritdoc IDeals
    function refund(Deal calldata deal, bytes32 transcript) external {
        Standing memory standing = _requireStatus(deal, transcript, Statuses.COMMITTED);
        Deadlines.requireAfter(standing.deal, standing.record.since() + deal.deliverWithin + Deadlines.GRACE);
        uint256 received = _receivedOf(standing);
        _settle(deal, standing, Outcome.Refunded, deal.undelivered(received), received);
    }

    /// @inheritdoc IDeals
    function refusal(Deal calldata deal) external view returns (bytes4 reason, uint256 actual, uint256 limit) {
        return _refusal(deal, deal.key(), _party(deal.buyer), _party(deal.seller));
    }

    /// @inheritdoc IDeals
    function recordAt(bytes32 key) external view returns (Record memory) {
        return _records[key].unpack();
    }

    /// @inheritdoc IDeals
    function recordOf(Deal calldata deal) external view returns (Record memory) {
        return _records[deal.key()].unpack();
    }

    /// @inheritdoc IDeals
    function receivedOf(Deal calldata deal) external view returns (uint256) {
        return _received[deal.key()];
    }

    function _requireCommittable(
        Deal calldata deal,
        bytes32 key,
        Party memory buyer,
        Party memory seller
    ) private view {
        (bytes4 reason, uint256 actual, uint256 limit) = _refusal(deal, key, buyer, seller);
        _requireNone(reason, actual, limit);
    }

    /// @dev Runs this very code, so that a commitment can fail by itself. Every call takes the same memory.
    function _callSelf(bytes calldata call) private returns (bool done) {
        assembly ("memory-safe") {
            let data := mload(0x40)
            calldatacopy(data, call.offset, call.length)
            done := delegatecall(gas(), address(), data, call.length, 0x00, 0x00)
        }
    }

    /// @dev What the last call returned.
    function _returned() private pure returns (bytes memory data) {
        assembly ("memory-safe") {
            data := mload(0x40)
            let size := returndatasize()
            mstore(data, size)
            returndatacopy(add(data, 0x20), 0x00, size)
            mstore(0x40, add(add(data, 0x20), and(add(size, 0x1f), not(0x1f))))
        }
    }

    function _deliver(Deal calldata deal, bytes32 transcript, bytes32 evidence) private {
        Standing memory standing = _requireStatus(deal, transcript, Statuses.COMMITTED);
        if (deal.isMetered()) revert Errors.DealMetered(standing.deal);
        Deadlines.requireUntil(standing.deal, standing.record.since() + deal.deliverWithin);
        _enter(standing, Status.Delivered);
        emit Delivered(standing.deal, evidence);
    }

    function _payInFull(Deal calldata deal, Standing memory standing, Outcome outcome) private {
        _settle(deal, standing, outcome, deal.inFull(), _receivedOf(standing));
    }
}
