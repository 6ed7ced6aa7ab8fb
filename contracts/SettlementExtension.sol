// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";
import {ERC7913P256Verifier} from "@openzeppelin/contracts/utils/cryptography/verifiers/ERC7913P256Verifier.sol";
import {IAgentRegistry} from "./interfaces/IAgentRegistry.sol";
import {IExtension} from "./interfaces/settlement/IExtension.sol";
import {Authority} from "./settlement/Authority.sol";
import {Disputes} from "./settlement/Disputes.sol";
import {Faults} from "./settlement/Faults.sol";
import {Mandates} from "./settlement/Mandates.sol";

/// @title SettlementExtension
/// @notice The half of Settlement's code that a deal doesn't need while it goes well: mandates, disputes and
/// faults. It runs on Settlement's storage and holds nothing itself.
contract SettlementExtension is IExtension, Disputes, Mandates, Faults {
    /// @inheritdoc IExtension
    IAgentRegistry public immutable registry;

    /// @inheritdoc IExtension
    IERC7913SignatureVerifier public immutable verifier;

    /// @notice Deploys the code for one Settlement, or several, of one registry.
    /// @param registry_ Where the agents are registered.
    /// @param guardian_ Who may pause new commitments and declarations, and nothing else.
    constructor(
        IAgentRegistry registry_,
        address guardian_
    ) Authority(registry_, new ERC7913P256Verifier()) Faults(guardian_) {
        registry = registry_;
        verifier = _verifier;
    }
}
