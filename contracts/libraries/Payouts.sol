// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Deal} from "../types/Deal.sol";
import {DisputeRecord} from "../types/DisputeRecord.sol";
import {Errors} from "./Errors.sol";

/// @title Payouts
/// @notice What a deal takes from each side, and what of that the seller gets at its end; the buyer gets the rest.
/// Settlement pays by it, and the Lens previews by it.
/// @dev Amounts have 128 bits, so that no sum or product of a few leaves 256.
library Payouts {
    /// @notice All of a price, in basis points.
    uint256 internal constant WHOLE = 10_000;

    /// @notice ERC-792 rulings: 1 and 2 are the whole to the buyer and to the seller, 3 + n is n basis points to the
    /// seller.
    uint256 internal constant CHOICES = WHOLE + 3;

    /// @dev A statement that is worse than the other's by no more than this forfeits nothing.
    uint256 private constant TOLERANCE = 500;

    /// @notice What a side puts into escrow.
    function exposure(Deal calldata deal, bool buys) internal pure returns (uint256) {
        unchecked {
            return buys ? uint256(deal.price) + deal.buyerBond : deal.sellerBond;
        }
    }

    /// @notice What both put into escrow.
    function pot(Deal calldata deal) internal pure returns (uint256) {
        unchecked {
            return uint256(deal.price) + deal.buyerBond + deal.sellerBond;
        }
    }

    /// @notice What the seller gets if all went well.
    function inFull(Deal calldata deal) internal pure returns (uint256) {
        unchecked {
            return uint256(deal.price) + deal.sellerBond;
        }
    }

    /// @notice A metered deal is paid by receipts and has neither delivery nor review.
    function isMetered(Deal calldata deal) internal pure returns (bool) {
        return deal.reviewPeriod == 0;
    }

    /// @notice What the seller gets if no more is delivered than `received`: of its bond the part that its receipts
    /// cover, all of it in a metered deal.
    function undelivered(Deal calldata deal, uint256 received) internal pure returns (uint256) {
        if (isMetered(deal)) return received + deal.sellerBond;
        return deal.price == 0 ? 0 : received + (uint256(deal.sellerBond) * received) / deal.price;
    }

    /// @notice What the seller gets of the price by a share of it. Receipts count at least.
    function earned(Deal calldata deal, uint256 share, uint256 received) internal pure returns (uint256) {
        uint256 part = (uint256(deal.price) * share) / WHOLE;
        return part < received ? received : part;
    }

    /// @notice What a ruling gives to the seller: a share of the price, between both statements, and of the bonds.
    function ruled(
        Deal calldata deal,
        DisputeRecord memory dispute
    ) internal pure returns (uint256 share, uint256 bonds) {
        if (dispute.ruling == 0) return (deal.lapseShare, deal.sellerBond);
        share = _shareOf(dispute.ruling);
        uint256 low = dispute.buyerShare;
        uint256 high = dispute.sellerShare;
        if (share < low) share = low;
        if (share > high) share = high;
        // how far each statement was from what is right; the other's bond goes to whoever was nearer
        uint256 buyersError = share - low;
        uint256 sellersError = high - share;
        bonds = deal.sellerBond;
        if (buyersError > sellersError + TOLERANCE) bonds += deal.buyerBond;
        else if (sellersError > buyersError + TOLERANCE) bonds = 0;
    }

    /// @notice Refuses what isn't a share of a price.
    function requireShare(bytes32 hash, uint256 share) internal pure {
        if (share > WHOLE) revert Errors.ShareTooHigh(hash, share, WHOLE);
    }

    function _shareOf(uint256 ruling) private pure returns (uint256) {
        if (ruling == 1) return 0;
        return ruling == 2 ? WHOLE : ruling - 3;
    }
}
