// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Deal} from "../types/Deal.sol";

/// @notice What both wallets sign to commit a deal without session keys.
struct Agreement {
    Deal deal;
    /// @dev Hash of the envelope that accepted the offer: what was said before it is thereby agreed too.
    bytes32 transcript;
    /// @dev Key epoch of the buyer under which its wallet signs.
    uint32 buyerEpoch;
    /// @dev Key epoch of the seller under which its wallet signs.
    uint32 sellerEpoch;
}

/// @notice Opens a negotiation. `negotiation` of the envelope is the opener's half of the id.
struct Open {
    uint256 responder;
    bytes32 salt;
    bytes32 certificate;
    bytes32 proposal;
}

/// @notice Answers an `Open`; with its salt the negotiation's id is complete.
struct Join {
    bytes32 open;
    bytes32 salt;
    bytes32 certificate;
}

/// @notice Ends a side's part in the talk.
struct End {
    uint16 code;
    bytes32 subject;
    string note;
}

/// @notice States a delivery.
struct Deliver {
    bytes32 deal;
    bytes32 evidence;
}

/// @notice What the buyer owes so far, in all.
struct Receipt {
    bytes32 deal;
    uint128 total;
}

/// @notice Body of a `Cancel`: how price and bonds are to be split.
struct Split {
    bytes32 deal;
    uint128 toSeller;
    uint40 until;
}

/// @notice What the buyer of a disputed delivery owns to.
struct Dispute {
    bytes32 deal;
    uint16 share;
    bytes32 evidence;
}

/// @title TalkHash
/// @notice EIP-712 struct hashes of those envelope bodies that no contract reads, for test vectors.
library TalkHash {
    bytes32 internal constant OPEN_TYPEHASH = keccak256(
        "Open(uint256 responder,bytes32 salt,bytes32 certificate,bytes32 proposal)"
    );

    function hash(Open memory body) internal pure returns (bytes32) {
        return keccak256(abi.encode(OPEN_TYPEHASH, body));
    }

    bytes32 internal constant JOIN_TYPEHASH = keccak256("Join(bytes32 open,bytes32 salt,bytes32 certificate)");

    function hash(Join memory body) internal pure returns (bytes32) {
        return keccak256(abi.encode(JOIN_TYPEHASH, body));
    }

    bytes32 internal constant END_TYPEHASH = keccak256("End(uint16 code,bytes32 subject,string note)");

    function hash(End memory body) internal pure returns (bytes32) {
        return keccak256(abi.encode(END_TYPEHASH, body.code, body.subject, keccak256(bytes(body.note))));
    }
}
