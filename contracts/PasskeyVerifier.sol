// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// solhint-disable-next-line max-line-length
import {ERC7913WebAuthnVerifier} from "@openzeppelin/contracts/utils/cryptography/verifiers/ERC7913WebAuthnVerifier.sol";

/// @title PasskeyVerifier
/// @notice OpenZeppelin's verifier of WebAuthn assertions by ERC-7913, deployed along with the rest so that passkeys
/// can approve: an approver's signer is this address followed by the key's x and y.
contract PasskeyVerifier is ERC7913WebAuthnVerifier {}
