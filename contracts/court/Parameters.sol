// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICourt} from "../interfaces/ICourt.sol";
import {CourtErrors} from "./CourtErrors.sol";
import {CourtParameters} from "../types/Trial.sol";

/// @title Parameters
/// @notice What a Court is deployed with, held against its bounds once and never changed.
abstract contract Parameters is ICourt {
    /// @dev The first panel and one for each appeal.
    uint256 internal constant MAX_ROUNDS = 3;

    uint256 private constant MAX_PANEL = 31;
    uint256 private constant MAX_SEED_DELAY = 256;
    uint256 private constant MIN_TIME = 1 minutes;
    uint256 private constant MAX_TIME = 30 days;
    uint256 private constant WHOLE = 10_000;

    /// @inheritdoc ICourt
    uint256 public immutable penalty;

    /// @inheritdoc ICourt
    uint256 public immutable longestDispute;

    uint256 internal immutable _seatStake;
    uint256 internal immutable _feePerVote;
    uint256 internal immutable _seedDelay;
    uint256 internal immutable _drawTime;
    uint256 internal immutable _commitTime;
    uint256 internal immutable _revealTime;
    uint256 internal immutable _appealTime;
    uint256 private immutable _penaltyShare;
    uint256 private immutable _firstPanel;
    uint256 private immutable _secondPanel;
    uint256 private immutable _thirdPanel;

    constructor(CourtParameters memory given) {
        _seatStake = _bounded("seatStake", given.seatStake, 1, type(uint96).max);
        _feePerVote = _bounded("feePerVote", given.feePerVote, 1, type(uint96).max);
        _penaltyShare = _bounded("penaltyShare", given.penaltyShare, 1, WHOLE);
        _seedDelay = _bounded("seedDelay", given.seedDelay, 1, MAX_SEED_DELAY);
        _drawTime = _bounded("drawTime", given.drawTime, MIN_TIME, MAX_TIME);
        _commitTime = _bounded("commitTime", given.commitTime, MIN_TIME, MAX_TIME);
        _revealTime = _bounded("revealTime", given.revealTime, MIN_TIME, MAX_TIME);
        _appealTime = _bounded("appealTime", given.appealTime, MIN_TIME, MAX_TIME);
        _firstPanel = _panel(given.panelSizes[0], 1);
        _secondPanel = _panel(given.panelSizes[1], _firstPanel + 1);
        _thirdPanel = _panel(given.panelSizes[2], _secondPanel + 1);

        penalty = _bounded("penalty", (_seatStake * _penaltyShare) / WHOLE, 1, _seatStake);
        longestDispute = MAX_ROUNDS * (_drawTime + _commitTime + _revealTime + _appealTime) - _appealTime;
    }

    /// @inheritdoc ICourt
    function parameters() external view returns (CourtParameters memory) {
        return
            CourtParameters({
                seatStake: uint96(_seatStake),
                feePerVote: uint96(_feePerVote),
                penaltyShare: uint16(_penaltyShare),
                seedDelay: uint16(_seedDelay),
                drawTime: uint32(_drawTime),
                commitTime: uint32(_commitTime),
                revealTime: uint32(_revealTime),
                appealTime: uint32(_appealTime),
                panelSizes: [uint8(_firstPanel), uint8(_secondPanel), uint8(_thirdPanel)]
            });
    }

    /// @dev Size of a round's panel; more than all seats after the last round.
    function _panelSize(uint256 round) internal view returns (uint256) {
        if (round == 0) return _firstPanel;
        if (round == 1) return _secondPanel;
        return round == 2 ? _thirdPanel : type(uint256).max;
    }

    function _feesOf(uint256 round) internal view returns (uint256) {
        return _panelSize(round) * _feePerVote;
    }

    /// @dev An odd panel can't halve as long as all its members vote.
    function _panel(uint256 size, uint256 lowest) private pure returns (uint256) {
        if (size % 2 == 0) revert CourtErrors.PanelSizeEven(size);
        return _bounded("panelSizes", size, lowest, MAX_PANEL);
    }

    function _bounded(
        bytes32 parameter,
        uint256 actual,
        uint256 lowest,
        uint256 highest
    ) private pure returns (uint256) {
        if (actual < lowest || actual > highest) {
            revert CourtErrors.ParameterOutOfRange(parameter, actual, lowest, highest);
        }
        return actual;
    }
}
