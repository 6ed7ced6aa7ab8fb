// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAgentRegistry} from "./interfaces/IAgentRegistry.sol";
import {IHandOver} from "./interfaces/IHandOver.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {Agents} from "./libraries/Agents.sol";
import {Assets} from "./libraries/Assets.sol";
import {Deadlines} from "./libraries/Deadlines.sol";
import {DealHash} from "./libraries/DealHash.sol";
import {Errors} from "./libraries/Errors.sol";
import {Guarded} from "./libraries/Guarded.sol";
import {Keccak} from "./libraries/Keccak.sol";
import {Statuses} from "./libraries/Statuses.sol";
import {ActAuth} from "./types/Auth.sol";
import {Deal, Record, Status} from "./types/Deal.sol";
import {Asset, Fate, Parcel} from "./types/Parcel.sol";

/// @title HandOver
/// @notice Assets that change hands when a deal is settled, and only then. Nobody administers it.
contract HandOver is IHandOver, Guarded {
    using Agents for IAgentRegistry;
    using Assets for Asset;
    using DealHash for Deal;

    /// @dev A deal as its assets depend on it.
    struct Ending {
        bytes32 deal;
        bytes32 transcript;
        /// @dev When it was settled without a dispute; `NEVER` if it wasn't.
        uint256 settledAt;
    }

    uint256 private constant NEVER = type(uint256).max;

    /// @dev How the code of an account begins that delegates by EIP-7702; no contract's does.
    bytes3 private constant DELEGATION = 0xef0100;

    /// @inheritdoc IHandOver
    ISettlement public immutable settlement;

    IAgentRegistry private immutable _registry;

    mapping(bytes32 place => Parcel) private _parcels;
    mapping(uint256 agent => mapping(uint256 tenure => address)) private _receivers;

    /// @notice Deploys it for the deals of one Settlement and the agents of its registry.
    /// @param settlement_ Where they settle their deals; it can't be exchanged later.
    constructor(ISettlement settlement_) {
        settlement = settlement_;
        _registry = settlement_.registry();
    }

    /// @inheritdoc IHandOver
    function put(
        Deal calldata deal,
        bytes32 transcript,
        bool byBuyer,
        Asset calldata asset,
        Asset calldata inReturn,
        uint40 until
    ) external guarded {
        bytes32 hash = deal.hash();
        uint256 agent = byBuyer ? deal.buyer : deal.seller;
        if (!_registry.speaksFor(msg.sender, agent)) revert Errors.NotOwnerOrWallet(agent, msg.sender);
        if (asset.token == address(_registry) && (asset.number == deal.buyer || asset.number == deal.seller)) {
            revert AgentOfDeal(hash, asset.number);
        }
        if (block.timestamp > until) revert UntilPassed(block.timestamp, until);
        uint256 limit = _latestUntil(deal, hash, transcript);
        if (until > limit) revert UntilTooFar(until, limit);
        bool returned = inReturn.token != address(0);
        if (byBuyer && !returned && deal.price != 0) revert ReturnMissing(hash, deal.price);

        Parcel storage parcel = _parcels[_placeOf(hash, transcript, byBuyer, asset)];
        if (parcel.from != address(0)) revert AlreadyPut(hash, asset.token, asset.number);
        bool unique = Assets.isUnique(asset.token);
        parcel.from = msg.sender;
        parcel.until = until;
        parcel.unique = unique;
        if (returned) parcel.inReturn = _placeOf(hash, transcript, !byBuyer, inReturn);
        emit AssetPut(hash, agent, asset.token, asset.number, transcript, inReturn, until);
        asset.pull(unique);
    }

    /// @inheritdoc IHandOver
    function exchange(
        Deal calldata deal,
        bytes32 transcript,
        ActAuth calldata receipt,
        Asset[] calldata fromSeller,
        Asset[] calldata fromBuyer
    ) external guarded {
        Ending memory ending = _endingOf(deal, transcript);
        // whoever saw the receipt on its way may have closed the deal with it
        if (ending.settledAt == NEVER) {
            settlement.claimReceipt(deal, transcript, deal.price, receipt, true);
            ending.settledAt = block.timestamp;
        }
        for (uint256 i = 0; i < fromSeller.length; ++i) _hand(deal, ending, false, fromSeller[i], address(0));
        for (uint256 i = 0; i < fromBuyer.length; ++i) _hand(deal, ending, true, fromBuyer[i], address(0));
    }

    /// @inheritdoc IHandOver
    function take(
        Deal calldata deal,
        bytes32 transcript,
        bool byBuyer,
        Asset calldata asset,
        address to
    ) external guarded {
        _hand(deal, _endingOf(deal, transcript), byBuyer, asset, to);
    }

    /// @inheritdoc IHandOver
    function takeBack(
        Deal calldata deal,
        bytes32 transcript,
        bool byBuyer,
        Asset calldata asset,
        address to
    ) external guarded {
        Ending memory ending = _endingOf(deal, transcript);
        (bytes32 place, Parcel memory parcel) = _requireFate(ending, byBuyer, asset, Fate.Back);
        if (to == address(0)) to = parcel.from;
        else if (msg.sender != parcel.from) revert NotPutter(ending.deal, msg.sender, parcel.from);
        delete _parcels[place];
        emit AssetTakenBack(ending.deal, byBuyer ? deal.buyer : deal.seller, asset.token, asset.number, to);
        asset.push(parcel.unique, to);
    }

    /// @inheritdoc IHandOver
    function nameReceiver(uint256 agent, address receiver) external {
        if (msg.sender != _registry.ownerOf(agent)) revert Errors.NotOwner(agent, msg.sender);
        uint256 tenure = _registry.tenure(agent);
        _receivers[agent][tenure] = receiver;
        emit ReceiverNamed(agent, tenure, receiver);
    }

    /// @inheritdoc IHandOver
    function receiverOf(uint256 agent) public view returns (address receiver) {
        receiver = _receivers[agent][_registry.tenure(agent)];
        if (receiver != address(0)) return receiver;
        address owner = _registry.ownerOf(agent);
        return owner.code.length == 0 || bytes3(owner.code) == DELEGATION ? owner : address(0);
    }

    /// @inheritdoc IHandOver
    function parcelOf(
        Deal calldata deal,
        bytes32 transcript,
        bool byBuyer,
        Asset calldata asset
    ) external view returns (Parcel memory parcel, Fate fate) {
        bytes32 place = _placeOf(deal.hash(), transcript, byBuyer, asset);
        parcel = _parcels[place];
        return (parcel, _fateOf(place, parcel, _endingOf(deal, transcript).settledAt));
    }

    /// @inheritdoc IHandOver
    function latestUntil(Deal calldata deal, bytes32 transcript) external view returns (uint256) {
        return _latestUntil(deal, deal.hash(), transcript);
    }

    function _hand(Deal calldata deal, Ending memory ending, bool byBuyer, Asset calldata asset, address to) private {
        (bytes32 place, Parcel memory parcel) = _requireFate(ending, byBuyer, asset, Fate.Due);
        uint256 agent = byBuyer ? deal.seller : deal.buyer;
        if (to == address(0)) {
            to = receiverOf(agent);
            if (to == address(0)) revert ReceiverMissing(agent, _registry.ownerOf(agent));
        } else if (msg.sender != _registry.ownerOf(agent)) {
            revert Errors.NotOwner(agent, msg.sender);
        }
        // not deleted: what was put in return for it still asks
        _parcels[place].handed = true;
        emit AssetHandedOver(ending.deal, agent, asset.token, asset.number, to);
        asset.push(parcel.unique, to);
    }

    function _requireFate(
        Ending memory ending,
        bool byBuyer,
        Asset calldata asset,
        Fate needed
    ) private view returns (bytes32 place, Parcel memory parcel) {
        place = _placeOf(ending.deal, ending.transcript, byBuyer, asset);
        parcel = _parcels[place];
        Fate fate = _fateOf(place, parcel, ending.settledAt);
        if (fate != needed) revert FateMismatch(ending.deal, asset.token, asset.number, fate, needed);
    }

    function _fateOf(bytes32 place, Parcel memory parcel, uint256 settledAt) private view returns (Fate) {
        if (parcel.from == address(0)) return Fate.None;
        if (parcel.handed) return Fate.Handed;
        if (_isDue(place, parcel, settledAt)) return Fate.Due;
        return block.timestamp > parcel.until ? Fate.Back : Fate.Open;
    }

    /// @dev Two that are put for each other go together. One that is put for one that wants a third thing waits in
    /// vain: so nothing is due whose return isn't due itself.
    function _isDue(bytes32 place, Parcel memory parcel, uint256 settledAt) private view returns (bool) {
        if (settledAt > parcel.until) return false;
        if (parcel.inReturn == 0) return true;
        Parcel storage other = _parcels[parcel.inReturn];
        return settledAt <= other.until && (other.inReturn == 0 || other.inReturn == place);
    }

    function _endingOf(Deal calldata deal, bytes32 transcript) private view returns (Ending memory ending) {
        ending.deal = deal.hash();
        ending.transcript = transcript;
        Record memory record = settlement.recordOf(deal);
        bool settled =
            record.status == Status.Settled &&
                record.fingerprint == DealHash.fingerprint(ending.deal, transcript) &&
                settlement.disputeOf(deal).rulingUntil == 0;
        ending.settledAt = settled ? record.since : NEVER;
    }

    /// @dev A refund takes a deal that has been committed for longer. Of one that was delivered there is none at all,
    /// and one that isn't committed yet can't be so earlier than now.
    function _latestUntil(Deal calldata deal, bytes32 hash, bytes32 transcript) private view returns (uint256) {
        Record memory record = settlement.recordOf(deal);
        uint256 from = block.timestamp;
        if (record.status != Status.None) {
            uint256 allowed = Statuses.OPEN | Statuses.DECLARED;
            Statuses.requireIn(allowed, hash, transcript, record.fingerprint, record.status);
            if (record.status != Status.Declared) from = record.since;
        }
        return from + deal.deliverWithin + Deadlines.GRACE;
    }

    /// @dev Where a side's asset is kept for a deal.
    function _placeOf(
        bytes32 hash,
        bytes32 transcript,
        bool byBuyer,
        Asset calldata asset
    ) private pure returns (bytes32) {
        bytes32 side = bytes32(uint256(byBuyer ? 1 : 0));
        return Keccak.hash(hash, transcript, side, bytes32(uint256(uint160(asset.token))), bytes32(asset.number));
    }
}
