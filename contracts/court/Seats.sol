// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICourt} from "../interfaces/ICourt.sol";
import {CourtErrors} from "./CourtErrors.sol";
import {Errors} from "../libraries/Errors.sol";
import {Entry, History} from "./History.sol";
import {Guarded} from "../libraries/Guarded.sol";
import {Seat} from "../types/Trial.sol";
import {Parameters} from "./Parameters.sol";

/// @title Seats
/// @notice Who has a seat and had one at any second before, and what the Court owes to whom.
///
/// Seats that are taken fill places without a gap; the last one moves into a place that gets free. Each place remembers
/// who held it since when. So what a dispute draws from is fixed when it is created, however many come and go until
/// the draw, and finding a member takes a binary search.
abstract contract Seats is Parameters, Guarded {
    using History for Entry[];

    /// @inheritdoc ICourt
    uint256 public burnt;

    mapping(address holder => Seat) internal _seats;
    mapping(address account => uint256) private _credits;

    Entry[] private _takenCount;
    mapping(uint256 place => Entry[]) private _holders;

    /// @inheritdoc ICourt
    function takeSeat() external payable {
        Seat storage seat = _seats[msg.sender];
        if (seat.place != 0) revert CourtErrors.SeatTakenAlready(msg.sender);
        uint256 lacking = _seatStake - seat.stake;
        if (msg.value != lacking) revert CourtErrors.StakeMismatch(msg.value, lacking);

        uint256 place = seatCount() + 1;
        seat.stake = uint96(_seatStake);
        seat.leftAt = 0;
        seat.place = uint32(place);
        _holders[place].record(uint160(msg.sender));
        _takenCount.record(place);
        emit SeatTaken(msg.sender, msg.value);
    }

    /// @inheritdoc ICourt
    function leaveSeat() external {
        if (_seats[msg.sender].place == 0) revert CourtErrors.SeatNotTaken(msg.sender);
        _vacate(msg.sender);
    }

    /// @inheritdoc ICourt
    function releaseStake() external {
        Seat memory seat = _seats[msg.sender];
        if (seat.place != 0) revert CourtErrors.SeatTakenAlready(msg.sender);
        if (seat.stake == 0) revert CourtErrors.StakeEmpty(msg.sender);
        if (seat.panels != 0) revert CourtErrors.SeatOnPanel(msg.sender, seat.panels);
        uint256 until = seat.leftAt + longestDispute;
        if (block.timestamp <= until) revert CourtErrors.StakeBound(msg.sender, block.timestamp, until);

        delete _seats[msg.sender];
        _credit(msg.sender, seat.stake);
        emit StakeReleased(msg.sender, seat.stake);
    }

    /// @inheritdoc ICourt
    function withdraw(address to) external guarded {
        if (to == address(0) || to == address(this)) revert Errors.RecipientInvalid(to);
        uint256 amount = _credits[msg.sender];
        if (amount == 0) revert CourtErrors.CreditEmpty(msg.sender);

        _credits[msg.sender] = 0;
        emit Withdrawn(msg.sender, to, amount);

        (bool sent, ) = to.call{value: amount}("");
        if (!sent) revert Errors.NativeTransferFailed(to, amount);
    }

    /// @inheritdoc ICourt
    function seatOf(address holder) external view returns (Seat memory) {
        return _seats[holder];
    }

    /// @inheritdoc ICourt
    function creditOf(address account) external view returns (uint256) {
        return _credits[account];
    }

    /// @inheritdoc ICourt
    function seatCount() public view returns (uint256) {
        return _takenCount.latest();
    }

    function _credit(address account, uint256 amount) internal {
        if (amount != 0) _credits[account] += amount;
    }

    function _burn(uint256 amount) internal {
        if (amount != 0) burnt += amount;
    }

    /// @dev Takes the penalty, or what is left of the stake, which may be less where several panels fine one seat. A
    /// seat whose stake isn't whole isn't equal to the others, so it loses its place.
    function _penalise(address holder) internal returns (uint256 amount) {
        Seat storage seat = _seats[holder];
        amount = seat.stake < penalty ? seat.stake : penalty;
        seat.stake -= uint96(amount);
        if (seat.place != 0) _vacate(holder);
    }

    /// @dev How many seats were taken at the end of a second that is over.
    function _countAt(uint256 time) internal view returns (uint256) {
        return _takenCount.valueAt(time);
    }

    /// @dev Who held a place at the end of a second that is over. The place is one of those taken then.
    function _holderAt(uint256 place, uint256 time) internal view returns (address) {
        return address(uint160(_holders[place].valueAt(time)));
    }

    function _vacate(address holder) private {
        Seat storage seat = _seats[holder];
        uint256 place = seat.place;
        uint256 last = seatCount();
        if (place != last) {
            address moved = address(uint160(_holders[last].latest()));
            _holders[place].record(uint160(moved));
            _seats[moved].place = uint32(place);
        }
        _takenCount.record(last - 1);
        seat.place = 0;
        seat.leftAt = uint40(block.timestamp);
        emit SeatLeft(holder, seat.stake);
    }
}
