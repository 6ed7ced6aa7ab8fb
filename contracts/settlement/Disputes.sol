// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IArbitrable} from "../interfaces/IArbitrable.sol";
import {IArbitrator} from "../interfaces/IArbitrator.sol";
import {IEvidence} from "../interfaces/IEvidence.sol";
import {IDisputes} from "../interfaces/settlement/IDisputes.sol";
import {BodyHash} from "../libraries/BodyHash.sol";
import {Deadlines} from "../libraries/Deadlines.sol";
import {DealHash} from "../libraries/DealHash.sol";
import {Errors} from "../libraries/Errors.sol";
import {Payouts} from "../libraries/Payouts.sol";
import {Statuses} from "../libraries/Statuses.sol";
import {ActAuth, WalletAuth} from "../types/Auth.sol";
import {Deal, Outcome, Status} from "../types/Deal.sol";
import {DisputeRecord} from "../types/DisputeRecord.sol";
import {Kind} from "../types/Envelope.sol";
import {Escrow} from "./Escrow.sol";

/// @title Disputes
/// @notice How a deal ends when the two don't agree, or agree on something else.
abstract contract Disputes is Escrow, IDisputes {
    using DealHash for Deal;
    using Payouts for Deal;

    address private immutable _self = address(this);

    mapping(bytes32 key => DisputeRecord) private _disputes;
    mapping(address arbitrator => mapping(uint256 disputeId => bytes32 key)) private _referred;

    /// @dev The arbitrator that is being asked at this moment, and whether it ruled instead of answering.
    address private transient _asked;
    bool private transient _ruledWhenAsked;

    /// @dev Coin that came to this code's own address would be stuck there.
    modifier delegated() {
        if (address(this) == _self) revert Errors.CalledDirectly(_self);
        _;
    }

    /// @inheritdoc IDisputes
    function split(
        Deal calldata deal,
        bytes32 transcript,
        uint128 toSeller,
        uint40 until,
        WalletAuth calldata buyer,
        WalletAuth calldata seller
    ) external {
        bytes32 hash = deal.hash();
        _requireConsent(deal.buyer, buyer, BodyHash.splitConsent(hash, toSeller, until, buyer.epoch));
        _requireConsent(deal.seller, seller, BodyHash.splitConsent(hash, toSeller, until, seller.epoch));
        _split(deal, transcript, toSeller, until);
    }

    /// @inheritdoc IDisputes
    function splitBySession(
        Deal calldata deal,
        bytes32 transcript,
        uint128 toSeller,
        uint40 until,
        ActAuth calldata buyer,
        ActAuth calldata seller
    ) external {
        bytes32 body = BodyHash.split(deal.hash(), toSeller, until);
        _requireActed(deal, deal.buyer, Kind.Cancel, body, buyer);
        _requireActed(deal, deal.seller, Kind.Cancel, body, seller);
        _split(deal, transcript, toSeller, until);
    }

    /// @inheritdoc IDisputes
    function dispute(
        Deal calldata deal,
        bytes32 transcript,
        uint16 share,
        bytes32 evidence
    ) external payable guarded delegated {
        _requireOwnerOrWallet(deal.buyer);
        _dispute(deal, transcript, share, evidence);
    }

    /// @inheritdoc IDisputes
    function disputeBySession(
        Deal calldata deal,
        bytes32 transcript,
        uint16 share,
        bytes32 evidence,
        ActAuth calldata buyer
    ) external payable guarded delegated {
        _requireActed(deal, deal.buyer, Kind.Dispute, BodyHash.dispute(deal.hash(), share, evidence), buyer);
        _dispute(deal, transcript, share, evidence);
    }

    /// @inheritdoc IDisputes
    function answer(Deal calldata deal, bytes32 transcript, uint16 share, bytes32 evidence) external {
        _requireOwnerOrWallet(deal.seller);
        _answer(deal, transcript, share, evidence);
    }

    /// @inheritdoc IDisputes
    function answerBySession(
        Deal calldata deal,
        bytes32 transcript,
        uint16 share,
        bytes32 evidence,
        ActAuth calldata seller
    ) external {
        _requireActed(deal, deal.seller, Kind.Dispute, BodyHash.dispute(deal.hash(), share, evidence), seller);
        _answer(deal, transcript, share, evidence);
    }

    /// @inheritdoc IDisputes
    function submitEvidence(Deal calldata deal, bytes32 transcript, string calldata uri) external {
        if (!_isOwnerOrWallet(deal.buyer)) _requireOwnerOrWallet(deal.seller);
        Standing memory standing = _requireStatus(deal, transcript, Statuses.DISPUTED);
        emit IEvidence.Evidence(IArbitrator(deal.arbitrator), uint256(standing.deal), msg.sender, uri);
    }

    /// @inheritdoc IDisputes
    function refer(Deal calldata deal, bytes32 transcript) external payable guarded delegated {
        Standing memory standing = _requireStatus(deal, transcript, Statuses.DISPUTED);
        DisputeRecord storage dispute_ = _disputes[standing.key];
        if (dispute_.referred) revert Errors.AlreadyReferred(standing.deal);
        if (!dispute_.answered) {
            Deadlines.requireAfter(standing.deal, standing.record.since() + Deadlines.STATEMENT_PERIOD);
        }
        Deadlines.requireUntil(standing.deal, dispute_.rulingUntil);
        dispute_.referred = true;

        IArbitrator arbitrator = IArbitrator(deal.arbitrator);
        // what is left of the arbitrator's time, so that one that needs more can decline
        bytes memory extraData = abi.encode(dispute_.rulingUntil - block.timestamp);
        uint256 cost = arbitrator.arbitrationCost(extraData);
        uint256 fund = deal.maxFee + msg.value;
        if (cost > fund) revert Errors.FeeTooHigh(cost, fund);
        uint256 fromDeposit = cost < deal.maxFee ? cost : deal.maxFee;
        _owed[NATIVE] -= fromDeposit;
        _credit(deal.buyer, NATIVE, deal.maxFee - fromDeposit);

        _asked = deal.arbitrator;
        uint256 disputeId = arbitrator.createDispute{value: cost}(Payouts.CHOICES, extraData);
        _asked = address(0);
        if (_ruledWhenAsked || _referred[deal.arbitrator][disputeId] != 0) {
            revert Errors.ArbitratorMisbehaved(deal.arbitrator, disputeId);
        }
        _referred[deal.arbitrator][disputeId] = standing.key;
        emit Referred(standing.deal, deal.arbitrator, disputeId, cost);
        emit IEvidence.Dispute(arbitrator, disputeId, 0, uint256(standing.deal));

        uint256 surplus = msg.value - (cost - fromDeposit);
        if (surplus != 0) _send(NATIVE, msg.sender, surplus);
    }

    /// @inheritdoc IArbitrable
    function rule(uint256 disputeId, uint256 ruling) external {
        if (_asked == msg.sender) {
            _ruledWhenAsked = true;
            return;
        }
        bytes32 key = _referred[msg.sender][disputeId];
        if (key == 0) revert Errors.DisputeUnknown(msg.sender, disputeId);
        emit IArbitrable.Ruling(IArbitrator(msg.sender), disputeId, ruling);

        DisputeRecord storage dispute_ = _disputes[key];
        if (dispute_.ruled || block.timestamp > dispute_.rulingUntil) return;
        if (_records[key].status() != Status.Disputed) return;
        dispute_.ruled = true;
        dispute_.ruling = ruling > Payouts.CHOICES ? 0 : uint16(ruling);
        emit Ruled(key, msg.sender, disputeId, dispute_.ruling);
    }

    /// @inheritdoc IDisputes
    function execute(Deal calldata deal, bytes32 transcript) external {
        Standing memory standing = _requireStatus(deal, transcript, Statuses.DISPUTED);
        DisputeRecord memory dispute_ = _disputes[standing.key];
        if (!dispute_.ruled) revert Errors.NotRuled(standing.deal);
        (uint256 share, uint256 bonds) = deal.ruled(dispute_);
        _award(deal, standing, Outcome.Ruled, share, bonds);
    }

    /// @inheritdoc IDisputes
    function lapse(Deal calldata deal, bytes32 transcript) external {
        Standing memory standing = _requireStatus(deal, transcript, Statuses.DISPUTED);
        DisputeRecord memory dispute_ = _disputes[standing.key];
        if (dispute_.ruled) revert Errors.AlreadyRuled(standing.deal);
        Deadlines.requireAfter(standing.deal, dispute_.rulingUntil);
        _award(deal, standing, Outcome.Lapsed, deal.lapseShare, deal.sellerBond);
    }

    /// @inheritdoc IDisputes
    function disputeOf(Deal calldata deal) external view returns (DisputeRecord memory) {
        return _disputes[deal.key()];
    }

    function _dispute(Deal calldata deal, bytes32 transcript, uint16 share, bytes32 evidence) private {
        Standing memory standing = _requireStatus(deal, transcript, Statuses.DELIVERED);
        Deadlines.requireUntil(standing.deal, standing.record.since() + deal.reviewPeriod);
        Payouts.requireShare(standing.deal, share);
        if (msg.value != deal.maxFee) revert Errors.WrongFee(standing.deal, msg.value, deal.maxFee);
        _enter(standing, Status.Disputed);
        uint256 rulingUntil = block.timestamp + Deadlines.STATEMENT_PERIOD + deal.rulingWithin;
        _disputes[standing.key] = DisputeRecord({
            buyerShare: share,
            sellerShare: uint16(Payouts.WHOLE),
            rulingUntil: uint40(rulingUntil),
            ruling: 0,
            answered: false,
            referred: false,
            ruled: false
        });
        _owed[NATIVE] += msg.value;
        emit Disputed(standing.deal, share, evidence, rulingUntil);
    }

    function _answer(Deal calldata deal, bytes32 transcript, uint16 share, bytes32 evidence) private {
        Standing memory standing = _requireStatus(deal, transcript, Statuses.DISPUTED);
        DisputeRecord storage dispute_ = _disputes[standing.key];
        if (dispute_.answered) revert Errors.AlreadyAnswered(standing.deal);
        Deadlines.requireUntil(standing.deal, standing.record.since() + Deadlines.STATEMENT_PERIOD);
        Payouts.requireShare(standing.deal, share);
        dispute_.answered = true;
        dispute_.sellerShare = share;
        emit Answered(standing.deal, share, evidence);
        // who asks for no more than is owned to has no quarrel left
        if (share <= dispute_.buyerShare) _award(deal, standing, Outcome.Agreed, share, deal.sellerBond);
    }

    function _split(Deal calldata deal, bytes32 transcript, uint128 toSeller, uint40 until) private {
        Standing memory standing = _requireStatus(deal, transcript, Statuses.LIVE);
        Deadlines.requireUntil(standing.deal, until);
        uint256 pot = deal.pot();
        if (toSeller > pot) revert Errors.SplitTooHigh(standing.deal, toSeller, pot);
        uint256 received = _receivedOf(standing);
        if (toSeller < received) revert Errors.SplitTooLow(standing.deal, toSeller, received);
        _returnFee(deal, standing);
        _settle(deal, standing, Outcome.Split, toSeller, received);
    }

    /// @dev Ends a dispute with the seller's share of the price and what it gets of the bonds.
    function _award(
        Deal calldata deal,
        Standing memory standing,
        Outcome outcome,
        uint256 share,
        uint256 bonds
    ) private {
        uint256 received = _receivedOf(standing);
        _returnFee(deal, standing);
        _settle(deal, standing, outcome, deal.earned(share, received) + bonds, received);
    }

    /// @dev A fee that no arbitrator got is the buyer's.
    function _returnFee(Deal calldata deal, Standing memory standing) private {
        if (standing.record.status() != Status.Disputed || _disputes[standing.key].referred) return;
        _credit(deal.buyer, NATIVE, deal.maxFee);
    }

    /// @dev An empty signature stands for the caller's own word.
    function _requireConsent(uint256 agent, WalletAuth calldata auth, bytes32 consent) private view {
        if (auth.signature.length == 0) return _requireOwnerOrWallet(agent);
        _requireSignedByWallet(_party(agent), auth, _hashTypedDataV4(consent));
    }
}
