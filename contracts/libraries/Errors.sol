// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Status} from "../types/Deal.sol";

/// @title Errors
/// @notice How Parley's contracts refuse, except to commit a deal (`IRefusals`) and except the Court (`CourtErrors`).
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

    /// @notice Thrown when a session key is used after its certificate ended; of receipts and faults, more than 24
    /// hours after certificate or key epoch did.
    error CertificateExpired(uint256 agent, uint256 time, uint256 notAfter);

    /// @notice Thrown when a certificate isn't signed by the agent's wallet.
    error BadCertificate(uint256 agent, address wallet);

    /// @notice Thrown when a certificate comes without a signature and isn't recorded in the registry either.
    error CertificateNotRecorded(uint256 agent, uint256 epoch, bytes32 certificate);

    /// @notice Thrown when an envelope isn't signed by the certified session key, with the lower of both possible `s`.
    error BadEnvelopeSignature(uint256 agent);

    /// @notice Thrown when an approval isn't signed by the approver.
    error BadApproval(address approver, bytes32 digest);

    /// @notice Thrown when an approval isn't a later version than the one that is recorded.
    error ApprovalStale(address approver, uint256 version, uint256 latest);

    // Treasury

    /// @notice Thrown when a token, an arbitrator or a recipient calls back while it is being called.
    error Reentered();

    /// @notice Thrown when native coin is sent to Settlement as such; `depositNative` says for whom it is.
    error CoinWithoutAgent(address from, uint256 amount);

    /// @notice Thrown when money would come to the extension's own address; call Settlement.
    error CalledDirectly(address extension);

    /// @notice Thrown when there is no contract at the token's address. Native coin goes through `depositNative`.
    error TokenWithoutCode(address token);

    /// @notice Thrown when the registry of agents is given as a token: an agent that were deposited couldn't get out.
    error TokenIsRegistry(address token);

    /// @notice Thrown when a balance would become larger than it can be.
    error BalanceTooLarge(uint256 agent, address token, uint256 balance, uint256 limit);

    /// @notice Thrown when more would be withdrawn than is free.
    error FreeBalanceTooLow(uint256 agent, address token, uint256 amount, uint256 free);

    /// @notice Thrown when money would be sent to the zero address or to Settlement itself.
    error RecipientInvalid(address to);

    /// @notice Thrown when the recipient of native coin doesn't take it.
    error NativeTransferFailed(address to, uint256 amount);

    /// @notice Thrown when more stake would leave than is bonded.
    error StakeTooLow(uint256 agent, address token, uint256 amount, uint256 bonded);

    /// @notice Thrown when stake that is leaving hasn't waited its seven days.
    error StakeNotReleasable(uint256 agent, address token, uint256 time, uint256 leavesAt);

    /// @notice Thrown when no stake is leaving.
    error NothingLeaving(uint256 agent, address token);

    // Life of a deal

    /// @notice Thrown when an item of a batch is a call to something else than `commit` or `commitBySession`.
    error NotACommitment(uint256 index, bytes4 selector);

    /// @notice Thrown when a commitment of an atomic batch fails, with the error that it failed with.
    error CommitmentFailed(uint256 index, bytes reason);

    /// @notice Thrown when a field of the deal has bits beyond its type.
    error DealMalformed(bytes32 deal);

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

    /// @notice Thrown when a receipt says more than the price.
    error ReceiptTooHigh(bytes32 deal, uint256 total, uint256 price);

    /// @notice Thrown when a receipt says no more than what receipts have paid already.
    error ReceiptTooLow(bytes32 deal, uint256 total, uint256 received);

    /// @notice Thrown when a split gives the seller more than price and both bonds.
    error SplitTooHigh(bytes32 deal, uint256 toSeller, uint256 limit);

    /// @notice Thrown when a split gives the seller less than receipts have paid it since.
    error SplitTooLow(bytes32 deal, uint256 toSeller, uint256 received);

    // Disputes

    /// @notice Thrown when a statement is more than the whole.
    error ShareTooHigh(bytes32 deal, uint256 share, uint256 limit);

    /// @notice Thrown when a dispute doesn't bring exactly the deal's `maxFee`.
    error WrongFee(bytes32 deal, uint256 value, uint256 maxFee);

    /// @notice Thrown when the seller has made its statement.
    error AlreadyAnswered(bytes32 deal);

    /// @notice Thrown when the arbitrator has the dispute.
    error AlreadyReferred(bytes32 deal);

    /// @notice Thrown when the arbitrator asks for more than the deposit and what the caller adds.
    error FeeTooHigh(uint256 cost, uint256 fund);

    /// @notice Thrown when an arbitrator ruled while it was asked, or gave an id that it had given before.
    error ArbitratorMisbehaved(address arbitrator, uint256 disputeId);

    /// @notice Thrown when a ruling comes for a dispute that this arbitrator was never given.
    error DisputeUnknown(address arbitrator, uint256 disputeId);

    /// @notice Thrown when there is no ruling to execute.
    error NotRuled(bytes32 deal);

    /// @notice Thrown when a dispute with a ruling would lapse.
    error AlreadyRuled(bytes32 deal);

    // Faults

    /// @notice Thrown when the agent is neither the deal's buyer nor its seller.
    error NotAParty(bytes32 deal, uint256 agent);

    /// @notice Thrown when the first envelope isn't about the deal that comes with it.
    error WrongDeal(bytes32 said, bytes32 deal);

    /// @notice Thrown when two envelopes don't contradict each other: they have different places, or are one and the
    /// same.
    error NotEquivocal(uint256 agent, uint256 firstSeq, uint256 secondSeq);

    /// @notice Thrown when a fault costs nothing more: the agent has paid this bond in this negotiation, or named none.
    error FaultPaid(uint256 agent, uint256 paid, uint256 bond);

    /// @notice Thrown when another than the guardian would pause or unpause.
    error NotGuardian(address caller, address guardian);

    // Reputation

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

    /// @notice Thrown when the epoch is higher than the present second's number: no clock counts faster.
    error EpochTooFar(uint256 agent, bytes32 topic, uint256 epoch, uint256 limit);
}
