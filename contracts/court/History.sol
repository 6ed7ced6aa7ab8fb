// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A value and since when it holds.
struct Entry {
    uint96 since; // slot 0
    uint160 value; // slot 0
}

/// @title History
/// @notice A value that remembers what it was at the end of every second before.
library History {
    /// @notice Changes the value, as from this second on.
    function record(Entry[] storage entries, uint256 value) internal {
        uint256 length = entries.length;
        if (length != 0 && entries[length - 1].since == block.timestamp) {
            entries[length - 1].value = uint160(value);
        } else {
            entries.push(Entry({since: uint96(block.timestamp), value: uint160(value)}));
        }
    }

    /// @notice The value as it is.
    function latest(Entry[] storage entries) internal view returns (uint256) {
        uint256 length = entries.length;
        return length == 0 ? 0 : entries[length - 1].value;
    }

    /// @notice The value as it was at the end of a second that is over; 0 if there was none.
    /// @dev By bisection: so many changes that it would take 40 steps don't fit into the life of a chain.
    function valueAt(Entry[] storage entries, uint256 time) internal view returns (uint256) {
        uint256 low;
        uint256 high = entries.length;
        // Entries before `low` are early enough, those from `high` on too late.
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (entries[middle].since <= time) low = middle + 1;
            else high = middle;
        }
        return low == 0 ? 0 : entries[low - 1].value;
    }
}
