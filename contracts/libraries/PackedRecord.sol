// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Record, Status} from "../types/Deal.sol";

/// @notice A `Record` in one word: fingerprint (208 bits) | since (40 bits) | receipted (1 bit) | status (7 bits).
type PackedRecord is uint256;

using PackedRecords for PackedRecord global;

/// @title PackedRecords
/// @notice Reads and writes the slot of a negotiation as a whole, which costs less than by field.
library PackedRecords {
    uint256 private constant RECEIPTED = 0x80;
    uint256 private constant KEPT = (uint256(type(uint208).max) << 48) | RECEIPTED;

    /// @notice First record of a deal.
    function first(bytes26 fingerprint_, Status status_, uint256 time) internal pure returns (PackedRecord) {
        return _pack(uint256(bytes32(fingerprint_)), time, status_);
    }

    /// @notice The same deal's record as from this second on, in another status.
    function entered(PackedRecord self, Status status_, uint256 time) internal pure returns (PackedRecord) {
        return _pack(PackedRecord.unwrap(self) & KEPT, time, status_);
    }

    /// @notice The same record, with the mark that its receipts have a slot.
    function withReceipts(PackedRecord self) internal pure returns (PackedRecord) {
        return PackedRecord.wrap(PackedRecord.unwrap(self) | RECEIPTED);
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
        return Status(PackedRecord.unwrap(self) & 0x7f);
    }

    /// @notice True if receipts were claimed, so that their slot has to be read.
    function receipted(PackedRecord self) internal pure returns (bool) {
        return PackedRecord.unwrap(self) & RECEIPTED != 0;
    }

    /// @notice The record with its fields apart.
    function unpack(PackedRecord self) internal pure returns (Record memory) {
        return
            Record({
                fingerprint: self.fingerprint(),
                since: uint40(self.since()),
                status: self.status(),
                receipted: self.receipted()
            });
    }

    /// @dev A time of 40 bits lasts until the year 36,812.
    function _pack(uint256 kept, uint256 time, Status status_) private pure returns (PackedRecord) {
        return PackedRecord.wrap(kept | (uint256(uint40(time)) << 8) | uint256(status_));
    }
}
