// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Batch
/// @notice Many reads in one call, so that tests which compare everything after each step stay quick. Not ABI-encoded,
/// and each answer written once, for all else would take most of their time.
contract Batch {
    /// @notice Makes all the calls; none of them can make another fail. Calls come one after the other: target (20
    /// bytes), length of the data (2 bytes), the data. So do the answers: whether it succeeded (1 byte), length
    /// (4 bytes), what it returned.
    fallback() external {
        // Memory is all its own: nothing of Solidity runs after this.
        // solhint-disable-next-line no-inline-assembly
        assembly {
            let answer := 0
            for {
                let call_ := 0
            } lt(call_, calldatasize()) {} {
                let head := calldataload(call_)
                let length := and(shr(80, head), 0xffff)
                call_ := add(call_, 22)
                calldatacopy(answer, call_, length)
                let ok := staticcall(gas(), shr(96, head), answer, length, 0, 0)
                call_ := add(call_, length)
                length := returndatasize()
                mstore8(answer, ok)
                mstore(add(answer, 1), shl(224, length))
                answer := add(answer, 5)
                returndatacopy(answer, 0, length)
                answer := add(answer, length)
            }
            return(0, answer)
        }
    }
}
