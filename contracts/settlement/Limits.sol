// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRefusals} from "../interfaces/IRefusals.sol";
import {ApprovalHash} from "../libraries/ApprovalHash.sol";
import {Keccak} from "../libraries/Keccak.sol";
import {PackedRule} from "../libraries/PackedRule.sol";
import {Deal} from "../types/Deal.sol";
import {Party} from "../types/Party.sol";
import {Ledger} from "./Ledger.sol";

/// @title Limits
/// @notice What an agent's keys may commit. Everything is kept under the owner's tenure and dies with it.
abstract contract Limits is Ledger {
    struct Rule {
        PackedRule packed; // slot 0
        address approver; // slot 1
    }

    struct Consent {
        uint128 most; // slot 0
        uint40 until; // slot 0
        uint40 version; // slot 0
    }

    /// @dev The budget is a meter of time, one for each account: committing x moves it on by x / budget of a day,
    /// whatever the category, and it may stand at most a day ahead of the clock. So the shares of all budgets that are
    /// used within w days add up to at most 1 + w.
    uint256 internal constant DAY_NS = 1 days * NS;
    uint256 internal constant NS = 1e9;

    mapping(bytes32 key => Rule) internal _rules;
    mapping(bytes32 key => Consent) internal _consents;
    mapping(uint256 agent => mapping(uint256 tenure => bool)) internal _unlimited;

    /// @dev What an owner's word refuses. Moves the meter of the party's account on, in memory.
    function _mandateRefusal(
        Deal calldata deal,
        Party memory party,
        uint256 exposure
    ) internal view returns (bytes4 reason, uint256 actual, uint256 limit) {
        Rule storage rule = _ruleFor(party.agent, party.tenure, deal.token, deal.category);
        PackedRule packed = rule.packed;
        if (!packed.isSet()) {
            if (_unlimited[party.agent][party.tenure]) return (0, 0, 0);
            return (IRefusals.MandateMissing.selector, party.agent, party.tenure);
        }
        actual = block.timestamp;
        limit = packed.expiry();
        if (actual > limit) return (IRefusals.MandateExpired.selector, actual, limit);

        limit = packed.limit();
        if (exposure > limit) return (IRefusals.DealLimitExceeded.selector, exposure, limit);

        if (exposure > packed.threshold()) {
            limit = _approved(rule.approver, deal, party);
            if (exposure > limit) return (IRefusals.ApprovalMissing.selector, exposure, limit);
        }
        return _budgetRefusal(party, exposure, packed.budget());
    }

    function _budgetRefusal(
        Party memory party,
        uint256 exposure,
        uint256 budget
    ) private view returns (bytes4 reason, uint256 actual, uint256 limit) {
        if (exposure == 0) return (0, 0, 0);
        // no term leaves 256 bits: an exposure has at most 129, a day in nanoseconds 47, a time 64
        unchecked {
            uint256 time = block.timestamp * NS;
            uint256 from = party.charged.meter();
            if (from < time) from = time;
            uint256 room = time + DAY_NS - from;
            // rounded up, so that many small deals can't pass as nothing
            uint256 used = budget == 0 ? type(uint256).max : (exposure * DAY_NS + budget - 1) / budget;
            if (used > room) return (IRefusals.BudgetExceeded.selector, exposure, (room * budget) / DAY_NS);
            party.charged = party.charged.withMeter(from + used);
        }
    }

    /// @dev The rule of the deal's own category if it was ever set, else that of category 0.
    function _ruleFor(
        uint256 agent,
        uint256 tenure,
        address token,
        bytes32 category
    ) internal view returns (Rule storage rule) {
        rule = _rules[_ruleKey(agent, tenure, token, category)];
        if (category != 0 && !rule.packed.isSet()) rule = _rules[_ruleKey(agent, tenure, token, 0)];
    }

    /// @dev The other side of the deal.
    function _other(Deal calldata deal, uint256 agent) internal pure returns (uint256) {
        return agent == deal.buyer ? deal.seller : deal.buyer;
    }

    function _ruleKey(uint256 agent, uint256 tenure, address token, bytes32 category) internal pure returns (bytes32) {
        return Keccak.hash(bytes32(agent), bytes32(tenure), bytes32(uint256(uint160(token))), category);
    }

    function _approved(address approver, Deal calldata deal, Party memory party) private view returns (uint256 most) {
        if (approver == address(0)) return 0;
        Consent storage consent = _consents[
            ApprovalHash.key(
                approver,
                party.agent,
                party.tenure,
                _other(deal, party.agent),
                deal.negotiation,
                deal.token,
                deal.category
            )
        ];
        return block.timestamp > consent.until ? 0 : consent.most;
    }
}
