// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILens} from "./interfaces/ILens.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {Checks} from "./lens/Checks.sol";
import {Rehearsal} from "./lens/Rehearsal.sol";
import {Act} from "./types/Act.sol";
import {Deal} from "./types/Deal.sol";

/// @title Lens
/// @notice Views on a Settlement, for whoever is about to act. It holds nothing and can change nothing.
contract Lens is ILens, Rehearsal {
    /// @notice Deploys the views on one Settlement.
    constructor(ISettlement settlement_) Checks(settlement_) {}

    /// @inheritdoc ILens
    function holdings(uint256 agent, address[] calldata tokens) external view returns (Holdings memory all) {
        all.owner = _registry.ownerOf(agent);
        (all.wallet, all.epoch, all.tenure, all.lockedUntil) = _registry.stateOf(agent);
        all.tokens = new Holding[](tokens.length);
        for (uint256 i = 0; i < tokens.length; ++i) {
            Holding memory one = all.tokens[i];
            one.token = tokens[i];
            one.free = _settlement.free(agent, tokens[i]);
            (one.bonded, one.leaving, one.leavesAt) = _settlement.stakeOf(agent, tokens[i]);
        }
    }

    /// @inheritdoc ILens
    function mandateAllows(
        uint256 agent,
        uint256 counterparty,
        bytes32 negotiation,
        address token,
        bytes32 category,
        uint256 exposure
    ) external view returns (bytes4 reason, uint256 actual, uint256 limit) {
        Deal memory deal;
        deal.buyer = agent;
        deal.seller = counterparty;
        deal.negotiation = negotiation;
        deal.token = token;
        deal.category = category;
        return _settlement.mandateRefusal(deal, agent, exposure);
    }

    /// @inheritdoc ILens
    function preview(
        Act act,
        Deal calldata deal,
        bytes32 transcript,
        address by,
        uint256 amount
    ) external view returns (bool passes, bytes memory reason, uint256 toBuyer, uint256 toSeller) {
        // a call of its own, so that errors that come from outside are caught too, as they are
        try this.rehearse(act, deal, transcript, by, amount) returns (uint256 buyers, uint256 sellers) {
            return (true, "", buyers, sellers);
        } catch (bytes memory data) {
            return (false, data, 0, 0);
        }
    }

    /// @inheritdoc ILens
    function rehearse(
        Act act,
        Deal calldata deal,
        bytes32 transcript,
        address by,
        uint256 amount
    ) external view returns (uint256 toBuyer, uint256 toSeller) {
        return _rehearse(act, deal, transcript, by, amount);
    }

    /// @inheritdoc ILens
    function settlement() external view returns (ISettlement) {
        return _settlement;
    }
}
