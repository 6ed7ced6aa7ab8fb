// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISettlement} from "../interfaces/ISettlement.sol";
import {DealHash} from "../libraries/DealHash.sol";
import {Errors} from "../libraries/Errors.sol";
import {PackedRecord, PackedRecords} from "../libraries/PackedRecord.sol";
import {Party, SessionAuth, WalletAuth} from "../types/Auth.sol";
import {Deal, Outcome, Record, Status} from "../types/Deal.sol";
import {Envelope, Kind} from "../types/Envelope.sol";
import {Treasury} from "./Treasury.sol";

/// @title Deals
/// @notice Life of a deal: committed, delivered, settled. One slot for each negotiation; every act brings the deal
/// along and is held against its fingerprint.
abstract contract Deals is Treasury {
    using DealHash for Deal;

    /// @dev A committed deal as an act finds it.
    struct Standing {
        bytes32 deal;
        bytes32 key;
        PackedRecord record;
    }

    uint256 private constant MAX_COMMIT_AHEAD = 5 days;
    uint256 private constant WHOLE = 10_000;

    /// @dev Time for what was signed before the end of the delivery period to arrive.
    uint256 private constant GRACE = 24 hours;

    mapping(bytes32 key => PackedRecord) private _records;

    /// @inheritdoc ISettlement
    function commit(
        Deal calldata deal,
        bytes32 transcript,
        WalletAuth calldata buyer,
        WalletAuth calldata seller
    ) external {
        (Party memory buying, Party memory selling) = _requireCommittable(deal);
        bytes32 hash = deal.hash();
        bytes32 digest = _hashTypedDataV4(DealHash.hash(hash, transcript, buyer.epoch, seller.epoch));
        _requireSignedByWallet(buying, buyer, digest);
        _requireSignedByWallet(selling, seller, digest);
        _commit(deal, hash, transcript);
    }

    /// @inheritdoc ISettlement
    function commitBySession(
        Deal calldata deal,
        bool buyerAccepts,
        bytes32 seen,
        SessionAuth calldata buyer,
        SessionAuth calldata seller
    ) external {
        (Party memory offering, Party memory accepting) = _requireCommittable(deal);
        SessionAuth calldata offer = buyer;
        SessionAuth calldata acceptance = seller;
        if (buyerAccepts) {
            (offering, accepting) = (accepting, offering);
            (offer, acceptance) = (seller, buyer);
        }
        Envelope memory envelope;
        envelope.negotiation = deal.negotiation;
        envelope.body = deal.hash();
        envelope.kind = Kind.Offer;
        envelope.seen = seen;
        bytes32 offered = _requireSignedBySession(offering, offer, envelope);
        envelope.kind = Kind.Accept;
        envelope.seen = offered;
        bytes32 transcript = _requireSignedBySession(accepting, acceptance, envelope);
        _commit(deal, envelope.body, transcript);
    }

    /// @inheritdoc ISettlement
    function deliver(Deal calldata deal, bytes32 transcript, bytes32 evidence) external {
        _requireOwnerOrWallet(deal.seller);
        Standing memory standing = _requireStatus(deal, transcript, _bit(Status.Committed));
        if (_isMetered(deal)) revert Errors.DealMetered(standing.deal);
        uint256 deadline = standing.record.since() + deal.deliverWithin;
        if (block.timestamp > deadline) revert Errors.DeadlinePassed(standing.deal, block.timestamp, deadline);
        _enter(standing, Status.Delivered);
        emit Delivered(standing.deal, evidence);
    }

    /// @inheritdoc ISettlement
    function accept(Deal calldata deal, bytes32 transcript) external {
        _requireOwnerOrWallet(deal.buyer);
        Standing memory standing = _requireStatus(deal, transcript, _bit(Status.Committed) | _bit(Status.Delivered));
        _payInFull(deal, standing, Outcome.Accepted);
    }

    /// @inheritdoc ISettlement
    function claim(Deal calldata deal, bytes32 transcript) external {
        Standing memory standing = _requireStatus(deal, transcript, _bit(Status.Delivered));
        _requireAfter(standing.deal, standing.record.since() + deal.reviewPeriod);
        _payInFull(deal, standing, Outcome.Claimed);
    }

    /// @inheritdoc ISettlement
    function refund(Deal calldata deal, bytes32 transcript) external {
        Standing memory standing = _requireStatus(deal, transcript, _bit(Status.Committed));
        _requireAfter(standing.deal, standing.record.since() + deal.deliverWithin + GRACE);
        _settle(deal, standing, Outcome.Refunded, _isMetered(deal) ? deal.sellerBond : 0);
    }

    /// @inheritdoc ISettlement
    function refusal(Deal calldata deal) external view returns (bytes4 reason, uint256 actual, uint256 limit) {
        return _refusal(deal, _party(deal.buyer), _party(deal.seller));
    }

    /// @inheritdoc ISettlement
    function recordAt(bytes32 key) external view returns (Record memory) {
        return _records[key].unpack();
    }

    /// @inheritdoc ISettlement
    function recordOf(Deal calldata deal) external view returns (Record memory) {
        return _records[deal.key()].unpack();
    }

    /// @dev Everything that can keep a deal from being committed, except its signatures; what is previewed is thereby
    /// what happens.
    function _refusal(
        Deal calldata deal,
        Party memory buyer,
        Party memory seller
    ) internal view returns (bytes4 reason, uint256 actual, uint256 limit) {
        if (deal.buyer == deal.seller) return (BuyerIsSeller.selector, deal.buyer, deal.seller);
        (reason, actual, limit) = _partyRefusal(buyer);
        if (reason == 0) (reason, actual, limit) = _partyRefusal(seller);
        if (reason == 0) (reason, actual, limit) = _termsRefusal(deal);
        if (reason != 0) return (reason, actual, limit);

        Status status = _records[deal.key()].status();
        if (status != Status.None) return (NegotiationUsed.selector, uint256(status), uint256(Status.None));

        actual = free(deal.buyer, deal.token);
        limit = uint256(deal.price) + deal.buyerBond;
        if (actual < limit) return (BuyerFundsTooLow.selector, actual, limit);

        actual = deal.sellerBond == 0 ? 0 : free(deal.seller, deal.token);
        limit = deal.sellerBond;
        if (actual < limit) return (SellerFundsTooLow.selector, actual, limit);
        return (0, 0, 0);
    }

    function _partyRefusal(Party memory party) private view returns (bytes4 reason, uint256 actual, uint256 limit) {
        if (party.epoch == 0) return (AgentUnknown.selector, party.agent, registry.agentCount());
        if (party.wallet == address(0)) return (WalletMissing.selector, party.agent, party.epoch);
    }

    function _termsRefusal(Deal calldata deal) private view returns (bytes4 reason, uint256 actual, uint256 limit) {
        if (block.timestamp > deal.commitBy) return (CommitByPassed.selector, block.timestamp, deal.commitBy);
        limit = block.timestamp + MAX_COMMIT_AHEAD;
        if (deal.commitBy > limit) return (CommitByTooFar.selector, deal.commitBy, limit);
        if (deal.lapseShare > WHOLE) return (LapseShareTooHigh.selector, deal.lapseShare, WHOLE);
        limit = 0;
    }

    function _requireCommittable(Deal calldata deal) private view returns (Party memory buyer, Party memory seller) {
        buyer = _party(deal.buyer);
        seller = _party(deal.seller);
        (bytes4 reason, uint256 actual, uint256 limit) = _refusal(deal, buyer, seller);
        if (reason == 0) return (buyer, seller);
        bytes memory data = abi.encodeWithSelector(reason, actual, limit);
        assembly ("memory-safe") {
            revert(add(data, 0x20), mload(data))
        }
    }

    function _commit(Deal calldata deal, bytes32 hash, bytes32 transcript) private {
        _records[deal.key()] = PackedRecords.committed(DealHash.fingerprint(hash, transcript), block.timestamp);
        _debit(deal.buyer, deal.token, uint256(deal.price) + deal.buyerBond);
        _debit(deal.seller, deal.token, deal.sellerBond);
        emit Committed(
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

    function _payInFull(Deal calldata deal, Standing memory standing, Outcome outcome) private {
        _settle(deal, standing, outcome, uint256(deal.price) + deal.sellerBond);
    }

    /// @dev The only way out of escrow: the seller gets `toSeller` and the buyer all the rest.
    function _settle(Deal calldata deal, Standing memory standing, Outcome outcome, uint256 toSeller) private {
        uint256 toBuyer = uint256(deal.price) + deal.buyerBond + deal.sellerBond - toSeller;
        _enter(standing, Status.Settled);
        _credit(deal.buyer, deal.token, toBuyer);
        _credit(deal.seller, deal.token, toSeller);
        emit Settled(standing.deal, outcome, toBuyer, toSeller);
    }

    function _enter(Standing memory standing, Status status) private {
        _records[standing.key] = standing.record.entered(status, block.timestamp);
    }

    function _requireStatus(
        Deal calldata deal,
        bytes32 transcript,
        uint256 allowed
    ) private view returns (Standing memory standing) {
        standing.deal = deal.hash();
        standing.key = deal.key();
        PackedRecord record = _records[standing.key];
        bytes26 fingerprint = DealHash.fingerprint(standing.deal, transcript);
        if (fingerprint != record.fingerprint()) {
            revert Errors.DealMismatch(standing.deal, fingerprint, record.fingerprint());
        }
        Status status = record.status();
        if (_bit(status) & allowed == 0) revert Errors.StatusMismatch(standing.deal, status, allowed);
        standing.record = record;
    }

    function _requireAfter(bytes32 hash, uint256 deadline) private view {
        if (block.timestamp <= deadline) revert Errors.DeadlineNotPassed(hash, block.timestamp, deadline);
    }

    /// @dev A metered deal is paid by receipts and has neither delivery nor review.
    function _isMetered(Deal calldata deal) private pure returns (bool) {
        return deal.reviewPeriod == 0;
    }

    function _bit(Status status) private pure returns (uint256) {
        return 1 << uint256(status);
    }
}
