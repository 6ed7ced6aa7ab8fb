// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title BodyHash
/// @notice EIP-712 struct hashes of the envelope bodies that Settlement reads. Of an offer and of an acceptance the
/// body is the deal's hash.
library BodyHash {
    bytes32 internal constant DELIVER_TYPEHASH = keccak256("Deliver(bytes32 deal,bytes32 evidence)");

    /// @notice Body of a delivery.
    function deliver(bytes32 deal, bytes32 evidence) internal pure returns (bytes32) {
        return keccak256(abi.encode(DELIVER_TYPEHASH, deal, evidence));
    }

    bytes32 internal constant RECEIPT_TYPEHASH = keccak256("Receipt(bytes32 deal,uint128 total)");

    /// @notice Body of a receipt: what the buyer owes of the price so far, in all.
    function receipt(bytes32 deal, uint128 total) internal pure returns (bytes32) {
        return keccak256(abi.encode(RECEIPT_TYPEHASH, deal, total));
    }

    bytes32 internal constant SPLIT_TYPEHASH = keccak256("Split(bytes32 deal,uint128 toSeller,uint40 until)");

    /// @notice Body of a cancellation: what of price and bonds together the seller gets.
    function split(bytes32 deal, uint128 toSeller, uint40 until) internal pure returns (bytes32) {
        return keccak256(abi.encode(SPLIT_TYPEHASH, deal, toSeller, until));
    }

    bytes32 internal constant SPLIT_CONSENT_TYPEHASH = keccak256(
        "SplitConsent(bytes32 deal,uint128 toSeller,uint40 until,uint32 epoch)"
    );

    /// @notice The same as a wallet signs it by EIP-712, in one of its agent's key epochs.
    function splitConsent(bytes32 deal, uint128 toSeller, uint40 until, uint32 epoch) internal pure returns (bytes32) {
        return keccak256(abi.encode(SPLIT_CONSENT_TYPEHASH, deal, toSeller, until, epoch));
    }

    bytes32 internal constant DISPUTE_TYPEHASH = keccak256("Dispute(bytes32 deal,uint16 share,bytes32 evidence)");

    /// @notice Body of a side's statement in a dispute: the seller's share that it owns to, in basis points.
    function dispute(bytes32 deal, uint16 share, bytes32 evidence) internal pure returns (bytes32) {
        return keccak256(abi.encode(DISPUTE_TYPEHASH, deal, share, evidence));
    }
}
