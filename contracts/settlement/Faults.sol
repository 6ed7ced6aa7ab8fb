// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRefusals} from "../interfaces/IRefusals.sol";
import {IFaults} from "../interfaces/settlement/IFaults.sol";
import {Deadlines} from "../libraries/Deadlines.sol";
import {DealHash} from "../libraries/DealHash.sol";
import {Errors} from "../libraries/Errors.sol";
import {PackedRecords} from "../libraries/PackedRecord.sol";
import {Payouts} from "../libraries/Payouts.sol";
import {Statuses} from "../libraries/Statuses.sol";
import {Said, SessionAuth} from "../types/Auth.sol";
import {Deal, Status} from "../types/Deal.sol";
import {Envelope, Kind} from "../types/Envelope.sol";
import {Party} from "../types/Party.sol";
import {Escrow} from "./Escrow.sol";

/// @title Faults
/// @notice What signed envelopes alone prove against an agent, and what that costs its stake.
abstract contract Faults is Escrow, IFaults {
    using DealHash for Deal;
    using Payouts for Deal;

    /// @notice Who declared, and in which key epoch the other side had agreed.
    struct Declaration {
        bool bySeller; // slot 0
        uint32 epoch; // slot 0
    }

    uint256 private constant MIN_CURE = 1 hours;

    /// @dev The counterparty's part of what a fault costs; the rest is burnt.
    uint256 private constant REWARD_DIVISOR = 10;

    address private immutable _guardian;

    mapping(bytes32 key => Declaration) private _declarations;

    /// @dev What an agent has paid for faults in one negotiation with one counterparty, per token.
    mapping(bytes32 key => uint256) private _paid;

    constructor(address guardian_) {
        _guardian = guardian_;
    }

    /// @inheritdoc IFaults
    function equivocation(uint256 agent, Deal calldata deal, Said calldata first, Said calldata second) external {
        bytes32 hash = deal.hash();
        if (agent != deal.buyer && agent != deal.seller) revert Errors.NotAParty(hash, agent);
        // who gets a tenth has to be somebody, and somebody else
        if (deal.buyer == deal.seller) revert IRefusals.BuyerIsSeller(deal.buyer, deal.seller);
        _requireRegistered(_other(deal, agent));
        if (first.deal != hash) revert Errors.WrongDeal(first.deal, hash);
        uint32 seq = first.auth.session.seq;
        if (second.auth.session.seq != seq) revert Errors.NotEquivocal(agent, seq, second.auth.session.seq);
        bytes32 one = _requireLiable(agent, first.auth.session, _said(deal, first));
        bytes32 other = _requireLiable(agent, second.auth.session, _said(deal, second));
        if (one == other) revert Errors.NotEquivocal(agent, seq, seq);

        (bytes32 key, uint256 paid, uint256 bond) = _dueOf(deal, agent);
        if (paid >= bond) revert Errors.FaultPaid(agent, paid, bond);
        emit Equivocated(agent, deal.negotiation, seq, one, other);
        _penalty(deal, hash, agent, key, paid, bond);
    }

    /// @inheritdoc IFaults
    function commitOrDeclare(
        Deal calldata deal,
        bool buyerAccepts,
        bytes32 seen,
        SessionAuth calldata buyer,
        SessionAuth calldata seller
    ) external {
        bool bySeller = !_isOwnerOrWallet(deal.buyer);
        if (bySeller) _requireOwnerOrWallet(deal.seller);
        Party memory buying = _party(deal.buyer);
        Party memory selling = _party(deal.seller);
        // the same two by their parts: what is found for one here is what is committed below
        (Party memory own, Party memory other) = bySeller ? (selling, buying) : (buying, selling);
        _requireNoneOf(deal, own);

        uint32 epoch = bySeller ? buyer.epoch : seller.epoch;
        bool revoked = epoch != other.epoch;
        if (revoked) _turnBack(other, epoch);
        bytes32 hash = deal.hash();
        bytes32 transcript =
            buyerAccepts
                ? _requireAgreed(deal, hash, seen, selling, seller, buying, buyer)
                : _requireAgreed(deal, hash, seen, buying, buyer, selling, seller);
        bytes4 reason = Errors.WrongEpoch.selector;
        if (!revoked) (reason, , ) = _sideRefusal(deal, other, false);
        if (reason == 0) return _commit(deal, deal.key(), hash, transcript, buying, selling);
        _declare(deal, hash, transcript, own, reason, Declaration({bySeller: bySeller, epoch: epoch}));
    }

    /// @inheritdoc IFaults
    function cure(Deal calldata deal, bytes32 transcript) external {
        Standing memory standing = _requireStatus(deal, transcript, Statuses.DECLARED);
        Deadlines.requireUntil(standing.deal, _cureUntil(deal, standing.record.since()));
        Declaration memory declared = _declarations[standing.key];
        Party memory other = _party(declared.bySeller ? deal.buyer : deal.seller);
        // keys that were taken back commit nothing any more; their owner may still want to keep the word
        bool revoked = declared.epoch != other.epoch;
        if (revoked) _requireOwner(other.agent);
        (bytes4 reason, uint256 actual, uint256 limit) = _sideRefusal(deal, other, revoked);
        _requireNone(reason, actual, limit);
        _charge(other);
        _enter(standing, Status.Committed);
        emit Cured(standing.deal, other.agent);
    }

    /// @inheritdoc IFaults
    function penalise(Deal calldata deal, bytes32 transcript) external {
        Standing memory standing = _requireStatus(deal, transcript, Statuses.DECLARED);
        Deadlines.requireAfter(standing.deal, _cureUntil(deal, standing.record.since()));
        bool bySeller = _declarations[standing.key].bySeller;
        (uint256 own, uint256 other) = bySeller ? (deal.seller, deal.buyer) : (deal.buyer, deal.seller);
        _enter(standing, Status.Defaulted);
        uint256 returned = deal.exposure(!bySeller);
        _credit(own, deal.token, returned);
        emit Defaulted(standing.deal, other, returned);
        (bytes32 key, uint256 paid, uint256 bond) = _dueOf(deal, other);
        _penalty(deal, standing.deal, other, key, paid, bond);
    }

    /// @inheritdoc IFaults
    function pause() external {
        _requireGuardian();
        _pausedAt = block.timestamp;
        emit Paused(_guardian);
    }

    /// @inheritdoc IFaults
    function unpause() external {
        _requireGuardian();
        _pausedAt = 0;
        emit Unpaused(_guardian);
    }

    /// @inheritdoc IFaults
    function pausedAt() external view returns (uint256) {
        return _pausedAt;
    }

    /// @inheritdoc IFaults
    function guardian() external view returns (address) {
        return _guardian;
    }

    /// @inheritdoc IFaults
    function declarationOf(
        Deal calldata deal
    ) external view returns (uint256 declarer, uint32 epoch, uint256 cureUntil) {
        bytes32 key = deal.key();
        if (_records[key].status() != Status.Declared) return (0, 0, 0);
        Declaration memory declared = _declarations[key];
        declarer = declared.bySeller ? deal.seller : deal.buyer;
        return (declarer, declared.epoch, _cureUntil(deal, _records[key].since()));
    }

    function _declare(
        Deal calldata deal,
        bytes32 hash,
        bytes32 transcript,
        Party memory own,
        bytes4 reason,
        Declaration memory declaration
    ) private {
        bytes32 key = deal.key();
        _records[key] = PackedRecords.first(DealHash.fingerprint(hash, transcript), Status.Declared, block.timestamp);
        _declarations[key] = declaration;
        _charge(own);
        emit Declared(
            hash,
            own.agent,
            deal.buyer,
            deal.seller,
            deal.negotiation,
            transcript,
            deal.token,
            deal.exposure(!declaration.bySeller),
            _cureUntil(deal, block.timestamp),
            reason
        );
    }

    /// @dev Costs the side at fault the bond that it named, once for each negotiation and counterparty. A fault over
    /// a smaller bond, which it might prove against itself, saves nothing of a larger one.
    function _penalty(
        Deal calldata deal,
        bytes32 hash,
        uint256 agent,
        bytes32 key,
        uint256 paid,
        uint256 bond
    ) private {
        uint256 taken = bond > paid ? _forfeit(agent, deal.token, bond - paid) : 0;
        _paid[key] = paid + taken;
        uint256 reward = taken / REWARD_DIVISOR;
        _credit(_other(deal, agent), deal.token, reward);
        _burnt[deal.token] += taken - reward;
        emit Penalised(hash, agent, deal.token, taken, reward);
    }

    /// @dev Makes of a party what it was in an epoch that ended within a day: revocation ends authority, not liability.
    function _turnBack(Party memory party, uint32 epoch) private view {
        uint256 endedAt;
        (party.wallet, endedAt) = _speaker(party, epoch);
        _requireWithin(party.agent, 0, endedAt + LIABILITY);
        party.epoch = epoch;
    }

    function _requireNoneOf(Deal calldata deal, Party memory own) private view {
        (bytes4 reason, uint256 actual, uint256 limit) = _dealRefusal(deal, deal.key());
        _requireNone(reason, actual, limit);
        (reason, actual, limit) = _sideRefusal(deal, own, false);
        _requireNone(reason, actual, limit);
    }

    /// @dev What a fault of the agent's costs it, its bond, and what it has paid for others already, under which key.
    function _dueOf(Deal calldata deal, uint256 agent) private view returns (bytes32 key, uint256 paid, uint256 bond) {
        key = keccak256(abi.encode(agent, _other(deal, agent), deal.negotiation, deal.token));
        paid = _paid[key];
        bond = agent == deal.buyer ? deal.buyerBond : deal.sellerBond;
    }

    function _requireGuardian() private view {
        if (msg.sender != _guardian) revert Errors.NotGuardian(msg.sender, _guardian);
    }

    function _said(Deal calldata deal, Said calldata said) private pure returns (Envelope memory) {
        return _envelope(deal.negotiation, said.accepts ? Kind.Accept : Kind.Offer, said.auth.seen, said.deal);
    }

    function _cureUntil(Deal calldata deal, uint256 since) private pure returns (uint256) {
        uint256 least = since + MIN_CURE;
        return deal.commitBy > least ? deal.commitBy : least;
    }
}
