// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IArbitrable} from "../interfaces/IArbitrable.sol";
import {ICourt} from "../interfaces/ICourt.sol";
import {CourtErrors} from "./CourtErrors.sol";
import {Verdict} from "./Verdict.sol";
import {Ballot, Member, Round, Stage} from "../types/Trial.sol";
import {Panels} from "./Panels.sol";

/// @title Votes
/// @notice A panel votes, and is counted.
abstract contract Votes is Panels {
    /// @dev What a count decides: the ruling, and the range of votes that are coherent.
    struct Count {
        uint256 ruling;
        uint256 lowest;
        uint256 highest;
    }

    /// @inheritdoc ICourt
    function commit(uint256 dispute, bytes32 commitment) external {
        _requireStage(dispute, Stage.Committing);
        (uint256 index, Round storage round) = _present(dispute);
        Member storage member = _memberOf(dispute, index, round.size);
        if (member.ballot != Ballot.None) revert CourtErrors.VotedAlready(dispute, index, msg.sender);

        member.ballot = Ballot.Committed;
        member.commitment = commitment;
        ++round.committed;
        if (round.committed == round.size) {
            round.commitBy = uint40(block.timestamp);
            round.revealBy = uint40(block.timestamp + _revealTime);
        }
        emit VoteCommitted(dispute, index, msg.sender, commitment);
    }

    /// @inheritdoc ICourt
    function reveal(uint256 dispute, uint256 vote, bytes32 salt) external {
        _requireStage(dispute, Stage.Revealing);
        (uint256 index, Round storage round) = _present(dispute);
        Member storage member = _memberOf(dispute, index, round.size);
        if (member.ballot == Ballot.None) revert CourtErrors.CommitmentMissing(dispute, index, msg.sender);
        if (member.ballot == Ballot.Revealed) revert CourtErrors.VotedAlready(dispute, index, msg.sender);
        if (vote > Verdict.REFUSAL) revert CourtErrors.VoteInvalid(vote, Verdict.REFUSAL);
        bytes32 commitment = commitmentOf(dispute, index, msg.sender, vote, salt);
        if (commitment != member.commitment) revert CourtErrors.CommitmentMismatch(commitment, member.commitment);

        member.ballot = Ballot.Revealed;
        member.vote = uint16(vote);
        member.commitment = 0;
        ++round.revealed;
        if (round.revealed == round.committed) round.revealBy = uint40(block.timestamp);
        emit VoteRevealed(dispute, index, msg.sender, vote);
    }

    /// @inheritdoc ICourt
    function pass(uint256 dispute) external {
        _requireKnown(dispute);
        (uint256 index, Round storage round) = _present(dispute);
        if (round.counted) revert CourtErrors.RoundCountedAlready(dispute, index);
        if (block.timestamp <= round.revealBy) {
            revert CourtErrors.RoundOpen(dispute, block.timestamp, round.revealBy);
        }
        _count(dispute);
    }

    /// @inheritdoc ICourt
    function commitmentOf(
        uint256 dispute,
        uint256 round,
        address voter,
        uint256 vote,
        bytes32 salt
    ) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), dispute, round, voter, vote, salt));
    }

    /// @dev Counts the present round if nobody has. The caller has made sure that its time is over.
    function _count(uint256 dispute) internal {
        (uint256 index, Round storage round) = _present(dispute);
        if (round.counted) return;
        Member[] memory panel = _panelOf(dispute, index, round.size);
        Count memory count = _judge(dispute, index, panel);
        round.counted = true;
        round.ruling = uint16(count.ruling);

        (uint256 coherent, uint256 pool) = _fine(dispute, index, panel, count);
        uint256 fees = _feesOf(index);
        if (round.revealed == 0) _credit(round.payer, fees);
        else pool += fees;
        uint256 reward = coherent == 0 ? 0 : pool / coherent;
        for (uint256 i; i < panel.length; ++i) {
            if (_isCoherent(panel[i], count)) _credit(panel[i].holder, reward);
        }
        _burn(pool - reward * coherent);

        emit RoundCounted(dispute, index, count.ruling, coherent, reward);
        if (stageOf(dispute) == Stage.Appealable) {
            emit AppealPossible(dispute, IArbitrable(_cases[dispute].arbitrable));
        }
    }

    /// @dev The dispute's ruling as it stands: of the present round if that is over, else of the one before.
    function _standing(uint256 dispute) internal view returns (uint256) {
        (uint256 index, Round storage round) = _present(dispute);
        if (round.counted) return round.ruling;
        if (block.timestamp <= round.revealBy) return _before(dispute, index);
        return _judge(dispute, index, _panelOf(dispute, index, round.size)).ruling;
    }

    /// @dev A round without a vote leaves the ruling as it was and finds nobody coherent.
    function _judge(uint256 dispute, uint256 index, Member[] memory panel) private view returns (Count memory count) {
        uint256[] memory votes = new uint256[](_rounds[dispute][index].revealed);
        uint256 found;
        for (uint256 i; i < panel.length; ++i) {
            if (panel[i].ballot != Ballot.Revealed) continue;
            votes[found] = panel[i].vote;
            ++found;
        }
        if (found == 0) return Count({ruling: _before(dispute, index), lowest: 1, highest: 0});
        (count.ruling, count.lowest, count.highest) = Verdict.reach(votes);
    }

    /// @dev Lets go of all members and takes the penalty from those that are not coherent.
    function _fine(
        uint256 dispute,
        uint256 index,
        Member[] memory panel,
        Count memory count
    ) private returns (uint256 coherent, uint256 pool) {
        for (uint256 i; i < panel.length; ++i) {
            address holder = panel[i].holder;
            --_seats[holder].panels;
            if (_isCoherent(panel[i], count)) {
                ++coherent;
                continue;
            }
            uint256 amount = _penalise(holder);
            pool += amount;
            emit Penalised(dispute, index, holder, amount);
        }
    }

    function _before(uint256 dispute, uint256 index) private view returns (uint256) {
        return index == 0 ? 0 : _rounds[dispute][index - 1].ruling;
    }

    function _memberOf(uint256 dispute, uint256 index, uint256 size) private view returns (Member storage) {
        for (uint256 i; i < size; ++i) {
            Member storage member = _members[dispute][index][i];
            if (member.holder == msg.sender) return member;
        }
        revert CourtErrors.NotOnPanel(dispute, index, msg.sender);
    }

    function _isCoherent(Member memory member, Count memory count) private pure returns (bool) {
        return member.ballot == Ballot.Revealed && member.vote >= count.lowest && member.vote <= count.highest;
    }
}
