// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Agreement, Deal} from "../types/Deal.sol";

/// @title DealHash
/// @notice Names of deals, agreements and negotiations.
library DealHash {
    bytes32 internal constant DEAL_TYPEHASH = keccak256(
        "Deal(uint256 buyer,uint256 seller,address token,uint128 price,uint128 buyerBond,uint128 sellerBond,"
        "uint40 commitBy,uint32 deliverWithin,uint32 reviewPeriod,address arbitrator,uint96 maxFee,"
        "uint32 rulingWithin,uint16 lapseShare,bytes32 category,bytes32 terms,bytes32 negotiation)"
    );

    /// @notice Hash that names a deal: its EIP-712 struct hash, without domain.
    function hash(Deal calldata deal) internal pure returns (bytes32) {
        // all fields are of fixed size, so that the ABI's encoding is EIP-712's
        return keccak256(abi.encode(DEAL_TYPEHASH, deal));
    }

    bytes32 internal constant AGREEMENT_TYPEHASH = keccak256(
        "Agreement(Deal deal,bytes32 transcript,uint32 buyerEpoch,uint32 sellerEpoch)"
        "Deal(uint256 buyer,uint256 seller,address token,uint128 price,uint128 buyerBond,uint128 sellerBond,"
        "uint40 commitBy,uint32 deliverWithin,uint32 reviewPeriod,address arbitrator,uint96 maxFee,"
        "uint32 rulingWithin,uint16 lapseShare,bytes32 category,bytes32 terms,bytes32 negotiation)"
    );

    /// @notice EIP-712 struct hash of an agreement.
    function hash(Agreement calldata agreement) internal pure returns (bytes32) {
        return hash(hash(agreement.deal), agreement.transcript, agreement.buyerEpoch, agreement.sellerEpoch);
    }

    /// @notice The same for a deal that is hashed already.
    function hash(
        bytes32 deal,
        bytes32 transcript,
        uint32 buyerEpoch,
        uint32 sellerEpoch
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(AGREEMENT_TYPEHASH, deal, transcript, buyerEpoch, sellerEpoch));
    }

    /// @notice Key of the slot that belongs to a negotiation between two agents, whoever of them buys. Nobody else can
    /// use up their negotiation id.
    function key(Deal calldata deal) internal pure returns (bytes32) {
        (uint256 lower, uint256 higher) = deal.buyer < deal.seller
            ? (deal.buyer, deal.seller)
            : (deal.seller, deal.buyer);
        return keccak256(abi.encode(lower, higher, deal.negotiation));
    }

    /// @notice What a record keeps of a deal and of the transcript that led to it.
    function fingerprint(bytes32 deal, bytes32 transcript) internal pure returns (bytes26) {
        return bytes26(keccak256(abi.encode(deal, transcript)));
    }
}
