// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IArbitrable} from "../IArbitrable.sol";
import {IEvidence} from "../IEvidence.sol";
import {ActAuth, WalletAuth} from "../../types/Auth.sol";
import {DisputeRecord} from "../../types/DisputeRecord.sol";
import {Deal} from "../../types/Deal.sol";

/// @title IDisputes
/// @notice How a deal ends otherwise than it was agreed: by a split that both sign, or by a ruling.
///
/// The buyer of a delivered deal disputes it and states the share of the price that it owns to; the seller states its
/// own within a day. Then the deal's ERC-792 arbitrator is asked. Its ruling counts between the two statements, and the
/// side whose statement was farther off, by more than 500 basis points, loses its bond to the other. Without a ruling
/// in time the deal's `lapseShare` counts and bonds return.
///
/// Hazards. An arbitrator of the two sides' choice decides alone. It can refuse, or ask for a fee that nobody pays;
/// then the dispute lapses. Whatever it does, it can't keep the deal from ending.
interface IDisputes is IArbitrable, IEvidence {
    /// @notice Emitted when the buyer disputed a delivery.
    /// @param share Seller's share of the price that the buyer owns to, in basis points.
    /// @param evidence Hash of what shows that it is right.
    /// @param rulingUntil Last second at which a ruling counts.
    event Disputed(bytes32 indexed deal, uint16 share, bytes32 evidence, uint256 rulingUntil);

    /// @notice Emitted when the seller made its statement.
    event Answered(bytes32 indexed deal, uint16 share, bytes32 evidence);

    /// @notice Emitted when the arbitrator was asked. It got `cost` of the deposit and of what the caller added; what
    /// is left of the deposit went to the buyer's free balance of native coin.
    event Referred(bytes32 indexed deal, address indexed arbitrator, uint256 indexed disputeId, uint256 cost);

    /// @notice Emitted when a ruling was stored: in time, and the first. 0 if it was refused or makes no sense.
    /// @param key Key of the deal's record.
    event Ruled(bytes32 indexed key, address indexed arbitrator, uint256 indexed disputeId, uint16 ruling);

    /// @notice Ends a live deal as both sides want. Anyone may carry it here.
    /// @param toSeller What the seller gets of price and both bonds, what receipts paid it included.
    /// @param until Last second at which the split counts.
    /// @param buyer Signature of the buyer's wallet over `SplitConsent` by EIP-712, under its agent's present key
    /// epoch; empty if the caller is its wallet or owner, whose epoch doesn't count.
    /// @param seller The same of the seller.
    function split(
        Deal calldata deal,
        bytes32 transcript,
        uint128 toSeller,
        uint40 until,
        WalletAuth calldata buyer,
        WalletAuth calldata seller
    ) external;

    /// @notice The same, said by both session keys in CANCEL envelopes.
    function splitBySession(
        Deal calldata deal,
        bytes32 transcript,
        uint128 toSeller,
        uint40 until,
        ActAuth calldata buyer,
        ActAuth calldata seller
    ) external;

    /// @notice Disputes a delivery within its review period. For the wallet and the owner of the buyer, which deposit
    /// the deal's `maxFee` in native coin.
    /// @param share Seller's share of the price that the buyer owns to, in basis points.
    /// @param evidence Hash of what shows it.
    function dispute(Deal calldata deal, bytes32 transcript, uint16 share, bytes32 evidence) external payable;

    /// @notice The same, said by the buyer's session key in a DISPUTE envelope. The carrier pays the deposit; what is
    /// left of it belongs to the buyer.
    function disputeBySession(
        Deal calldata deal,
        bytes32 transcript,
        uint16 share,
        bytes32 evidence,
        ActAuth calldata buyer
    ) external payable;

    /// @notice States the share that the seller asks for, once, within 24 hours. For its wallet and owner. No more than
    /// the buyer owns to ends the dispute there; silence asks for all.
    function answer(Deal calldata deal, bytes32 transcript, uint16 share, bytes32 evidence) external;

    /// @notice The same, said by the seller's session key in a DISPUTE envelope.
    function answerBySession(
        Deal calldata deal,
        bytes32 transcript,
        uint16 share,
        bytes32 evidence,
        ActAuth calldata seller
    ) external;

    /// @notice Points the arbitrator to evidence. For wallet and owner of either side, while the dispute lasts.
    /// @param uri Address of an ERC-1497 evidence file.
    function submitEvidence(Deal calldata deal, bytes32 transcript, string calldata uri) external;

    /// @notice Asks the arbitrator, once the seller has answered or had its day. Anyone may, and adds what the fee is
    /// more than the deposit; what it adds too much is sent back.
    function refer(Deal calldata deal, bytes32 transcript) external payable;

    /// @notice Pays out by the stored ruling. Anyone may.
    function execute(Deal calldata deal, bytes32 transcript) external;

    /// @notice Pays out by the deal's `lapseShare`, once the time for a ruling is over. Anyone may. A deposit that no
    /// arbitrator got goes to the buyer's free balance of native coin.
    function lapse(Deal calldata deal, bytes32 transcript) external;

    /// @notice What is stored of the dispute in this negotiation; all zero if there was none.
    function disputeOf(Deal calldata deal) external view returns (DisputeRecord memory);
}
