// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {TestToken} from "./TestToken.sol";

/// @title OpenToken
/// @notice Token that anyone mints; the odd ones below differ from it in one thing each.
abstract contract OpenToken is ERC20 {
    constructor() ERC20("Odd Token", "ODD") {}

    /// @notice Makes new tokens, for anyone.
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// @notice Burns a hundredth of what is transferred.
contract FeeToken is OpenToken {
    function _update(address from, address to, uint256 amount) internal override {
        uint256 fee = from == address(0) || to == address(0) ? 0 : amount / 100;
        super._update(from, to, amount - fee);
        if (fee != 0) super._update(from, address(0), fee);
    }
}

/// @notice Returns false where it should revert, and moves nothing.
contract FalseToken is OpenToken {
    /// @notice Whether transfers return false.
    bool public broken;

    /// @notice Breaks or mends the token.
    function setBroken(bool broken_) external {
        broken = broken_;
    }

    /// @notice As in ERC-20.
    function transfer(address to, uint256 amount) public override returns (bool) {
        return !broken && super.transfer(to, amount);
    }

    /// @notice As in ERC-20.
    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        return !broken && super.transferFrom(from, to, amount);
    }
}

/// @notice Returns nothing from its transfers, as some old tokens do.
contract SilentToken {
    /// @notice As in ERC-20.
    mapping(address holder => uint256) public balanceOf;
    /// @notice As in ERC-20.
    mapping(address holder => mapping(address spender => uint256)) public allowance;

    /// @notice Makes new tokens, for anyone.
    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    /// @notice As in ERC-20.
    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;
    }

    /// @notice As in ERC-20.
    function transfer(address to, uint256 amount) external {
        _move(msg.sender, to, amount);
    }

    /// @notice As in ERC-20.
    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// @notice Makes one call of its choice in the middle of each transfer, and fails as that call fails.
contract ReenteringToken is OpenToken {
    address private _target;
    bytes private _call;

    /// @notice Says what to call.
    function setCall(address target, bytes calldata call_) external {
        _target = target;
        _call = call_;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (_target == address(0)) return;
        (bool ok, bytes memory answer) = _target.call(_call);
        if (ok) return;
        assembly ("memory-safe") {
            revert(add(answer, 0x20), mload(answer))
        }
    }
}

/// @notice Says that its holders hold whatever they were told to.
contract LyingToken {
    /// @notice Balance that is reported for everyone.
    uint256 public balance;

    /// @notice What a transfer adds to the balance that is reported.
    uint256 public step;

    /// @notice Says what the next transfers add.
    function setStep(uint256 step_) external {
        step = step_;
    }

    /// @notice The lie.
    function balanceOf(address) external view returns (uint256) {
        return balance;
    }

    /// @notice As in ERC-20.
    function transferFrom(address, address, uint256) external returns (bool) {
        balance += step;
        return true;
    }
}

/// @notice Takes from its holders what it was told to.
contract ShrinkingToken is OpenToken {
    /// @notice Burns what somebody holds.
    function shrink(address holder, uint256 amount) external {
        _burn(holder, amount);
    }
}

/// @notice Test dollar that burns a hundredth of what is transferred, by authorizations too.
contract FeeDollar is TestToken {
    function _update(address from, address to, uint256 amount) internal override {
        uint256 fee = from == address(0) || to == address(0) ? 0 : amount / 100;
        super._update(from, to, amount - fee);
        if (fee != 0) super._update(from, address(0), fee);
    }
}
