// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IRefusals
/// @notice Everything that can keep a deal from being committed, its signatures aside. All of one shape, (actual,
/// limit), so that a view can return what a commitment would throw.
interface IRefusals {
    /// @notice Thrown when an agent would deal with itself.
    error BuyerIsSeller(uint256 buyer, uint256 seller);

    /// @notice Thrown when no agent with this id is registered.
    error AgentUnknown(uint256 agent, uint256 agents);

    /// @notice Thrown when the agent has no wallet, as after a transfer, so that nobody can speak for it.
    error WalletMissing(uint256 agent, uint256 epoch);

    /// @notice Thrown when the offer's time is over.
    error CommitByPassed(uint256 time, uint256 commitBy);

    /// @notice Thrown when the offer would bind for longer than an offer may.
    error CommitByTooFar(uint256 commitBy, uint256 limit);

    /// @notice Thrown when the share on lapse is more than the whole.
    error LapseShareTooHigh(uint256 share, uint256 limit);

    /// @notice Thrown when the negotiation has made its deal; `status` is that deal's.
    error NegotiationUsed(uint256 status, uint256 expected);

    /// @notice Thrown when the buyer's free balance doesn't cover price and bond.
    error BuyerFundsTooLow(uint256 free, uint256 needed);

    /// @notice Thrown when the seller's free balance doesn't cover its bond.
    error SellerFundsTooLow(uint256 free, uint256 needed);

    /// @notice Thrown while the guardian has paused new commitments and declarations.
    error CommitmentsPaused(uint256 since, uint256 time);

    /// @notice Thrown when the agent's owner has locked what it has, as before a sale.
    error AgentLocked(uint256 time, uint256 until);

    /// @notice Thrown when the agent's present owner, of this tenure, has set no mandate that covers token and
    /// category, and hasn't let the agent go without.
    error MandateMissing(uint256 agent, uint256 tenure);

    /// @notice Thrown when the mandate's time is over, or the mandate was removed (then `expiry` is 0).
    error MandateExpired(uint256 time, uint256 expiry);

    /// @notice Thrown when the deal exposes the agent to more than its mandate allows for one deal.
    error DealLimitExceeded(uint256 exposure, uint256 limit);

    /// @notice Thrown when the deal would use more of the daily budget than is left at this moment.
    error BudgetExceeded(uint256 exposure, uint256 left);

    /// @notice Thrown when the exposure is above the mandate's threshold and above what its approver has recorded.
    error ApprovalMissing(uint256 exposure, uint256 approved);
}
