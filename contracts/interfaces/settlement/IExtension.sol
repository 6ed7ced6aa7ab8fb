// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";
import {IAgentRegistry} from "../IAgentRegistry.sol";

/// @title IExtension
/// @notice What Settlement asks its other half when the two are joined.
interface IExtension {
    /// @notice Registry for which this code was made, and so Settlement's.
    function registry() external view returns (IAgentRegistry);

    /// @notice Checks P-256 signatures to which the chain's precompile doesn't say yes, as where there is none.
    function verifier() external view returns (IERC7913SignatureVerifier);
}
