// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";
import {BodyHash} from "../libraries/BodyHash.sol";
import {DealHash} from "../libraries/DealHash.sol";
import {EnvelopeHash} from "../libraries/EnvelopeHash.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {Deal} from "../types/Deal.sol";
import {Envelope, SessionKey} from "../types/Envelope.sol";
import {Agreement, Deliver, Dispute, End, Join, Open, Receipt, Split, TalkHash} from "./Bodies.sol";

/// @title HashProbe
/// @notice Shows every hash that both the contracts and the off-chain code compute, so that test vectors made off-chain
/// can be held against Solidity. `domain` is a domain separator.
contract HashProbe {
    using TalkHash for *;
    using DealHash for *;
    using EnvelopeHash for *;

    /// @notice Type hash of `Deal`.
    function dealTypehash() external pure returns (bytes32) {
        return DealHash.DEAL_TYPEHASH;
    }

    /// @notice Type hash of `Agreement`.
    function agreementTypehash() external pure returns (bytes32) {
        return DealHash.AGREEMENT_TYPEHASH;
    }

    /// @notice Type hash of `Envelope`.
    function envelopeTypehash() external pure returns (bytes32) {
        return EnvelopeHash.ENVELOPE_TYPEHASH;
    }

    /// @notice Type hash of `SessionKey`.
    function sessionKeyTypehash() external pure returns (bytes32) {
        return EnvelopeHash.SESSION_KEY_TYPEHASH;
    }

    /// @notice Name of a deal.
    function dealHash(Deal calldata deal) external pure returns (bytes32) {
        return deal.hash();
    }

    /// @notice Struct hash of an agreement.
    function agreementHash(Agreement calldata agreement) external pure returns (bytes32) {
        return _hash(agreement);
    }

    /// @notice What a wallet signs to agree.
    /// @param domain Of the Settlement.
    function agreementDigest(bytes32 domain, Agreement calldata agreement) external pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domain, _hash(agreement));
    }

    /// @notice Struct hash of a certificate.
    function sessionKeyHash(SessionKey calldata sessionKey) external pure returns (bytes32) {
        return sessionKey.hash();
    }

    /// @notice What a wallet signs to certify a session key.
    /// @param domain Of the AgentRegistry.
    function sessionKeyDigest(bytes32 domain, SessionKey calldata sessionKey) external pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domain, sessionKey.hash());
    }

    /// @notice What a session key signs.
    /// @param domain Of the Settlement.
    function envelopeHash(bytes32 domain, Envelope calldata envelope) external pure returns (bytes32) {
        return envelope.hash(domain);
    }

    /// @notice Body of an `Open`.
    function openHash(Open calldata body) external pure returns (bytes32) {
        return body.hash();
    }

    /// @notice Body of a `Join`.
    function joinHash(Join calldata body) external pure returns (bytes32) {
        return body.hash();
    }

    /// @notice Body of an `End`.
    function endHash(End calldata body) external pure returns (bytes32) {
        return body.hash();
    }

    /// @notice Body of a `Deliver`.
    function deliverHash(Deliver calldata body) external pure returns (bytes32) {
        return BodyHash.deliver(body.deal, body.evidence);
    }

    /// @notice Body of a `Receipt`.
    function receiptHash(Receipt calldata body) external pure returns (bytes32) {
        return BodyHash.receipt(body.deal, body.total);
    }

    /// @notice Body of a `Cancel`.
    function splitHash(Split calldata body) external pure returns (bytes32) {
        return BodyHash.split(body.deal, body.toSeller, body.until);
    }

    /// @notice Body of a `Dispute`.
    function disputeHash(Dispute calldata body) external pure returns (bytes32) {
        return BodyHash.dispute(body.deal, body.share, body.evidence);
    }

    /// @notice Key of the negotiation's slot.
    function negotiationKey(Deal calldata deal) external pure returns (bytes32) {
        return deal.key();
    }

    /// @notice What that slot keeps of a deal.
    function fingerprint(bytes32 deal, bytes32 transcript) external pure returns (bytes26) {
        return DealHash.fingerprint(deal, transcript);
    }

    /// @notice Whether a P-256 signature is good.
    function p256(bytes32 digest, bytes32 r, bytes32 s, bytes32 x, bytes32 y) external view returns (bool) {
        return P256.verify(digest, r, s, x, y);
    }

    /// @notice The same without the precompile.
    function p256Solidity(bytes32 digest, bytes32 r, bytes32 s, bytes32 x, bytes32 y) external view returns (bool) {
        return P256.verifySolidity(digest, r, s, x, y);
    }

    /// @notice Whether a session key signed a digest, as Settlement asks.
    /// @param scratch What something else left in the memory that is nobody's.
    function signedP256(
        IERC7913SignatureVerifier verifier,
        bytes32 digest,
        bytes32[2] calldata signature,
        bytes32[2] calldata key,
        bytes32 scratch
    ) external view returns (bool) {
        assembly ("memory-safe") {
            mstore(0x00, scratch)
        }
        return Signatures.signedP256(verifier, digest, signature[0], signature[1], key[0], key[1]);
    }

    /// @notice Whether a wallet signed a digest.
    function signed(address wallet, bytes32 digest, bytes calldata signature) external view returns (bool) {
        return Signatures.signed(wallet, digest, signature);
    }

    function _hash(Agreement calldata all) private pure returns (bytes32) {
        return DealHash.agreement(all.deal.hash(), all.transcript, all.buyerEpoch, all.sellerEpoch);
    }
}
