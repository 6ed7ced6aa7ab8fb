// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC7913P256Verifier} from "@openzeppelin/contracts/utils/cryptography/verifiers/ERC7913P256Verifier.sol";
import {ERC7913WebAuthnVerifier} from "@openzeppelin/contracts/utils/cryptography/verifiers/ERC7913WebAuthnVerifier.sol";

/// @notice OpenZeppelin's verifier of P-256 keys by ERC-7913, so that tests can deploy it.
contract P256Verifier is ERC7913P256Verifier {}

/// @notice The same for passkeys.
contract WebAuthnVerifier is ERC7913WebAuthnVerifier {}
