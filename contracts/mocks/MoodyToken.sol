// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OpenToken} from "./OddTokens.sol";

/// @title MoodyToken
/// @notice Token whose every function that others rely on can be made to fail, and to work again.
contract MoodyToken is OpenToken {
    /// @notice Thrown by everything while the token is in the mood for it.
    error NotInTheMood();

    /// @notice Whether it fails.
    bool public broken;

    /// @notice Breaks or mends the token.
    function setBroken(bool broken_) external {
        broken = broken_;
    }

    /// @notice As in ERC-20.
    function balanceOf(address holder) public view override returns (uint256) {
        if (broken) revert NotInTheMood();
        return super.balanceOf(holder);
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (broken) revert NotInTheMood();
        super._update(from, to, amount);
    }
}
