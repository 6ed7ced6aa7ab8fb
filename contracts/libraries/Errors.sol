// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Status} from "../types/Deal.sol";

/// @title Errors
/// @notice Every way in which Parley's contracts refuse, except to commit a deal: those stand in `IRefusals`.
library Errors {
    // Agents

    /// @notice Thrown when the caller is neither the agent's owner nor approved by it for the token.
    error NotOwnerOrApproved(uint256 agent, address caller);

    /// @notice Thrown when the caller is neither the agent's owner nor its wallet.
    error NotOwnerOrWallet(uint256 agent, address caller);

    /// @notice Thrown when the caller is not the agent's owner.
    error NotOwner(uint256 agent, address caller);

    /// @notice Thrown when an agent's wallet would become the zero address; `unsetAgentWallet` is for that.
    error WalletZero(uint256 agent);

    /// @notice Thrown when the proof of a new wallet comes after its deadline.
    error ProofExpired(uint256 time, uint256 deadline);

    /// @notice Thrown when the deadline of a new wallet's proof lies too far ahead.
    error ProofDeadlineTooFar(uint256 deadline, uint256 limit);

    /// @notice Thrown when metadata would be set under the reserved key "agentWallet"; `setAgentWallet` is for that.
    error MetadataKeyReserved(uint256 agent, string key);

    /// @notice Thrown when a batch of agents to register has none in it.
    error NothingToRegister();

    /// @notice Thrown when a lock wouldn't become longer; `present` is its end, or this second if it has none.
    error LockNotExtended(uint256 agent, uint256 until, uint256 present);

    /// @notice Thrown when a lock would reach too far ahead.
    error LockTooFar(uint256 agent, uint256 until, uint256 limit);

    // Signatures

    /// @notice Thrown when a signature doesn't come from the wallet it should come from.
    error BadWalletSignature(uint256 agent, address wallet);

    /// @notice Thrown when what was signed belongs to another key epoch than the agent's present one.
    error WrongEpoch(uint256 agent, uint256 actual, uint256 present);

    /// @notice Thrown when a session key is used before its certificate begins.
    error CertificateNotYetValid(uint256 agent, uint256 time, uint256 notBefore);

    /// @notice Thrown when a session key is used after its certificate ended.
    error CertificateExpired(uint256 agent, uint256 time, uint256 notAfter);

    /// @notice Thrown when a certificate isn't signed by the agent's wallet.
    error BadCertificate(uint256 agent, address wallet);

    /// @notice Thrown when an envelope isn't signed by the certified session key, with the lower of both possible `s`.
    error BadEnvelopeSignature(uint256 agent);

    // Treasury

    /// @notice Thrown when a token or a recipient calls back into the treasury while it is being called.
    error Reentered();

    /// @notice Thrown when there is no contract at the token's address. Native coin goes through `depositNative`.
    error TokenWithoutCode(address token);

    /// @notice Thrown when a balance would become larger than it can be.
    error BalanceTooLarge(uint256 agent, address token, uint256 balance, uint256 limit);

    /// @notice Thrown when more would be withdrawn than is free.
    error FreeBalanceTooLow(uint256 agent, address token, uint256 amount, uint256 free);

    /// @notice Thrown when money would be sent to the zero address or to Settlement itself.
    error RecipientInvalid(address to);

    /// @notice Thrown when the recipient of native coin doesn't take it.
    error NativeTransferFailed(address to, uint256 amount);

    // Life of a deal

    /// @notice Thrown when deal and transcript are not the ones committed in this negotiation, in even one bit.
    /// `recorded` is zero when nothing was.
    error DealMismatch(bytes32 deal, bytes26 fingerprint, bytes26 recorded);

    /// @notice Thrown when the act doesn't fit the deal's status; `allowed` has bit n set for each status n that would.
    error StatusMismatch(bytes32 deal, Status actual, uint256 allowed);

    /// @notice Thrown when a metered deal, which has no review, is delivered.
    error DealMetered(bytes32 deal);

    /// @notice Thrown when the time for the act is over.
    error DeadlinePassed(bytes32 deal, uint256 time, uint256 deadline);

    /// @notice Thrown when the other side still has time.
    error DeadlineNotPassed(bytes32 deal, uint256 time, uint256 deadline);

    // Reputation

    /// @notice Thrown when a Settlement is about agents of another registry.
    error RegistryMismatch(address settlement, address actual, address expected);

    /// @notice Thrown when an agent would be rated by its owner or by somebody approved by it for the token, or by
    /// somebody who speaks for both sides of the deal.
    error SelfFeedback(uint256 agent, address caller);

    /// @notice Thrown when a value has more decimals than can be added up.
    error DecimalsTooMany(uint256 decimals, uint256 limit);

    /// @notice Thrown when the client hasn't given the agent so many feedbacks. They count from 1.
    error FeedbackUnknown(uint256 agent, address client, uint256 index, uint256 last);

    /// @notice Thrown when feedback that is revoked would be revoked again.
    error FeedbackRevokedAlready(uint256 agent, address client, uint256 index);

    /// @notice Thrown when a response points to nothing.
    error ResponseURIEmpty(uint256 agent, address client, uint256 index);

    /// @notice Thrown when a summary names no clients whose feedback it is to count.
    error ClientsMissing(uint256 agent);

    /// @notice Thrown when the caller is neither owner nor wallet of one of the deal's sides.
    error NotParty(bytes32 deal, address caller);

    /// @notice Thrown when the side has rated the deal before, even if it revoked that.
    error DealRatedAlready(bytes32 deal, uint256 agent);

    /// @notice Thrown when the rating of a deal is below 0 or above the limit.
    error RatingOutOfRange(int256 value, uint256 decimals, uint256 limit);

    // Validation

    /// @notice Thrown when the zero address would be the validator.
    error ValidatorZero(uint256 agent);

    /// @notice Thrown when a request has no hash that could name it.
    error RequestHashZero(uint256 agent);

    /// @notice Thrown when there is a request of this hash already, whoever made it.
    error RequestExists(bytes32 request, uint256 agent);

    /// @notice Thrown when there is no request of this hash.
    error RequestUnknown(bytes32 request);

    /// @notice Thrown when somebody else than the validator asked would respond.
    error NotValidator(bytes32 request, address caller, address validator);

    /// @notice Thrown when a response is more than the whole.
    error ResponseTooHigh(uint256 response, uint256 limit);

    // Anchors

    /// @notice Thrown when there is no root to anchor.
    error RootZero(uint256 agent, bytes32 topic);

    /// @notice Thrown when the epoch doesn't come after the latest one anchored. They count from 1.
    error EpochNotLater(uint256 agent, bytes32 topic, uint256 epoch, uint256 latest);
}
