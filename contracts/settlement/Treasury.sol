// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Errors} from "../libraries/Errors.sol";
import {Authority} from "./Authority.sol";

/// @title Treasury
/// @notice Balances of agents. Only here do tokens enter and leave; deals move numbers.
abstract contract Treasury is Authority {
    using SafeERC20 for IERC20;

    struct Account {
        uint128 free; // slot 0
    }

    address internal constant NATIVE = address(0);

    mapping(uint256 agent => mapping(address token => Account)) private _accounts;

    bool private transient _entered;

    /// @dev For whatever calls a token or sends coin: no token can make one arrival count twice.
    modifier guarded() {
        if (_entered) revert Errors.Reentered();
        _entered = true;
        _;
        _entered = false;
    }

    /// @inheritdoc ISettlement
    function deposit(uint256 agent, address token, uint256 amount) external guarded {
        _requireRegistered(agent);
        if (token.code.length == 0) revert Errors.TokenWithoutCode(token);
        uint256 held = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        _deposited(agent, token, IERC20(token).balanceOf(address(this)) - held);
    }

    /// @inheritdoc ISettlement
    function depositNative(uint256 agent) external payable guarded {
        _requireRegistered(agent);
        _deposited(agent, NATIVE, msg.value);
    }

    /// @inheritdoc ISettlement
    function withdraw(uint256 agent, address token, address to, uint256 amount) external guarded {
        _requireOwner(agent);
        if (to == address(0) || to == address(this)) revert Errors.RecipientInvalid(to);
        uint256 balance = free(agent, token);
        if (amount > balance) revert Errors.FreeBalanceTooLow(agent, token, amount, balance);

        _debit(agent, token, amount);
        emit Withdrawn(agent, token, to, amount);

        if (token == NATIVE) {
            (bool sent, ) = to.call{value: amount}("");
            if (!sent) revert Errors.NativeTransferFailed(to, amount);
        } else {
            IERC20(token).safeTransfer(to, amount);
        }
    }

    /// @inheritdoc ISettlement
    function free(uint256 agent, address token) public view returns (uint256) {
        return _accounts[agent][token].free;
    }

    /// @dev Refuses what a balance can't hold, which takes a token that lies about its balances.
    function _credit(uint256 agent, address token, uint256 amount) internal {
        if (amount == 0) return;
        Account storage account = _accounts[agent][token];
        uint256 balance = account.free + amount;
        if (balance > type(uint128).max) revert Errors.BalanceTooLarge(agent, token, balance, type(uint128).max);
        account.free = uint128(balance);
    }

    /// @dev The caller has made sure that the free balance covers `amount`.
    function _debit(uint256 agent, address token, uint256 amount) internal {
        if (amount == 0) return;
        Account storage account = _accounts[agent][token];
        unchecked {
            account.free -= uint128(amount);
        }
    }

    function _deposited(uint256 agent, address token, uint256 amount) private {
        _credit(agent, token, amount);
        emit Deposited(agent, token, msg.sender, amount);
    }
}
