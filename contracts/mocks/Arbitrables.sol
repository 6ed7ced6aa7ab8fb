// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IArbitrable} from "../interfaces/IArbitrable.sol";
import {IArbitrator} from "../interfaces/IArbitrator.sol";
import {Draw} from "../court/Draw.sol";
import {Entry, History} from "../court/History.sol";
import {Verdict} from "../court/Verdict.sol";

/// @notice How a `TestArbitrable` takes its ruling.
enum Taking {
    Honest,
    Reverting,
    GasEating,
    Flooding,
    Calling
}

/// @title TestArbitrable
/// @notice Contract that has disputes, notes its rulings and the gas it was given, and can also misbehave.
contract TestArbitrable is IArbitrable {
    /// @notice Thrown when it doesn't take a ruling.
    error RulingUnwelcome(uint256 dispute);

    struct Taken {
        uint256 ruling;
        uint256 gas;
        uint256 times;
    }

    mapping(IArbitrator arbitrator => mapping(uint256 dispute => Taken)) public taken;
    Taking public taking;

    /// @notice What a `Calling` one's last call failed with.
    bytes public refusal;

    address private _target;
    bytes private _call;

    receive() external payable {
        if (taking == Taking.Calling) _callOut();
    }

    /// @notice Changes how rulings are taken.
    function setTaking(Taking taking_) external {
        taking = taking_;
    }

    /// @notice Says what a `Calling` one calls when it is ruled or paid. It goes on if that call fails.
    function setCall(address target, bytes calldata call_) external {
        _target = target;
        _call = call_;
        taking = Taking.Calling;
    }

    /// @notice Creates a dispute with what is sent.
    function dispute(
        IArbitrator arbitrator,
        uint256 choices,
        bytes calldata extraData
    ) external payable returns (uint256) {
        return arbitrator.createDispute{value: msg.value}(choices, extraData);
    }

    /// @notice Calls another contract as the arbitrable.
    function execute(address target, bytes calldata data) external {
        (bool ok, bytes memory answer) = target.call(data);
        if (ok) return;
        assembly ("memory-safe") {
            revert(add(answer, 0x20), mload(answer))
        }
    }

    /// @inheritdoc IArbitrable
    function rule(uint256 disputeID, uint256 ruling) external {
        uint256 gas = gasleft();
        if (taking == Taking.Reverting) revert RulingUnwelcome(disputeID);
        if (taking == Taking.GasEating) for (uint256 i; i < type(uint256).max; ++i) {}
        if (taking == Taking.Flooding) _flood();
        if (taking == Taking.Calling) _callOut();
        Taken storage note = taken[IArbitrator(msg.sender)][disputeID];
        note.ruling = ruling;
        note.gas = gas;
        ++note.times;
        emit Ruling(IArbitrator(msg.sender), disputeID, ruling);
    }

    function _callOut() private {
        (bool ok, bytes memory answer) = _target.call(_call);
        if (!ok) refusal = answer;
    }

    /// @dev Fails with as long an answer as it can pay for.
    function _flood() private pure {
        assembly ("memory-safe") {
            revert(0, 200000)
        }
    }
}

/// @notice Shows what the Court computes, so that it can be held against a model for many inputs at once.
contract CourtProbe {
    /// @notice How often each of `count` numbers is among the picks of `draws` seeds, counted on from `first`.
    function tally(uint256 first, uint256 draws, uint256 size, uint256 count) external pure returns (uint256[] memory) {
        uint256[] memory tallies = new uint256[](count);
        for (uint256 i; i < draws; ++i) {
            uint256[] memory picks = Draw.distinct(keccak256(abi.encode(first + i)), size, count);
            for (uint256 j; j < size; ++j) ++tallies[picks[j]];
        }
        return tallies;
    }

    /// @notice One draw.
    function distinct(bytes32 seed, uint256 size, uint256 count) external pure returns (uint256[] memory) {
        return Draw.distinct(seed, size, count);
    }

    /// @notice One number.
    function below(bytes32 seed, uint256 index, uint256 bound) external pure returns (uint256) {
        return Draw.below(seed, index, bound);
    }

    /// @notice Ruling of these votes, and the range that is coherent.
    function verdict(uint256[] calldata votes) external pure returns (uint256, uint256, uint256) {
        return Verdict.reach(votes);
    }
}

/// @notice Shows one value with a history.
contract HistoryProbe {
    using History for Entry[];

    Entry[] private _entries;

    /// @notice Gives the value each of these in turn, in one second.
    function record(uint256[] calldata values) external {
        for (uint256 i; i < values.length; ++i) _entries.record(values[i]);
    }

    /// @notice The value as it is.
    function latest() external view returns (uint256) {
        return _entries.latest();
    }

    /// @notice The value as it was at the end of a second.
    function valueAt(uint256 time) external view returns (uint256) {
        return _entries.valueAt(time);
    }
}
