// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IArbitrator} from "../interfaces/IArbitrator.sol";
import {IRefusals} from "../interfaces/IRefusals.sol";
import {Deadlines} from "../libraries/Deadlines.sol";
import {Errors} from "../libraries/Errors.sol";
import {Payouts} from "../libraries/Payouts.sol";
import {Statuses} from "../libraries/Statuses.sol";
import {Act} from "../types/Act.sol";
import {DisputeRecord} from "../types/DisputeRecord.sol";
import {Deal} from "../types/Deal.sol";
import {Checks} from "./Checks.sol";

/// @title Rehearsal
/// @notice Every act on a deal as Settlement would judge it, check by check in the same order, from views alone.
/// @dev Random sequences of acts hold it against Settlement: see test/contracts/model.
abstract contract Rehearsal is Checks {
    using Payouts for Deal;

    function _rehearse(
        Act act,
        Deal calldata deal,
        bytes32 transcript,
        address by,
        uint256 amount
    ) internal view returns (uint256 toBuyer, uint256 toSeller) {
        if (act == Act.Commit) _commit(deal);
        else if (act == Act.Deliver) _deliver(deal, transcript, by);
        else if (act == Act.Accept) return _accept(deal, transcript, by);
        else if (act == Act.Claim) return _claim(deal, transcript);
        else if (act == Act.ClaimReceipt) _claimReceipt(deal, transcript, amount);
        else if (act == Act.Close) return _close(deal, transcript, by, amount);
        else if (act == Act.Refund) return _refund(deal, transcript);
        else if (act == Act.Split) return _split(deal, transcript, amount);
        else if (act == Act.Dispute) _dispute(deal, transcript, by, amount);
        else if (act == Act.Answer) return _answer(deal, transcript, by, amount);
        else if (act == Act.Refer) _refer(deal, transcript, amount);
        else if (act == Act.Execute) return _execute(deal, transcript);
        else if (act == Act.Lapse) return _lapse(deal, transcript);
        else if (act == Act.Cure) _cure(deal, transcript, by);
        else return _penalise(deal, transcript);
    }

    function _commit(Deal calldata deal) private view {
        (bytes4 reason, uint256 actual, uint256 limit) = _settlement.refusal(deal);
        _requireNone(reason, actual, limit);
    }

    function _deliver(Deal calldata deal, bytes32 transcript, address by) private view {
        if (by != address(0)) _requireSpeaks(deal.seller, by);
        Standing memory standing = _standing(deal, transcript, Statuses.COMMITTED);
        if (deal.isMetered()) revert Errors.DealMetered(standing.deal);
        Deadlines.requireUntil(standing.deal, standing.since + deal.deliverWithin);
    }

    function _accept(Deal calldata deal, bytes32 transcript, address by) private view returns (uint256, uint256) {
        _requireSpeaks(deal.buyer, by);
        Standing memory standing = _standing(deal, transcript, Statuses.OPEN);
        return _paid(deal, standing, deal.inFull());
    }

    function _claim(Deal calldata deal, bytes32 transcript) private view returns (uint256, uint256) {
        Standing memory standing = _standing(deal, transcript, Statuses.DELIVERED);
        Deadlines.requireAfter(standing.deal, standing.since + deal.reviewPeriod);
        return _paid(deal, standing, deal.inFull());
    }

    function _claimReceipt(Deal calldata deal, bytes32 transcript, uint256 total) private view {
        Standing memory standing = _standing(deal, transcript, Statuses.LIVE);
        _requireReceipt(deal, standing, total);
        if (total == standing.received) revert Errors.ReceiptTooLow(standing.deal, total, standing.received);
        _requireFits(deal.seller, deal.token, total - standing.received);
    }

    function _close(
        Deal calldata deal,
        bytes32 transcript,
        address by,
        uint256 total
    ) private view returns (uint256, uint256) {
        Standing memory standing = _standing(deal, transcript, Statuses.OPEN);
        _requireReceipt(deal, standing, total);
        if (total == 0) revert Errors.ReceiptTooLow(standing.deal, total, standing.received);
        if (total != deal.price) _requireSpeaks(deal.seller, by);
        return _paid(deal, standing, deal.undelivered(total));
    }

    function _refund(Deal calldata deal, bytes32 transcript) private view returns (uint256, uint256) {
        Standing memory standing = _standing(deal, transcript, Statuses.COMMITTED);
        Deadlines.requireAfter(standing.deal, standing.since + deal.deliverWithin + Deadlines.GRACE);
        return _paid(deal, standing, deal.undelivered(standing.received));
    }

    function _split(Deal calldata deal, bytes32 transcript, uint256 share) private view returns (uint256, uint256) {
        Standing memory standing = _standing(deal, transcript, Statuses.LIVE);
        uint256 pot = deal.pot();
        if (share > pot) revert Errors.SplitTooHigh(standing.deal, share, pot);
        if (share < standing.received) revert Errors.SplitTooLow(standing.deal, share, standing.received);
        return _paid(deal, standing, share);
    }

    function _dispute(Deal calldata deal, bytes32 transcript, address by, uint256 share) private view {
        if (by != address(0)) _requireSpeaks(deal.buyer, by);
        Standing memory standing = _standing(deal, transcript, Statuses.DELIVERED);
        Deadlines.requireUntil(standing.deal, standing.since + deal.reviewPeriod);
        Payouts.requireShare(standing.deal, share);
    }

    function _answer(
        Deal calldata deal,
        bytes32 transcript,
        address by,
        uint256 share
    ) private view returns (uint256 toBuyer, uint256 toSeller) {
        if (by != address(0)) _requireSpeaks(deal.seller, by);
        Standing memory standing = _standing(deal, transcript, Statuses.DISPUTED);
        DisputeRecord memory case_ = _settlement.disputeOf(deal);
        if (case_.answered) revert Errors.AlreadyAnswered(standing.deal);
        Deadlines.requireUntil(standing.deal, standing.since + Deadlines.STATEMENT_PERIOD);
        Payouts.requireShare(standing.deal, share);
        if (share <= case_.buyerShare) return _awarded(deal, standing, share, deal.sellerBond);
    }

    function _refer(Deal calldata deal, bytes32 transcript, uint256 value) private view {
        Standing memory standing = _standing(deal, transcript, Statuses.DISPUTED);
        DisputeRecord memory case_ = _settlement.disputeOf(deal);
        if (case_.referred) revert Errors.AlreadyReferred(standing.deal);
        if (!case_.answered) Deadlines.requireAfter(standing.deal, standing.since + Deadlines.STATEMENT_PERIOD);
        Deadlines.requireUntil(standing.deal, case_.rulingUntil);
        uint256 cost = IArbitrator(deal.arbitrator).arbitrationCost(abi.encode(case_.rulingUntil - block.timestamp));
        if (cost > deal.maxFee + value) revert Errors.FeeTooHigh(cost, deal.maxFee + value);
    }

    function _execute(Deal calldata deal, bytes32 transcript) private view returns (uint256, uint256) {
        Standing memory standing = _standing(deal, transcript, Statuses.DISPUTED);
        DisputeRecord memory case_ = _settlement.disputeOf(deal);
        if (!case_.ruled) revert Errors.NotRuled(standing.deal);
        (uint256 share, uint256 bonds) = deal.ruled(case_);
        return _awarded(deal, standing, share, bonds);
    }

    function _lapse(Deal calldata deal, bytes32 transcript) private view returns (uint256, uint256) {
        Standing memory standing = _standing(deal, transcript, Statuses.DISPUTED);
        DisputeRecord memory case_ = _settlement.disputeOf(deal);
        if (case_.ruled) revert Errors.AlreadyRuled(standing.deal);
        Deadlines.requireAfter(standing.deal, case_.rulingUntil);
        return _awarded(deal, standing, deal.lapseShare, deal.sellerBond);
    }

    function _cure(Deal calldata deal, bytes32 transcript, address by) private view {
        Standing memory standing = _standing(deal, transcript, Statuses.DECLARED);
        (uint256 declarer, uint32 agreedIn, uint256 cureUntil) = _settlement.declarationOf(deal);
        Deadlines.requireUntil(standing.deal, cureUntil);
        bool buys = declarer == deal.seller;
        uint256 agent = buys ? deal.buyer : deal.seller;
        uint256 exposure = deal.exposure(buys);
        (, uint32 epoch, , uint40 lockedUntil) = _registry.stateOf(agent);
        bool revoked = agreedIn != epoch;
        if (revoked && by != _registry.ownerOf(agent)) revert Errors.NotOwner(agent, by);

        if (block.timestamp <= lockedUntil) revert IRefusals.AgentLocked(block.timestamp, lockedUntil);
        if (!revoked) {
            // the wallet that it agreed by is still there: without it, this would be another epoch
            (bytes4 reason, uint256 actual, uint256 limit) = _settlement.mandateRefusal(deal, agent, exposure);
            _requireNone(reason, actual, limit);
        }
        uint256 free = _settlement.free(agent, deal.token);
        if (free >= exposure) return;
        if (buys) revert IRefusals.BuyerFundsTooLow(free, exposure);
        revert IRefusals.SellerFundsTooLow(free, exposure);
    }

    function _penalise(
        Deal calldata deal,
        bytes32 transcript
    ) private view returns (uint256 toBuyer, uint256 toSeller) {
        Standing memory standing = _standing(deal, transcript, Statuses.DECLARED);
        (uint256 declarer, , uint256 cureUntil) = _settlement.declarationOf(deal);
        Deadlines.requireAfter(standing.deal, cureUntil);
        if (declarer == deal.buyer) toBuyer = deal.exposure(true);
        else toSeller = deal.exposure(false);
        _requireFits(declarer, deal.token, toBuyer + toSeller);
    }
}
