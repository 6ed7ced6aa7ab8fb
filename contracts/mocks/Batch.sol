// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Batch
/// @notice Many reads in one call, so that tests which compare everything after each step stay quick. Not ABI-encoded,
/// for that would take most of their time.
contract Batch {
    /// @notice Makes all the calls; none of them can make another fail.
    /// @param calls One after the other: target (20 bytes), length of the data (2 bytes), the data.
    /// @return answers One after the other: whether it succeeded (1 byte), length (4 bytes), what it returned.
    fallback(bytes calldata calls) external returns (bytes memory answers) {
        while (calls.length != 0) {
            uint256 end = 22 + uint16(bytes2(calls[20:22]));
            (bool ok, bytes memory data) = address(bytes20(calls[:20])).staticcall(calls[22:end]);
            answers = bytes.concat(answers, ok ? bytes1(0x01) : bytes1(0x00), bytes4(uint32(data.length)), data);
            calls = calls[end:];
        }
    }
}
