// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice One signed message of a negotiation. Each side counts and chains its own.
struct Envelope {
    bytes32 negotiation;
    /// @dev Agent that says it.
    uint256 agent;
    /// @dev Place among that agent's envelopes of this negotiation, from 0 without a gap.
    uint32 seq;
    Kind kind;
    /// @dev Sender's clock in milliseconds; no contract judges it.
    uint64 sentAt;
    /// @dev Hash of the same side's envelope before this one.
    bytes32 prev;
    /// @dev Hash of the newest envelope had from the other side; of an `Accept`: the offer it accepts.
    bytes32 seen;
    /// @dev What is said: a deal hash for `Offer` and `Accept`, else the struct hash of the body.
    bytes32 body;
}

/// @notice What an envelope says. The numbers are part of every signature and never change.
enum Kind {
    Open,
    Join,
    Offer,
    Accept,
    End,
    Deliver,
    Receipt,
    Cancel,
    Dispute
}

/// @notice Certificate by which an agent's wallet lets a P-256 key speak for the agent at one Settlement.
struct SessionKey {
    uint256 agent;
    /// @dev The only Settlement at which the key counts.
    address settlement;
    bytes32 x;
    bytes32 y;
    /// @dev First second at which the key counts.
    uint64 notBefore;
    /// @dev Last second at which the key counts.
    uint64 notAfter;
    /// @dev Key epoch of the agent in which the certificate was signed.
    uint32 epoch;
}
