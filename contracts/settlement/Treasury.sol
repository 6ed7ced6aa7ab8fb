// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC3009} from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IRefusals} from "../interfaces/IRefusals.sol";
import {ITreasury} from "../interfaces/settlement/ITreasury.sol";
import {Errors} from "../libraries/Errors.sol";
import {Authorization} from "../types/Auth.sol";
import {Ledger} from "./Ledger.sol";

/// @title Treasury
/// @notice Where tokens enter and leave, and what of an agent's money is at stake.
abstract contract Treasury is Ledger, ITreasury {
    using SafeERC20 for IERC20;

    uint256 private constant UNBONDING = 7 days;

    /// @inheritdoc ITreasury
    function deposit(uint256 agent, address token, uint256 amount, bool toStake) external guarded {
        _pull(agent, token, _held(agent, token), amount, toStake);
    }

    /// @inheritdoc ITreasury
    function depositWithPermit(
        uint256 agent,
        address token,
        uint256 amount,
        bool toStake,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external guarded {
        uint256 held = _held(agent, token);
        // whoever saw the permit may have used it already, which leaves the allowance that is needed
        try IERC20Permit(token).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        _pull(agent, token, held, amount, toStake);
    }

    /// @inheritdoc ITreasury
    function depositWithAuthorization(
        uint256 agent,
        address token,
        bool toStake,
        Authorization calldata by
    ) external guarded {
        uint256 held = _held(agent, token);
        // the payer signed for this agent and this use: for any other the nonce would differ
        IERC3009(token).receiveWithAuthorization(
            by.from,
            address(this),
            by.amount,
            by.validAfter,
            by.validBefore,
            keccak256(abi.encode(agent, toStake, by.salt)),
            by.v,
            by.r,
            by.s
        );
        _deposited(agent, token, by.from, _arrived(token, held), toStake);
    }

    /// @inheritdoc ITreasury
    function depositNative(uint256 agent, bool toStake) external payable guarded {
        _requireRegistered(agent);
        _deposited(agent, NATIVE, msg.sender, msg.value, toStake);
    }

    /// @inheritdoc ITreasury
    function withdraw(uint256 agent, address token, address to, uint256 amount) external guarded {
        _requireOwner(agent);
        _requireUnlocked(agent);
        if (to == address(0) || to == address(this)) revert Errors.RecipientInvalid(to);

        _debit(agent, token, amount);
        _owed[token] -= amount;
        emit Withdrawn(agent, token, to, amount);
        _send(token, to, amount);
    }

    /// @inheritdoc ITreasury
    function stake(uint256 agent, address token, uint256 amount) external {
        _requireOwner(agent);
        _requireUnlocked(agent);
        _debit(agent, token, amount);
        _bond(agent, token, amount);
        emit Staked(agent, token, amount);
    }

    /// @inheritdoc ITreasury
    function unstake(uint256 agent, address token, uint256 amount) external {
        _requireOwner(agent);
        Stake storage account = _stakes[agent][token];
        uint256 bonded = account.bonded;
        if (amount > bonded) revert Errors.StakeTooLow(agent, token, amount, bonded);
        uint40 leavesAt = uint40(block.timestamp + UNBONDING);
        account.bonded = uint128(bonded - amount);
        account.leaving = uint128(_fitting(agent, token, account.leaving + amount));
        account.leavesAt = leavesAt;
        emit Unstaking(agent, token, amount, leavesAt);
    }

    /// @inheritdoc ITreasury
    function release(uint256 agent, address token) external {
        _requireOwner(agent);
        Stake storage account = _stakes[agent][token];
        uint256 leavesAt = account.leavesAt;
        if (block.timestamp <= leavesAt) revert Errors.StakeNotReleasable(agent, token, block.timestamp, leavesAt);
        uint256 amount = account.leaving;
        if (amount == 0) revert Errors.NothingLeaving(agent, token);
        account.leaving = 0;
        _credit(agent, token, amount);
        emit Released(agent, token, amount);
    }

    /// @inheritdoc ITreasury
    function free(uint256 agent, address token) external view returns (uint256) {
        return _accounts[agent][token].packed.free();
    }

    /// @inheritdoc ITreasury
    function stakeOf(
        uint256 agent,
        address token
    ) external view returns (uint256 bonded, uint256 leaving, uint256 leavesAt) {
        Stake storage account = _stakes[agent][token];
        return (account.bonded, account.leaving, account.leavesAt);
    }

    /// @inheritdoc ITreasury
    function solvent(address token) external view returns (bool holds, uint256 held, uint256 owed, uint256 burnt) {
        held = token == NATIVE ? address(this).balance : IERC20(token).balanceOf(address(this));
        owed = _owed[token];
        return (held >= owed, held, owed, _burnt[token]);
    }

    function _requireUnlocked(uint256 agent) private view {
        uint256 lockedUntil = _party(agent).lockedUntil;
        if (block.timestamp <= lockedUntil) revert IRefusals.AgentLocked(block.timestamp, lockedUntil);
    }

    /// @dev Only ever the caller's own tokens.
    function _pull(uint256 agent, address token, uint256 held, uint256 amount, bool toStake) private {
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        _deposited(agent, token, msg.sender, _arrived(token, held), toStake);
    }

    /// @dev What is here of the token before a deposit for a registered agent.
    function _held(uint256 agent, address token) private view returns (uint256) {
        _requireRegistered(agent);
        if (token == address(_registry)) revert Errors.TokenIsRegistry(token);
        if (token.code.length == 0) revert Errors.TokenWithoutCode(token);
        return IERC20(token).balanceOf(address(this));
    }

    function _arrived(address token, uint256 heldBefore) private view returns (uint256) {
        return IERC20(token).balanceOf(address(this)) - heldBefore;
    }

    function _deposited(uint256 agent, address token, address from, uint256 amount, bool toStake) private {
        _owed[token] += amount;
        if (toStake) _bond(agent, token, amount);
        else _credit(agent, token, amount);
        emit Deposited(agent, token, from, amount, toStake);
    }
}
