// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Everything two agents agree on. Its EIP-712 struct hash names the deal everywhere, on-chain and off.
struct Deal {
    /// @dev Agent that pays.
    uint256 buyer;
    /// @dev Agent that delivers.
    uint256 seller;
    /// @dev Token of the price and of both bonds; the zero address is the native coin.
    address token;
    /// @dev What the buyer pays for the whole.
    uint128 price;
    /// @dev What the buyer puts up besides the price.
    uint128 buyerBond;
    /// @dev What the seller puts up, and loses to the buyer if it doesn't deliver.
    uint128 sellerBond;
    /// @dev Last second at which the deal may be committed.
    uint40 commitBy;
    /// @dev Seconds from commitment within which the seller delivers.
    uint32 deliverWithin;
    /// @dev Seconds from delivery within which the buyer objects; 0 makes the deal a metered one.
    uint32 reviewPeriod;
    /// @dev ERC-792 arbitrator that rules if the two differ.
    address arbitrator;
    /// @dev Most that a ruling may cost, in native coin.
    uint96 maxFee;
    /// @dev Seconds within which the arbitrator rules.
    uint32 rulingWithin;
    /// @dev Seller's share in basis points if the arbitrator doesn't rule.
    uint16 lapseShare;
    /// @dev What kind of deal it is; mandates are set by category.
    bytes32 category;
    /// @dev SHA-256 of the canonical JSON of the full terms.
    bytes32 terms;
    /// @dev Negotiation that led here; it makes at most one deal.
    bytes32 negotiation;
}

/// @notice Where a deal stands. `Settled` and `Defaulted` are final.
enum Status {
    None,
    Committed,
    Delivered,
    Disputed,
    Settled,
    Declared,
    Defaulted
}

/// @notice Why a deal was paid out.
enum Outcome {
    Accepted,
    Claimed,
    Refunded,
    Closed,
    Split,
    Agreed,
    Ruled,
    Lapsed
}

/// @notice All that is stored of a negotiation.
struct Record {
    /// @dev First 208 bits of keccak256(deal hash, transcript).
    bytes26 fingerprint;
    /// @dev When the present status was entered.
    uint40 since;
    Status status;
    /// @dev True if receipts were claimed before the deal's end.
    bool receipted;
}
