// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Errors} from "./Errors.sol";

/// @title Guarded
/// @notice For whatever calls a token, an arbitrator or a recipient: meanwhile no guarded function can be called, so
/// that no arrival counts twice.
abstract contract Guarded {
    bool private transient _entered;

    modifier guarded() {
        if (_entered) revert Errors.Reentered();
        _entered = true;
        _;
        _entered = false;
    }
}
