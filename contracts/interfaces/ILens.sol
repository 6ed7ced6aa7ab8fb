// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Act} from "../types/Act.sol";
import {Deal} from "../types/Deal.sol";
import {ISettlement} from "./ISettlement.sol";

/// @title ILens
/// @notice Questions about one Settlement that nobody needs on-chain while a deal runs, so that its code stays small.
/// It only reads what anyone can read there, holds nothing, and nothing depends on it.
///
/// Hazards. An answer is about this block: by the time a transaction is included, another may have come first, and
/// time has gone on. To ask about the next block, call it as of "pending".
interface ILens {
    /// @notice What an agent has in one token.
    struct Holding {
        /// @dev The zero address for native coin.
        address token;
        uint256 free;
        /// @dev Stake that stays until it is asked back.
        uint256 bonded;
        /// @dev Stake that was asked back and can still be forfeited.
        uint256 leaving;
        /// @dev Last second at which it can't be released.
        uint256 leavesAt;
    }

    /// @notice What travels with an agent's token, running deals aside.
    struct Holdings {
        address owner;
        /// @dev Loses its say when the token is transferred.
        address wallet;
        uint256 epoch;
        uint256 tenure;
        /// @dev Last second at which nothing can be withdrawn or newly committed.
        uint256 lockedUntil;
        Holding[] tokens;
    }

    /// @notice What a buyer of the agent's token gets. Only until `lockedUntil` is it sure that no free balance goes
    /// before the sale; stake can be forfeited even then, and running deals can end badly.
    /// @dev Reverts with the registry's error if there is no such agent.
    /// @param tokens Which tokens to look at; Settlement keeps no list of them.
    function holdings(uint256 agent, address[] calldata tokens) external view returns (Holdings memory);

    /// @notice What of an agent's mandate would keep it from an exposure, in a deal of these parties, negotiation,
    /// token and category.
    /// @param exposure Price and bond of a buyer, bond of a seller.
    /// @return reason Selector of an error in `IRefusals`; zero if nothing would.
    /// @return actual First number of that error.
    /// @return limit Second number of that error.
    function mandateAllows(
        uint256 agent,
        uint256 counterparty,
        bytes32 negotiation,
        address token,
        bytes32 category,
        uint256 exposure
    ) external view returns (bytes4 reason, uint256 actual, uint256 limit);

    /// @notice What would happen if an act were sent in this block, with good signatures wherever it takes some.
    /// @dev Not foreseen: what an arbitrator does in `createDispute`, and whether the sender takes the surplus of a
    /// fee. An arbitrator could also tell this contract another cost than Settlement.
    /// @param act What is done.
    /// @param by Who sends it. The zero address stands for anyone who carries the form of `Deliver`, `Dispute` or
    /// `Answer` that a session key signed.
    /// @param amount In `ClaimReceipt` and `Close` the receipt's total; in `Split` what the seller gets; in `Dispute`
    /// and `Answer` the share; in `Refer` the coin sent along. Else it doesn't count. A `Dispute` brings its fee, a
    /// `Split` comes in time.
    /// @return passes True if it would succeed.
    /// @return reason What it would revert with. Empty if it would succeed, or if an arbitrator fails without a word.
    /// @return toBuyer What the end of the deal would pay to the buyer from escrow in the deal's token; 0 if the act
    /// doesn't end it. What a fault costs the other's stake, and a fee that is returned, come on top.
    /// @return toSeller The same for the seller.
    function preview(
        Act act,
        Deal calldata deal,
        bytes32 transcript,
        address by,
        uint256 amount
    ) external view returns (bool passes, bytes memory reason, uint256 toBuyer, uint256 toSeller);

    /// @notice The same, but reverts as the act would.
    /// @return toBuyer As of `preview`.
    /// @return toSeller As of `preview`.
    function rehearse(
        Act act,
        Deal calldata deal,
        bytes32 transcript,
        address by,
        uint256 amount
    ) external view returns (uint256 toBuyer, uint256 toSeller);

    /// @notice Whose state is shown.
    function settlement() external view returns (ISettlement);
}
