// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAgentRegistry} from "../interfaces/IAgentRegistry.sol";

/// @title Agents
/// @notice Questions about agents that several contracts ask of the registry.
library Agents {
    /// @notice True if an address is the agent's wallet or its owner. Reverts if it isn't the wallet and there is no
    /// such agent. The zero address, which an agent without wallet has, speaks for nobody.
    function speaksFor(IAgentRegistry registry, address who, uint256 agent) internal view returns (bool) {
        (address wallet, , , ) = registry.stateOf(agent);
        return (who == wallet && who != address(0)) || who == registry.ownerOf(agent);
    }
}
