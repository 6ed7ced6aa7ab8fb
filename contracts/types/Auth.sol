// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice One side's consent to a deal, or to a split, given by its wallet.
struct WalletAuth {
    /// @dev Key epoch named in the signed `Agreement` or `SplitConsent`.
    uint32 epoch;
    /// @dev 65 bytes of an EOA, or whatever an ERC-1271 wallet takes.
    bytes signature;
}

/// @notice One side's consent to a deal, given by a session key: the certificate and what Settlement can't fill in
/// of the envelope.
struct SessionAuth {
    /// @dev Certificate: key epoch, validity in seconds, public key, and the wallet's signature as of ERC-2098.
    uint32 epoch;
    uint64 notBefore;
    uint64 notAfter;
    bytes32 x;
    bytes32 y;
    bytes32 certificateR;
    bytes32 certificateVS;
    /// @dev Envelope: place, clock and link of the side's own chain, and the key's signature.
    uint32 seq;
    uint64 sentAt;
    bytes32 prev;
    bytes32 r;
    bytes32 s;
}

/// @notice A side's act in a committed deal, said by its session key. Settlement knows the rest of the envelope.
struct ActAuth {
    SessionAuth session;
    /// @dev What the envelope names as the newest one from the other side.
    bytes32 seen;
}

/// @notice An offer or an acceptance, of which the deal is known by hash only.
struct Said {
    /// @dev True if the envelope accepts, false if it offers.
    bool accepts;
    /// @dev Hash of the deal that it names.
    bytes32 deal;
    ActAuth auth;
}

/// @notice A payment by EIP-3009 that its payer signed for Settlement, with the nonce keccak256(agent, toStake, salt).
struct Authorization {
    address from;
    uint256 amount;
    bytes32 salt;
    uint256 validAfter;
    uint256 validBefore;
    uint8 v;
    bytes32 r;
    bytes32 s;
}
