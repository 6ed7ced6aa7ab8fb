// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Errors} from "../libraries/Errors.sol";
import {Guarded} from "../libraries/Guarded.sol";
import {PackedAccount} from "../libraries/PackedAccount.sol";
import {Party} from "../types/Party.sol";
import {Authority} from "./Authority.sol";

/// @title Ledger
/// @notice Whose the money is. Free balances, stakes and what is burnt are numbers here; `Treasury` moves the tokens.
abstract contract Ledger is Authority, Guarded {
    using SafeERC20 for IERC20;

    /// @dev A struct of one word, so that its slot can be had.
    struct Account {
        PackedAccount packed; // slot 0
    }

    struct Stake {
        uint128 bonded; // slot 0
        uint128 leaving; // slot 0
        uint40 leavesAt; // slot 1
    }

    address internal constant NATIVE = address(0);

    mapping(uint256 agent => mapping(address token => Account)) internal _accounts;
    mapping(uint256 agent => mapping(address token => Stake)) internal _stakes;

    /// @dev Per token: all that is free, staked, in escrow or burnt, so what has to be held.
    mapping(address token => uint256) internal _owed;
    mapping(address token => uint256) internal _burnt;

    /// @dev Refuses what a balance can't hold, which takes a token that lies about its balances.
    function _credit(uint256 agent, address token, uint256 amount) internal {
        if (amount == 0) return;
        Account storage account = _accounts[agent][token];
        PackedAccount packed = account.packed;
        account.packed = packed.withFree(_fitting(agent, token, packed.free() + amount));
    }

    function _debit(uint256 agent, address token, uint256 amount) internal {
        Account storage account = _accounts[agent][token];
        PackedAccount packed = account.packed;
        uint256 balance = packed.free();
        if (amount > balance) revert Errors.FreeBalanceTooLow(agent, token, amount, balance);
        unchecked {
            account.packed = packed.withFree(balance - amount);
        }
    }

    /// @dev Writes what was found when nothing refused the party's side.
    function _charge(Party memory party) internal {
        bytes32 slot = party.slot;
        PackedAccount packed = party.charged;
        assembly ("memory-safe") {
            sstore(slot, packed)
        }
    }

    function _bond(uint256 agent, address token, uint256 amount) internal {
        Stake storage stake = _stakes[agent][token];
        stake.bonded = uint128(_fitting(agent, token, stake.bonded + amount));
    }

    /// @dev Takes up to `amount` of an agent's stake, first what isn't leaving yet.
    function _forfeit(uint256 agent, address token, uint256 amount) internal returns (uint256 taken) {
        Stake storage stake = _stakes[agent][token];
        uint128 bonded = stake.bonded;
        if (amount <= bonded) {
            stake.bonded = bonded - uint128(amount);
            return amount;
        }
        uint256 leaving = stake.leaving;
        uint256 rest = amount - bonded < leaving ? amount - bonded : leaving;
        stake.bonded = 0;
        stake.leaving = uint128(leaving - rest);
        return bonded + rest;
    }

    function _send(address token, address to, uint256 amount) internal {
        if (token != NATIVE) return IERC20(token).safeTransfer(to, amount);
        (bool sent, ) = to.call{value: amount}("");
        if (!sent) revert Errors.NativeTransferFailed(to, amount);
    }

    function _fitting(uint256 agent, address token, uint256 balance) internal pure returns (uint256) {
        if (balance > type(uint128).max) revert Errors.BalanceTooLarge(agent, token, balance, type(uint128).max);
        return balance;
    }
}
