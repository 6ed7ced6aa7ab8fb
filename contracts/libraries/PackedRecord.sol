// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Record, Status} from "../types/Deal.sol";

/// @notice A `Record` in one word: fingerprint (208 bits) | since (40 bits) | status (8 bits).
type PackedRecord is uint256;

using PackedRecords for PackedRecord global;

/// @title PackedRecords
/// @notice Reads and writes the slot of a negotiation as a whole, which costs less than by field.
library PackedRecords {
    uint256 private constant FINGERPRINT = uint256(type(uint208).max) << 48;

    /// @notice Record of a deal that was committed at this second.
    function committed(bytes26 fingerprint_, uint256 time) internal pure returns (PackedRecord) {
        return _pack(uint256(bytes32(fingerprint_)), time, Status.Committed);
    }

    /// @notice The same deal's record as from this second on, in another status.
    function entered(PackedRecord self, Status status_, uint256 time) internal pure returns (PackedRecord) {
        return _pack(PackedRecord.unwrap(self) & FINGERPRINT, time, status_);
    }

    /// @notice What identifies deal and transcript.
    function fingerprint(PackedRecord self) internal pure returns (bytes26) {
        return bytes26(bytes32(PackedRecord.unwrap(self)));
    }

    /// @notice When the present status was entered.
    function since(PackedRecord self) internal pure returns (uint256) {
        return uint40(PackedRecord.unwrap(self) >> 8);
    }

    /// @notice Where the deal stands.
    function status(PackedRecord self) internal pure returns (Status) {
        return Status(uint8(PackedRecord.unwrap(self)));
    }

    /// @notice The record with its fields apart.
    function unpack(PackedRecord self) internal pure returns (Record memory) {
        return Record({fingerprint: self.fingerprint(), since: uint40(self.since()), status: self.status()});
    }

    /// @dev A time of 40 bits lasts until the year 36,812.
    function _pack(uint256 highBits, uint256 time, Status status_) private pure returns (PackedRecord) {
        return PackedRecord.wrap(highBits | (uint256(uint40(time)) << 8) | uint256(status_));
    }
}
