// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Batch
/// @notice Many reads in one call, so that tests which compare everything after each step stay quick.
contract Batch {
    /// @notice One read.
    struct Call {
        address target;
        bytes data;
    }

    /// @notice What it returned, or reverted with.
    struct Answer {
        bool ok;
        bytes data;
    }

    /// @notice Makes all the calls; none of them can make another fail.
    function read(Call[] calldata calls) external view returns (Answer[] memory answers) {
        answers = new Answer[](calls.length);
        for (uint256 i = 0; i < calls.length; ++i) {
            (answers[i].ok, answers[i].data) = calls[i].target.staticcall(calls[i].data);
        }
    }
}
