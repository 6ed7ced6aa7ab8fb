// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IMandates} from "../interfaces/settlement/IMandates.sol";
import {ApprovalHash} from "../libraries/ApprovalHash.sol";
import {Errors} from "../libraries/Errors.sol";
import {PackedRule, PackedRules} from "../libraries/PackedRule.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {Deal} from "../types/Deal.sol";
import {Approval, Mandate} from "../types/Mandate.sol";
import {Party} from "../types/Party.sol";
import {Limits} from "./Limits.sol";

/// @title Mandates
/// @notice How a principal limits its agent, and how an approver agrees to what is above the limit.
abstract contract Mandates is Limits, IMandates {
    using ApprovalHash for Approval;

    /// @inheritdoc IMandates
    function setMandate(uint256 agent, address token, bytes32 category, Mandate calldata mandate) external {
        _requireOwner(agent);
        _set(agent, token, category, PackedRules.pack(mandate), mandate.approver);
    }

    /// @inheritdoc IMandates
    function removeMandate(uint256 agent, address token, bytes32 category) external {
        _requireOwner(agent);
        _set(agent, token, category, PackedRules.removed(), address(0));
    }

    /// @inheritdoc IMandates
    function setUnlimited(uint256 agent, bool unlimited) external {
        _requireOwner(agent);
        uint256 tenure = _party(agent).tenure;
        _unlimited[agent][tenure] = unlimited;
        emit UnlimitedSet(agent, tenure, unlimited);
    }

    /// @inheritdoc IMandates
    function approve(Approval calldata approval) external {
        _record(msg.sender, approval);
    }

    /// @inheritdoc IMandates
    function approveBySignature(bytes calldata signer, Approval calldata approval, bytes calldata signature) external {
        bool hasKey = signer.length != 20;
        address approver = hasKey ? address(uint160(uint256(keccak256(signer)))) : address(bytes20(signer));
        bytes32 digest = _hashTypedDataV4(approval.hash());
        bool signed =
            hasKey
                ? SignatureChecker.isValidSignatureNow(signer, digest, signature)
                : Signatures.signed(approver, digest, signature);
        if (!signed) revert Errors.BadApproval(approver, digest);
        _record(approver, approval);
    }

    /// @inheritdoc IMandates
    function mandateOf(
        uint256 agent,
        address token,
        bytes32 category
    ) external view returns (bool isSet, bool unlimited, Mandate memory mandate) {
        uint256 tenure = _party(agent).tenure;
        Rule storage rule = _ruleFor(agent, tenure, token, category);
        PackedRule packed = rule.packed;
        mandate = packed.unpack(rule.approver);
        return (packed.isSet(), _unlimited[agent][tenure], mandate);
    }

    /// @inheritdoc IMandates
    function approved(
        address approver,
        Approval calldata approval
    ) external view returns (uint128 most, uint40 until, uint40 version) {
        Consent storage consent = _consents[approval.key(approver)];
        return (consent.most, consent.until, consent.version);
    }

    /// @inheritdoc IMandates
    function mandateRefusal(
        Deal calldata deal,
        uint256 agent,
        uint256 exposure
    ) external view returns (bytes4 reason, uint256 actual, uint256 limit) {
        Party memory party = _party(agent);
        party.charged = _accounts[agent][deal.token].packed;
        return _mandateRefusal(deal, party, exposure);
    }

    function _set(uint256 agent, address token, bytes32 category, PackedRule packed, address approver) private {
        uint256 tenure = _party(agent).tenure;
        _rules[_ruleKey(agent, tenure, token, category)] = Rule({packed: packed, approver: approver});
        emit MandateSet(agent, token, category, tenure, packed.unpack(approver));
    }

    function _record(address approver, Approval calldata approval) private {
        Consent storage consent = _consents[approval.key(approver)];
        uint256 latest = consent.version;
        if (approval.version <= latest) revert Errors.ApprovalStale(approver, approval.version, latest);
        consent.most = approval.most;
        consent.until = approval.until;
        consent.version = approval.version;
        emit ApprovalRecorded(approver, approval.agent, approval.negotiation, approval);
    }
}
