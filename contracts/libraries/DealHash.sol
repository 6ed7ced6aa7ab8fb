// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Deal} from "../types/Deal.sol";
import {Errors} from "./Errors.sol";
import {Keccak} from "./Keccak.sol";

/// @title DealHash
/// @notice Names of deals, agreements and negotiations.
library DealHash {
    bytes32 internal constant DEAL_TYPEHASH = keccak256(
        "Deal(uint256 buyer,uint256 seller,address token,uint128 price,uint128 buyerBond,uint128 sellerBond,"
        "uint40 commitBy,uint32 deliverWithin,uint32 reviewPeriod,address arbitrator,uint96 maxFee,"
        "uint32 rulingWithin,uint16 lapseShare,bytes32 category,bytes32 terms,bytes32 negotiation)"
    );

    /// @notice Hash that names a deal: its EIP-712 struct hash, without domain.
    /// @dev All fields are of fixed size, so that calldata is what EIP-712 hashes. Copied as a whole, which costs a
    /// third of encoding it field by field; bits beyond a field's type are refused here as the decoder would.
    function hash(Deal calldata deal) internal pure returns (bytes32 result) {
        bytes32 typehash = DEAL_TYPEHASH;
        uint256 excess;
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, typehash)
            calldatacopy(add(data, 0x20), deal, 0x200)
            result := keccak256(data, 0x220)
            excess := or(shr(160, mload(add(data, 0x60))), shr(128, mload(add(data, 0x80)))) // token, price
            excess := or(excess, shr(128, mload(add(data, 0xa0)))) // buyerBond
            excess := or(excess, shr(128, mload(add(data, 0xc0)))) // sellerBond
            excess := or(excess, shr(40, mload(add(data, 0xe0)))) // commitBy
            excess := or(excess, shr(32, mload(add(data, 0x100)))) // deliverWithin
            excess := or(excess, shr(32, mload(add(data, 0x120)))) // reviewPeriod
            excess := or(excess, shr(160, mload(add(data, 0x140)))) // arbitrator
            excess := or(excess, shr(96, mload(add(data, 0x160)))) // maxFee
            excess := or(excess, shr(32, mload(add(data, 0x180)))) // rulingWithin
            excess := or(excess, shr(16, mload(add(data, 0x1a0)))) // lapseShare
        }
        if (excess != 0) revert Errors.DealMalformed(result);
    }

    /// @dev Of what both wallets sign to commit a deal without session keys.
    bytes32 internal constant AGREEMENT_TYPEHASH = keccak256(
        "Agreement(Deal deal,bytes32 transcript,uint32 buyerEpoch,uint32 sellerEpoch)"
        "Deal(uint256 buyer,uint256 seller,address token,uint128 price,uint128 buyerBond,uint128 sellerBond,"
        "uint40 commitBy,uint32 deliverWithin,uint32 reviewPeriod,address arbitrator,uint96 maxFee,"
        "uint32 rulingWithin,uint16 lapseShare,bytes32 category,bytes32 terms,bytes32 negotiation)"
    );

    /// @notice EIP-712 struct hash of an agreement on a deal that is hashed already.
    function agreement(
        bytes32 deal,
        bytes32 transcript,
        uint32 buyerEpoch,
        uint32 sellerEpoch
    ) internal pure returns (bytes32) {
        return
            Keccak.hash(
                AGREEMENT_TYPEHASH,
                deal,
                transcript,
                bytes32(uint256(buyerEpoch)),
                bytes32(uint256(sellerEpoch))
            );
    }

    /// @notice Key of the slot that belongs to a negotiation between two agents, whoever of them buys. Nobody else can
    /// use up their negotiation id.
    function key(Deal calldata deal) internal pure returns (bytes32) {
        (uint256 lower, uint256 higher) = deal.buyer < deal.seller
            ? (deal.buyer, deal.seller)
            : (deal.seller, deal.buyer);
        return Keccak.hash(bytes32(lower), bytes32(higher), deal.negotiation);
    }

    /// @notice What a record keeps of a deal and of the transcript that led to it.
    function fingerprint(bytes32 deal, bytes32 transcript) internal pure returns (bytes26) {
        return bytes26(Keccak.hash(deal, transcript));
    }
}
