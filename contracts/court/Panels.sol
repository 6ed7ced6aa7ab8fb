// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BlockHeader} from "@openzeppelin/contracts/utils/BlockHeader.sol";
import {ICourt} from "../interfaces/ICourt.sol";
import {CourtErrors} from "./CourtErrors.sol";
import {Draw} from "./Draw.sol";
import {SeedBlock} from "./SeedBlock.sol";
import {Case, Member, Round, Stage} from "../types/Trial.sol";
import {Seats} from "./Seats.sol";

/// @title Panels
/// @notice Rounds of a dispute: when they open, who sits on their panels, where they stand.
abstract contract Panels is Seats {
    /// @inheritdoc ICourt
    uint256 public disputeCount;

    mapping(uint256 dispute => Case) internal _cases;
    mapping(uint256 dispute => mapping(uint256 round => Round)) internal _rounds;
    mapping(uint256 dispute => mapping(uint256 round => mapping(uint256 index => Member))) internal _members;

    /// @inheritdoc ICourt
    function draw(uint256 dispute, bytes calldata header) external {
        _requireStage(dispute, Stage.Drawing);
        (uint256 index, Round storage round) = _present(dispute);
        if (block.number <= round.seedBlock) {
            revert CourtErrors.SeedBlockPending(dispute, block.number, round.seedBlock);
        }
        bytes32 expected = SeedBlock.hashOf(round.seedBlock);
        if (expected == 0) {
            _fixSeedBlock(dispute, index, round);
            return;
        }
        bytes32 actual = keccak256(header);
        if (actual != expected) revert CourtErrors.HeaderMismatch(dispute, actual, expected);

        bytes32 randao = BlockHeader.getPrevRandao(header);
        bytes32 seed = keccak256(abi.encode(randao, block.chainid, address(this), dispute, index));
        uint256 size = _panelSize(index);
        address[] memory members = _seat(dispute, index, seed, size);
        round.size = uint8(size);
        round.commitBy = uint40(block.timestamp + _commitTime);
        round.revealBy = uint40(block.timestamp + _commitTime + _revealTime);
        emit PanelDrawn(dispute, index, seed, members);
    }

    /// @inheritdoc ICourt
    function caseOf(uint256 dispute) external view returns (Case memory) {
        return _cases[dispute];
    }

    /// @inheritdoc ICourt
    function roundOf(uint256 dispute, uint256 round) external view returns (Round memory) {
        return _rounds[dispute][round];
    }

    /// @inheritdoc ICourt
    function panelOf(uint256 dispute, uint256 round) external view returns (Member[] memory) {
        return _panelOf(dispute, round, _rounds[dispute][round].size);
    }

    /// @inheritdoc ICourt
    function stageOf(uint256 dispute) public view returns (Stage) {
        Case storage case_ = _cases[dispute];
        if (case_.createdAt == 0) return Stage.None;
        if (case_.executed) return Stage.Executed;
        (uint256 index, Round storage round) = _present(dispute);
        uint256 revealBy = round.revealBy;
        if (block.timestamp <= round.commitBy) return Stage.Committing;
        if (block.timestamp <= revealBy) return round.size == 0 ? Stage.Drawing : Stage.Revealing;
        bool inTime = block.timestamp <= revealBy + _appealTime;
        return inTime && _canFollow(dispute, index) ? Stage.Appealable : Stage.Ruled;
    }

    /// @dev Opens a dispute's round. Whoever calls has paid for it.
    function _open(uint256 dispute, uint256 index) internal {
        Round storage round = _rounds[dispute][index];
        round.revealBy = uint40(block.timestamp + _drawTime);
        round.payer = msg.sender;
        _fixSeedBlock(dispute, index, round);
    }

    /// @dev The dispute's present round, its last one. The dispute exists.
    function _present(uint256 dispute) internal view returns (uint256 index, Round storage round) {
        index = _cases[dispute].rounds - 1;
        round = _rounds[dispute][index];
    }

    /// @dev Whether a round may be followed by one with a larger panel.
    function _canFollow(uint256 dispute, uint256 round) internal view returns (bool) {
        return _panelSize(round + 1) <= _cases[dispute].olderSeats;
    }

    function _panelOf(uint256 dispute, uint256 round, uint256 size) internal view returns (Member[] memory panel) {
        panel = new Member[](size);
        for (uint256 i; i < size; ++i) panel[i] = _members[dispute][round][i];
    }

    function _requireStage(uint256 dispute, Stage expected) internal view {
        Stage actual = stageOf(dispute);
        if (actual != expected) revert CourtErrors.StageMismatch(dispute, actual, expected);
    }

    function _requireKnown(uint256 dispute) internal view {
        if (dispute == 0 || dispute > disputeCount) revert CourtErrors.DisputeUnknown(dispute, disputeCount);
    }

    /// @dev Seats that were taken in the dispute's own second aren't older than it.
    function _seat(
        uint256 dispute,
        uint256 index,
        bytes32 seed,
        uint256 size
    ) private returns (address[] memory members) {
        uint256 time = _cases[dispute].createdAt - 1;
        uint256[] memory picks = Draw.distinct(seed, size, _cases[dispute].olderSeats);
        members = new address[](size);
        for (uint256 i; i < size; ++i) {
            address holder = _holderAt(picks[i] + 1, time);
            members[i] = holder;
            _members[dispute][index][i].holder = holder;
            ++_seats[holder].panels;
        }
    }

    function _fixSeedBlock(uint256 dispute, uint256 index, Round storage round) private {
        uint256 seedBlock = block.number + _seedDelay;
        round.seedBlock = uint48(seedBlock);
        emit SeedBlockFixed(dispute, index, seedBlock);
    }
}
