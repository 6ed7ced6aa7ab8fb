// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ActAuth} from "../types/Auth.sol";
import {Deal} from "../types/Deal.sol";
import {Asset, Fate, Parcel} from "../types/Parcel.sol";
import {ISettlement} from "./ISettlement.sol";

/// @title IHandOver
/// @notice Delivery against payment: tokens that change hands in the transaction that pays for them, or for others,
/// which is how agents barter. Either side puts assets here for one deal; what becomes of them follows from
/// Settlement's record of that deal, for which nobody need trust anybody.
///
/// The rule. An asset is the other side's if and only if deal and transcript are those on record, the deal was settled
/// at or before the asset's `until`, it was never disputed, and what the asset was put in return for, if anything, is
/// handed over by the same rule. If that doesn't hold and `until` has passed, it is again that of whoever put it. Both
/// are decided for good: settled deals stay settled, nothing can be put for them, and an asset on which another depends
/// goes back only if that other one does too.
///
/// Why the rule is safe. Without a dispute, a deal is settled by acceptance, by silence after delivery, by a receipt
/// that closes it, by a split or by a refund. Acceptance, silence and a receipt of the whole price pay the seller in
/// full. To close for less is the seller's own act, and a split is signed by both. A refund needs a deal that stayed
/// committed for longer than `deliverWithin` and 24 hours, and `until` can't be later than that: it is counted from the
/// commitment, or, before one, from the moment of putting. Nothing else ends in a settlement: rulings, lapses and
/// agreed statements take a dispute, and a declared deal is settled only after it was cured, which commits it anew. So
/// the seller's asset goes only if the seller was paid in full or itself took less. The buyer's goes only if the buyer
/// accepted, gave a receipt, split or was silent. Only closing for less isn't the buyer's doing, and it takes a price:
/// where there is one, the buyer's asset has to be in return for another, so that the buyer at least gets that.
///
/// Hazards. To the buyer: an asset is yours only if the deal is settled by its `until`, while a receipt or an
/// acceptance pays later too. See that the asset is put, in a final block, before you give either; carry the receipt
/// here yourself, well before `until`; and sign it with a key whose certificate ends a day before. A seller that has it
/// may claim the price without closing the deal; `exchange` still closes it then. A delivery that isn't disputed pays
/// the seller after `until` too: deals of review period 0 have neither. To both: who may sign for you in the deal may
/// also hand over what you put for it, so put it late and for a short time; a split hands over as any other end does,
/// and a dispute hands over nothing. What was put goes back to the address that it came from, not to the agent. What is
/// due to an agent is its owner's, whoever that is by then, and no lock of the agent keeps it: look before you buy one.
/// A token can stop its transfers, or take back what is here; each asset is moved by itself, so that one can't hold up
/// another. Tokens that change balances by themselves aren't supported. An ERC-721 that is sent here without being put
/// is lost, unless by `safeTransferFrom`, which is refused.
interface IHandOver {
    /// @notice Emitted when a side put an asset.
    /// @param agent The side that put it.
    /// @param inReturn What it is put in return for; zeros if for the settlement alone.
    event AssetPut(
        bytes32 indexed deal,
        uint256 indexed agent,
        address indexed token,
        uint256 number,
        bytes32 transcript,
        Asset inReturn,
        uint40 until
    );

    /// @notice Emitted when an asset went to the other side.
    /// @param agent The side that got it.
    event AssetHandedOver(
        bytes32 indexed deal,
        uint256 indexed agent,
        address indexed token,
        uint256 number,
        address to
    );

    /// @notice Emitted when an asset went back.
    /// @param agent The side that had put it.
    event AssetTakenBack(
        bytes32 indexed deal,
        uint256 indexed agent,
        address indexed token,
        uint256 number,
        address to
    );

    /// @notice Emitted when an agent's owner said where to send what is due to the agent; zero for no such place.
    event ReceiverNamed(uint256 indexed agent, uint256 indexed tenure, address receiver);

    /// @notice Thrown when the side has put this asset for this deal already.
    error AlreadyPut(bytes32 deal, address token, uint256 number);

    /// @notice Thrown when an asset would be put for a time that is over.
    error UntilPassed(uint256 time, uint256 until);

    /// @notice Thrown when an asset would be put for so long that a refund could count as its payment.
    error UntilTooFar(uint256 until, uint256 limit);

