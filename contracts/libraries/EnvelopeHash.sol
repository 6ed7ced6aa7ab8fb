// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Envelope, SessionKey} from "../types/Envelope.sol";

/// @title EnvelopeHash
/// @notice Hashes of envelopes and of the certificates under which they are signed.
library EnvelopeHash {
    bytes32 internal constant ENVELOPE_TYPEHASH = keccak256(
        "Envelope(bytes32 negotiation,uint256 agent,uint32 seq,uint8 kind,uint64 sentAt,bytes32 prev,bytes32 seen,"
        "bytes32 body)"
    );

    /// @notice SHA-256 that names an envelope at one Settlement; P-256 signs it as it is.
    /// @param domain Domain separator of the Settlement.
    function hash(Envelope memory envelope, bytes32 domain) internal pure returns (bytes32) {
        return sha256(abi.encode(domain, ENVELOPE_TYPEHASH, envelope));
    }

    bytes32 internal constant SESSION_KEY_TYPEHASH = keccak256(
        "SessionKey(uint256 agent,address settlement,bytes32 x,bytes32 y,uint64 notBefore,uint64 notAfter,"
        "uint32 epoch)"
    );

    /// @notice EIP-712 struct hash of a certificate; the wallet signs it under the AgentRegistry's domain.
    function hash(SessionKey memory sessionKey) internal pure returns (bytes32) {
        return keccak256(abi.encode(SESSION_KEY_TYPEHASH, sessionKey));
    }
}
