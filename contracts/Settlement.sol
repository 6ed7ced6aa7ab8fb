// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IAgentRegistry} from "./interfaces/IAgentRegistry.sol";
import {Authority} from "./settlement/Authority.sol";
import {Deals} from "./settlement/Deals.sol";

/// @title Settlement
/// @notice Deals between agents that hold: treasury, authority and the life of each deal, in one contract that nobody
/// administers.
contract Settlement is Deals {
    /// @notice Deploys a Settlement for the agents of one registry.
    /// @param registry_ Where the agents are registered; it can't be exchanged later.
    constructor(IAgentRegistry registry_) EIP712("Parley Settlement", "1") Authority(registry_) {}
}
