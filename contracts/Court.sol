// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Votes} from "./court/Votes.sol";
import {Parameters} from "./court/Parameters.sol";
import {IArbitrable} from "./interfaces/IArbitrable.sol";
import {IArbitrator} from "./interfaces/IArbitrator.sol";
import {ICourt} from "./interfaces/ICourt.sol";
import {CourtErrors} from "./court/CourtErrors.sol";
import {Verdict} from "./court/Verdict.sol";
import {Case, CourtParameters, Round, Stage} from "./types/Trial.sol";

/// @title Court
/// @notice Arbitrator whose judges put up a stake and are drawn by lot. Nobody administers it.
contract Court is Votes {
    /// @dev What an arbitrable gets to take its ruling.
    uint256 private constant RULE_GAS = 500_000;

    /// @dev What has to be left before that call so that it gets all of it: a call takes at most 63 of 64 parts
    /// (EIP-150), after its own price; and some to go on with.
    uint256 private constant GAS_NEEDED = (RULE_GAS * 64) / 63 + 30_000;

    /// @dev Time for somebody to give a final ruling to the arbitrable before it is too late there.
    uint256 private constant EXECUTION_TIME = 1 hours;

    /// @notice Deploys a Court for good.
    constructor(CourtParameters memory given) Parameters(given) {}

    /// @inheritdoc IArbitrator
    function createDispute(uint256 choices, bytes calldata extraData) external payable returns (uint256 dispute) {
        if (choices != Verdict.CHOICES) revert CourtErrors.ChoicesMismatch(choices, Verdict.CHOICES);
        _requireInTime(extraData);
        uint256 olderSeats = _countAt(block.timestamp - 1);
        if (olderSeats < _panelSize(0)) revert CourtErrors.SeatsTooFew(olderSeats, _panelSize(0));
        _collect(_feesOf(0));

        dispute = ++disputeCount;
        _cases[dispute] = Case({
            arbitrable: msg.sender,
            createdAt: uint40(block.timestamp),
            olderSeats: uint32(olderSeats),
            rounds: 1,
            executed: false
        });
        emit DisputeCreation(dispute, IArbitrable(msg.sender));
        _open(dispute, 0);
    }

    /// @inheritdoc IArbitrator
    function appeal(uint256 dispute, bytes calldata) external payable {
        _requireStage(dispute, Stage.Appealable);
        _count(dispute);
        uint256 index = _cases[dispute].rounds;
        _collect(_feesOf(index));

        _cases[dispute].rounds = uint8(index + 1);
        emit AppealDecision(dispute, IArbitrable(_cases[dispute].arbitrable));
        _open(dispute, index);
    }

    /// @inheritdoc ICourt
    function executeRuling(uint256 dispute) external guarded {
        _requireStage(dispute, Stage.Ruled);
        _count(dispute);
        address arbitrable = _cases[dispute].arbitrable;
        uint256 ruling = _standing(dispute);

        _cases[dispute].executed = true;
        if (_rule(arbitrable, abi.encodeCall(IArbitrable.rule, (dispute, ruling)))) {
            emit RulingExecuted(dispute, arbitrable, ruling);
        } else {
            _cases[dispute].executed = false;
            emit RulingFailed(dispute, arbitrable, ruling);
        }
    }

    /// @inheritdoc ICourt
    function submitEvidence(uint256 dispute, string calldata evidence) external {
        _requireKnown(dispute);
        Stage stage = stageOf(dispute);
        if (stage > Stage.Appealable) revert CourtErrors.DisputeOver(dispute, stage);
        emit Evidence(this, dispute, msg.sender, evidence);
    }

    /// @inheritdoc IArbitrator
    function arbitrationCost(bytes calldata) external view returns (uint256) {
        return _feesOf(0);
    }

    /// @inheritdoc IArbitrator
    function appealCost(uint256 dispute, bytes calldata) external view returns (uint256) {
        _requireKnown(dispute);
        (uint256 index, ) = _present(dispute);
        return _canFollow(dispute, index) ? _feesOf(index + 1) : type(uint256).max;
    }

    /// @inheritdoc IArbitrator
    function appealPeriod(uint256 dispute) external view returns (uint256 start, uint256 end) {
        _requireKnown(dispute);
        if (stageOf(dispute) != Stage.Appealable) return (0, 0);
        (, Round storage round) = _present(dispute);
        return (round.revealBy + 1, round.revealBy + _appealTime);
    }

    /// @inheritdoc IArbitrator
    function disputeStatus(uint256 dispute) external view returns (DisputeStatus) {
        _requireKnown(dispute);
        Stage stage = stageOf(dispute);
        if (stage == Stage.Appealable) return DisputeStatus.Appealable;
        return stage > Stage.Appealable ? DisputeStatus.Solved : DisputeStatus.Waiting;
    }

    /// @inheritdoc IArbitrator
    function currentRuling(uint256 dispute) external view returns (uint256) {
        _requireKnown(dispute);
        return _standing(dispute);
    }

    /// @dev Takes a fee from what was sent; the surplus is the sender's credit.
    function _collect(uint256 fees) private {
        if (msg.value < fees) revert CourtErrors.FeeTooLow(msg.value, fees);
        _credit(msg.sender, msg.value - fees);
    }

    /// @dev Extra data: nothing, or the seconds within which the ruling is wanted.
    function _requireInTime(bytes calldata extraData) private view {
        if (extraData.length == 0) return;
        if (extraData.length != 32) revert CourtErrors.ExtraDataInvalid(extraData.length, 32);
        uint256 rulingWithin = abi.decode(extraData, (uint256));
        uint256 needed = longestDispute + EXECUTION_TIME;
        if (needed > rulingWithin) revert CourtErrors.RulingTooSlow(needed, rulingWithin);
    }

    /// @dev Nothing of the answer is copied, so its length costs nothing.
    function _rule(address arbitrable, bytes memory data) private returns (bool ok) {
        if (gasleft() < GAS_NEEDED) revert CourtErrors.GasTooLow(gasleft(), GAS_NEEDED);
        assembly ("memory-safe") {
            ok := call(RULE_GAS, arbitrable, 0, add(data, 0x20), mload(data), 0, 0)
        }
    }
}
