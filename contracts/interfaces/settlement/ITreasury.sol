// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Authorization} from "../../types/Auth.sol";

/// @title ITreasury
/// @notice Balances of agents, free and at stake. What is free can be committed by the agent's keys and withdrawn by
/// its owner; what is at stake can be forfeited by whoever proves a fault, until the owner releases it, a week or more
/// after it was asked for.
interface ITreasury {
    /// @notice Emitted when an agent's free balance, or its stake, grew by what arrived.
    event Deposited(uint256 indexed agent, address indexed token, address indexed from, uint256 amount, bool toStake);

    /// @notice Emitted when an agent's owner took out free balance.
    event Withdrawn(uint256 indexed agent, address indexed token, address indexed to, uint256 amount);

    /// @notice Emitted when free balance became stake.
    event Staked(uint256 indexed agent, address indexed token, uint256 amount);

    /// @notice Emitted when stake was asked back. All that is leaving leaves together, after `leavesAt`.
    event Unstaking(uint256 indexed agent, address indexed token, uint256 amount, uint40 leavesAt);

    /// @notice Emitted when stake became free balance.
    event Released(uint256 indexed agent, address indexed token, uint256 amount);

    /// @notice Adds the caller's tokens to an agent's free balance or stake. Anyone may; it takes an allowance.
    /// @dev Credits what arrived, which for tokens that take a fee is less than `amount`.
    function deposit(uint256 agent, address token, uint256 amount, bool toStake) external;

    /// @notice The same with an EIP-2612 permit by the caller. One that was used already is no error.
    function depositWithPermit(
        uint256 agent,
        address token,
        uint256 amount,
        bool toStake,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice Adds tokens that their holder signed for this agent by EIP-3009. Anyone may carry it here; agent and use
    /// are bound by the nonce.
    function depositWithAuthorization(uint256 agent, address token, bool toStake, Authorization calldata by) external;

    /// @notice Adds the native coin sent along to an agent's free balance or stake. Anyone may.
    function depositNative(uint256 agent, bool toStake) external payable;

    /// @notice Sends free balance to any address. For the agent's owner only, while the agent isn't locked; no key of
    /// the agent can do it.
    /// @dev Reverts if the recipient or the token refuses, and leaves everything as it was.
    /// @param token The zero address for native coin.
    function withdraw(uint256 agent, address token, address to, uint256 amount) external;

    /// @notice Turns free balance into stake. For the owner only, while the agent isn't locked: stake is what it lets
    /// its keys lose.
    function stake(uint256 agent, address token, uint256 amount) external;

    /// @notice Asks stake back. For the owner only. It can be forfeited for seven days more; asking for more starts
    /// them anew for all that is leaving.
    function unstake(uint256 agent, address token, uint256 amount) external;

    /// @notice Makes stake that has waited its time free balance again, within reach of the agent's keys. For the owner
    /// only.
    function release(uint256 agent, address token) external;

    /// @notice What an agent can withdraw or commit.
    /// @param token The zero address for native coin.
    function free(uint256 agent, address token) external view returns (uint256);

    /// @notice What of an agent can be forfeited: what is bonded and what is leaving.
    /// @return bonded Stake that stays until it is asked back.
    /// @return leaving Stake that was asked back.
    /// @return leavesAt Last second at which it can't be released.
    function stakeOf(
        uint256 agent,
        address token
    ) external view returns (uint256 bonded, uint256 leaving, uint256 leavesAt);

    /// @notice Whether Settlement holds what it owes in a token. Only a token that changes balances by itself can make
    /// it fail, and then only for itself.
    /// @return holds True if `held` is at least `owed`.
    /// @return held Settlement's balance at the token.
    /// @return owed All that is free, at stake, in escrow or burnt.
    /// @return burnt What faults have cost and nobody gets.
    function solvent(address token) external view returns (bool holds, uint256 held, uint256 owed, uint256 burnt);
}
