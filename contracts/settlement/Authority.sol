// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IAgentRegistry} from "../interfaces/IAgentRegistry.sol";
import {IRefusals} from "../interfaces/IRefusals.sol";
import {EnvelopeHash} from "../libraries/EnvelopeHash.sol";
import {Errors} from "../libraries/Errors.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {ActAuth, SessionAuth, WalletAuth} from "../types/Auth.sol";
import {Deal} from "../types/Deal.sol";
import {Envelope, Kind, SessionKey} from "../types/Envelope.sol";
import {Party} from "../types/Party.sol";

/// @title Authority
/// @notice Who may speak for an agent: as sender, by its wallet's signature or by a session key.
abstract contract Authority is EIP712 {
    using EnvelopeHash for Envelope;
    using EnvelopeHash for SessionKey;

    /// @dev How long after the end of its certificate a key's receipts and faults still count.
    uint256 internal constant LIABILITY = 24 hours;

    IAgentRegistry internal immutable _registry;

    /// @dev OpenZeppelin's P-256 in Solidity, asked wherever the precompile doesn't say yes.
    IERC7913SignatureVerifier internal immutable _verifier;

    uint256 private immutable _deployedChain;
    bytes32 private immutable _registryDomain;

    constructor(IAgentRegistry registry_, IERC7913SignatureVerifier verifier_) EIP712("Parley Settlement", "1") {
        _registry = registry_;
        _verifier = verifier_;
        _deployedChain = block.chainid;
        _registryDomain = registry_.DOMAIN_SEPARATOR();
    }

    /// @dev The one call to the registry that a commitment makes for each side. The answer is written where the struct
    /// has these four fields.
    function _party(uint256 agent) internal view returns (Party memory party) {
        address target = address(_registry);
        bytes4 selector = IAgentRegistry.stateOf.selector;
        party.agent = agent;
        assembly ("memory-safe") {
            mstore(0x00, selector)
            mstore(0x04, agent)
            let answered := staticcall(gas(), target, 0x00, 0x24, add(party, 0x20), 0x80)
            if iszero(and(answered, gt(returndatasize(), 0x7f))) {
                revert(0x00, 0x00)
            }
        }
    }

    function _requireRegistered(uint256 agent) internal view {
        if (_party(agent).epoch == 0) revert IRefusals.AgentUnknown(agent, _registry.agentCount());
    }

    function _requireOwner(uint256 agent) internal view {
        if (msg.sender != _registry.ownerOf(agent)) revert Errors.NotOwner(agent, msg.sender);
    }

    function _requireOwnerOrWallet(uint256 agent) internal view {
        if (!_isOwnerOrWallet(agent)) revert Errors.NotOwnerOrWallet(agent, msg.sender);
    }

    function _isOwnerOrWallet(uint256 agent) internal view returns (bool) {
        return msg.sender == _party(agent).wallet || msg.sender == _registry.ownerOf(agent);
    }

    function _requireSignedByWallet(Party memory party, WalletAuth calldata auth, bytes32 digest) internal view {
        _requireEpoch(party, auth.epoch);
        if (!Signatures.signed(party.wallet, digest, auth.signature)) {
            revert Errors.BadWalletSignature(party.agent, party.wallet);
        }
    }

    /// @dev An act that is given authority by the session key now. Fills the sender's part into `envelope` and returns
    /// its hash, which is what the key signed.
    function _requireSpeaks(
        Party memory party,
        SessionAuth calldata auth,
        Envelope memory envelope
    ) internal view returns (bytes32 hash) {
        _requireEpoch(party, auth.epoch);
        _requireWithin(party.agent, auth.notBefore, auth.notAfter);
        return _requireSaid(party.agent, party.wallet, auth, envelope);
    }

    /// @dev One side's offer and the other's acceptance of it. The transcript is the hash of the acceptance.
    function _requireAgreed(
        Deal calldata deal,
        bytes32 hash,
        bytes32 seen,
        Party memory offering,
        SessionAuth calldata offer,
        Party memory accepting,
        SessionAuth calldata acceptance
    ) internal view returns (bytes32 transcript) {
        Envelope memory envelope = _envelope(deal.negotiation, Kind.Offer, seen, hash);
        envelope.seen = _requireSpeaks(offering, offer, envelope);
        envelope.kind = Kind.Accept;
        return _requireSpeaks(accepting, acceptance, envelope);
    }

    /// @dev An act in a committed deal, said by the agent's session key now. The caller brings what isn't known here.
    function _requireActed(
        Deal calldata deal,
        uint256 agent,
        Kind kind,
        bytes32 body,
        ActAuth calldata auth
    ) internal view {
        _requireSpeaks(_party(agent), auth.session, _envelope(deal.negotiation, kind, auth.seen, body));
    }

    /// @dev Something for which the agent answers even after its key's time, within a day: a revocation ends authority,
    /// not liability.
    function _requireLiable(
        uint256 agent,
        SessionAuth calldata auth,
        Envelope memory envelope
    ) internal view returns (bytes32 hash) {
        (address wallet, uint256 endedAt) = _speaker(_party(agent), auth.epoch);
        uint256 end = auth.notAfter;
        if (endedAt != 0 && endedAt < end) end = endedAt;
        _requireWithin(agent, auth.notBefore, end + LIABILITY);
        return _requireSaid(agent, wallet, auth, envelope);
    }

    /// @dev Whose an epoch of the agent is or was, and when it ended, 0 if it didn't.
    function _speaker(Party memory party, uint256 epoch) internal view returns (address wallet, uint256 endedAt) {
        if (epoch == party.epoch) return (party.wallet, 0);
        (wallet, endedAt) = _registry.ended(party.agent, uint32(epoch));
        if (endedAt == 0) revert Errors.WrongEpoch(party.agent, epoch, party.epoch);
    }

    function _requireWithin(uint256 agent, uint256 notBefore, uint256 notAfter) internal view {
        if (block.timestamp < notBefore) revert Errors.CertificateNotYetValid(agent, block.timestamp, notBefore);
        if (block.timestamp > notAfter) revert Errors.CertificateExpired(agent, block.timestamp, notAfter);
    }

    /// @dev That the envelope is signed by a key which `wallet` certified, whenever that counts.
    function _requireSaid(
        uint256 agent,
        address wallet,
        SessionAuth calldata auth,
        Envelope memory envelope
    ) internal view returns (bytes32 hash) {
        _requireCertified(agent, wallet, auth);
        envelope.agent = agent;
        envelope.seq = auth.seq;
        envelope.sentAt = auth.sentAt;
        envelope.prev = auth.prev;
        hash = envelope.hash(_domainSeparatorV4());
        if (!Signatures.signedP256(_verifier, hash, auth.r, auth.s, auth.x, auth.y)) {
            revert Errors.BadEnvelopeSignature(agent);
        }
    }

    /// @dev The part of an envelope that doesn't come from its sender's side.
    function _envelope(
        bytes32 negotiation,
        Kind kind,
        bytes32 seen,
        bytes32 body
    ) internal pure returns (Envelope memory envelope) {
        envelope.negotiation = negotiation;
        envelope.kind = kind;
        envelope.seen = seen;
        envelope.body = body;
    }

    /// @dev An EOA's signature comes along. Without one the certificate has to be recorded in the registry, which is
    /// the form of ERC-1271 wallets: their answer of today could disown tomorrow what a key of theirs has said.
    function _requireCertified(uint256 agent, address wallet, SessionAuth calldata auth) private view {
        bytes32 certificate = SessionKey({
            agent: agent,
            settlement: address(this),
            x: auth.x,
            y: auth.y,
            notBefore: auth.notBefore,
            notAfter: auth.notAfter,
            epoch: auth.epoch
        }).hash();
        if (auth.certificateVS == 0) {
            if (_registry.certified(agent, auth.epoch, certificate)) return;
            revert Errors.CertificateNotRecorded(agent, auth.epoch, certificate);
        }
        bytes32 digest = MessageHashUtils.toTypedDataHash(_registryDomainSeparator(), certificate);
        if (!Signatures.signed(wallet, digest, auth.certificateR, auth.certificateVS)) {
            revert Errors.BadCertificate(agent, wallet);
        }
    }

    function _requireEpoch(Party memory party, uint256 epoch) private pure {
        if (epoch != party.epoch) revert Errors.WrongEpoch(party.agent, epoch, party.epoch);
    }

    /// @dev The registry's separator differs after a fork of the chain.
    function _registryDomainSeparator() private view returns (bytes32) {
        return block.chainid == _deployedChain ? _registryDomain : _registry.DOMAIN_SEPARATOR();
    }
}
