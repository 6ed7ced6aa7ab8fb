// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice One side's consent to a deal, given by its wallet.
struct WalletAuth {
    /// @dev Key epoch named in the signed `Agreement`.
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

/// @notice An agent as the registry sees it at this moment.
struct Party {
    uint256 agent;
    /// @dev Address that speaks for the agent; zero if there is none.
    address wallet;
    /// @dev Key epoch; zero if there is no such agent.
    uint32 epoch;
}
