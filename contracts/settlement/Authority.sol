// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// solhint-disable func-name-mixedcase

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";
import {IAgentRegistry} from "../interfaces/IAgentRegistry.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {EnvelopeHash} from "../libraries/EnvelopeHash.sol";
import {Errors} from "../libraries/Errors.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {Party, SessionAuth, WalletAuth} from "../types/Auth.sol";
import {Envelope, SessionKey} from "../types/Envelope.sol";

/// @title Authority
/// @notice Who may speak for an agent, as sender, by its wallet's signature or by a session key.
abstract contract Authority is ISettlement, EIP712 {
    using EnvelopeHash for Envelope;
    using EnvelopeHash for SessionKey;

    /// @inheritdoc ISettlement
    IAgentRegistry public immutable registry;

    uint256 private immutable _deployedChain;
    bytes32 private immutable _registryDomain;

    constructor(IAgentRegistry registry_) {
        registry = registry_;
        _deployedChain = block.chainid;
        _registryDomain = registry_.DOMAIN_SEPARATOR();
    }

    /// @inheritdoc ISettlement
    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    /// @dev The one call to the registry that a commitment makes for each side.
    function _party(uint256 agent) internal view returns (Party memory party) {
        party.agent = agent;
        (party.wallet, party.epoch, , ) = registry.authority(agent);
    }

    function _requireRegistered(uint256 agent) internal view {
        (, uint32 epoch, , ) = registry.authority(agent);
        if (epoch == 0) revert AgentUnknown(agent, registry.agentCount());
    }

    function _requireOwner(uint256 agent) internal view {
        if (msg.sender != registry.ownerOf(agent)) revert Errors.NotOwner(agent, msg.sender);
    }

    function _requireOwnerOrWallet(uint256 agent) internal view {
        (address wallet, , , ) = registry.authority(agent);
        if (msg.sender != wallet && msg.sender != registry.ownerOf(agent)) {
            revert Errors.NotOwnerOrWallet(agent, msg.sender);
        }
    }

    function _requireSignedByWallet(Party memory party, WalletAuth calldata auth, bytes32 digest) internal view {
        _requireEpoch(party, auth.epoch);
        if (!Signatures.signed(party.wallet, digest, auth.signature)) {
            revert Errors.BadWalletSignature(party.agent, party.wallet);
        }
    }

    /// @dev Fills the sender's part into `envelope` and returns its hash, which is what the session key signed.
    function _requireSignedBySession(
        Party memory party,
        SessionAuth calldata auth,
        Envelope memory envelope
    ) internal view returns (bytes32 hash) {
        _requireCertified(party, auth);
        envelope.agent = party.agent;
        envelope.seq = auth.seq;
        envelope.sentAt = auth.sentAt;
        envelope.prev = auth.prev;
        hash = envelope.hash(_domainSeparatorV4());
        if (!P256.verify(hash, auth.r, auth.s, auth.x, auth.y)) revert Errors.BadEnvelopeSignature(party.agent);
    }

    function _requireCertified(Party memory party, SessionAuth calldata auth) private view {
        _requireEpoch(party, auth.epoch);
        if (block.timestamp < auth.notBefore) {
            revert Errors.CertificateNotYetValid(party.agent, block.timestamp, auth.notBefore);
        }
        if (block.timestamp > auth.notAfter) {
            revert Errors.CertificateExpired(party.agent, block.timestamp, auth.notAfter);
        }
        bytes32 certificate = SessionKey({
            agent: party.agent,
            settlement: address(this),
            x: auth.x,
            y: auth.y,
            notBefore: auth.notBefore,
            notAfter: auth.notAfter,
            epoch: auth.epoch
        }).hash();
        bytes32 digest = MessageHashUtils.toTypedDataHash(_registryDomainSeparator(), certificate);
        if (!Signatures.signed(party.wallet, digest, auth.certificateR, auth.certificateVS)) {
            revert Errors.BadCertificate(party.agent, party.wallet);
        }
    }

    function _requireEpoch(Party memory party, uint32 epoch) private pure {
        if (epoch != party.epoch) revert Errors.WrongEpoch(party.agent, epoch, party.epoch);
    }

    /// @dev The registry's separator differs after a fork of the chain.
    function _registryDomainSeparator() private view returns (bytes32) {
        return block.chainid == _deployedChain ? _registryDomain : registry.DOMAIN_SEPARATOR();
    }
}