    /// @notice Thrown when the buyer puts an asset for nothing in return in a deal that has a price: the seller could
    /// get it by closing the deal for less.
    error ReturnMissing(bytes32 deal, uint256 price);

    /// @notice Thrown when the asset is one of the deal's two agents, and the price would travel with it.
    error AgentOfDeal(bytes32 deal, uint256 agent);

    /// @notice Thrown when less of an asset arrived than was named, or nothing.
    error ArrivedTooLittle(address token, uint256 arrived, uint256 number);

    /// @notice Thrown when an asset isn't, or isn't any more, that of whom it would go to.
    error FateMismatch(bytes32 deal, address token, uint256 number, Fate actual, Fate needed);

    /// @notice Thrown when somebody else than who put an asset would say where it goes back to.
    error NotPutter(bytes32 deal, address caller, address putter);

    /// @notice Thrown when what is due to an agent would be sent to a contract that owns it, which may keep it for
    /// somebody else: let that contract take it, or name a receiver.
    error ReceiverMissing(uint256 agent, address owner);

    /// @notice Puts the caller's asset for the other side of a deal: before it is committed, or until it ends or is
    /// disputed. For wallet and owner of the side that puts. It takes an allowance.
    /// @dev Refuses a token of which less arrives than `number`.
    /// @param transcript Transcript of the deal, as it is committed with.
    /// @param byBuyer True if the caller speaks for the buyer, false if for the seller.
    /// @param inReturn Asset of the other side without which this one goes back; zeros for none. It can be put later.
    /// @param until Last second at which the deal's settlement hands it over; at most `latestUntil`.
    function put(
        Deal calldata deal,
        bytes32 transcript,
        bool byBuyer,
        Asset calldata asset,
        Asset calldata inReturn,
        uint40 until
    ) external;

    /// @notice Pays the whole price by the buyer's receipt, which ends the deal, and hands over these assets, all or
    /// none. Anyone may carry the receipt here.
    /// @dev If the deal is settled already, whoever got there first, it goes on with the assets. Leave out one whose
    /// token refuses; it stays due. A deal of price 0 has no receipts: there the buyer accepts, then `take` follows.
    /// Try it as a call before it is sent: what reverts on the chain has shown the receipt.
    /// @param receipt Receipt of the whole price, as `claimReceipt` of Settlement takes it.
    /// @param fromSeller What the seller put, for the buyer.
    /// @param fromBuyer What the buyer put, for the seller.
    function exchange(
        Deal calldata deal,
        bytes32 transcript,
        ActAuth calldata receipt,
        Asset[] calldata fromSeller,
        Asset[] calldata fromBuyer
    ) external;

    /// @notice Hands over an asset of a settled deal. Anyone may, to the receiver; the owner of the agent that it is
    /// due to, to any address.
    /// @param byBuyer True if the buyer put it, false if the seller did.
    /// @param to Zero for the receiver of the agent.
    function take(Deal calldata deal, bytes32 transcript, bool byBuyer, Asset calldata asset, address to) external;

    /// @notice Gives back an asset after its `until`. Anyone may, to whoever put it; who put it, to any address.
    /// @param byBuyer True if the buyer put it, false if the seller did.
    /// @param to Zero for who put it.
    function takeBack(Deal calldata deal, bytes32 transcript, bool byBuyer, Asset calldata asset, address to) external;

    /// @notice Says where to send what is due to an agent, in the place of its owner's address. For the owner only; it
    /// ends with its tenure.
    /// @param receiver Zero for no such place.
    function nameReceiver(uint256 agent, address receiver) external;

    /// @notice Where anyone may send what is due to an agent: where the present owner said, else to the owner itself
    /// unless that is a contract; then it is zero. Code that an account delegates to by EIP-7702 makes it no contract.
    function receiverOf(uint256 agent) external view returns (address);

    /// @notice What a side put for a deal, and whose it is now. Zeros if nothing was put or it was taken back.
    function parcelOf(
        Deal calldata deal,
        bytes32 transcript,
        bool byBuyer,
        Asset calldata asset
    ) external view returns (Parcel memory parcel, Fate fate);

    /// @notice Latest `until` of what is put now: the last second at which no refund is possible, as far as is known.
    /// Reverts if nothing can be put for this deal any more.
    function latestUntil(Deal calldata deal, bytes32 transcript) external view returns (uint256);

    /// @notice Where the deals are settled.
    function settlement() external view returns (ISettlement);
}
