// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IValidationRegistry
/// @notice What others checked of agents' work: an ERC-8004 validation registry.
///
/// An agent's owner or operator asks a validator, naming the request by its hash; that validator alone responds, as
/// often as it likes, and the last response counts.
///
/// Hazards. The agent chooses its validator, which may be itself: count only validators you trust. A request's hash
/// can be used once on this contract, by whoever comes first, so put something unpredictable into what is hashed.
/// Anyone can send a validator requests, so its list can be made long by strangers.
interface IValidationRegistry {
    /// @notice Emitted when a validation was requested, as in ERC-8004.
    event ValidationRequest(
        address indexed validatorAddress,
        uint256 indexed agentId,
        string requestURI,
        bytes32 indexed requestHash
    );

    /// @notice Emitted when a validator responded, as in ERC-8004.
    event ValidationResponse(
        address indexed validatorAddress,
        uint256 indexed agentId,
        bytes32 indexed requestHash,
        uint8 response,
        string responseURI,
        bytes32 responseHash,
        string tag
    );

    /// @notice Asks a validator to check an agent's work, as in ERC-8004. For the agent's owner and its ERC-721
    /// operators.
    /// @param requestURI Where everything stands that the validator needs.
    /// @param requestHash keccak256 of that; names the request from now on.
    function validationRequest(
        address validatorAddress,
        uint256 agentId,
        string calldata requestURI,
        bytes32 requestHash
    ) external;

    /// @notice Answers a request, or answers it anew, as in ERC-8004. For the validator that was asked.
    /// @param response From 0, failed, to 100, passed.
    /// @param responseURI Where evidence stands; may be empty.
    /// @param responseHash keccak256 of that; may be zero.
    /// @param tag What kind of answer it is; may be empty.
    function validationResponse(
        bytes32 requestHash,
        uint8 response,
        string calldata responseURI,
        bytes32 responseHash,
        string calldata tag
    ) external;

    /// @notice Where the agents are registered.
    function getIdentityRegistry() external view returns (address);

    /// @notice How a request stands, as in ERC-8004.
    /// @dev ERC-8004 has no way to tell a response of 0 from none: see `hasResponse`.
    /// @return validatorAddress Who was asked.
    /// @return agentId Whose work it is about.
    /// @return response From 0 to 100; 0 as long as there is none.
    /// @return responseHash As the validator gave it.
    /// @return tag As the validator gave it.
    /// @return lastUpdate When the validator last responded, or else when it was asked.
    function getValidationStatus(
        bytes32 requestHash
    )
        external
        view
        returns (
            address validatorAddress,
            uint256 agentId,
            uint8 response,
            bytes32 responseHash,
            string memory tag,
            uint256 lastUpdate
        );

    /// @notice Whether a request was answered.
    function hasResponse(bytes32 requestHash) external view returns (bool);

    /// @notice Count and average of the answers about an agent, as in ERC-8004.
    /// @dev Walks through all of the agent's requests: call it off-chain.
    /// @param validatorAddresses Whose answers to count; if empty, everybody's.
    /// @param tag Counts only answers with this tag; empty for any.
    function getSummary(
        uint256 agentId,
        address[] calldata validatorAddresses,
        string calldata tag
    ) external view returns (uint64 count, uint8 averageResponse);

    /// @notice All requests made for an agent, as in ERC-8004.
    function getAgentValidations(uint256 agentId) external view returns (bytes32[] memory requestHashes);

    /// @notice All requests made to a validator, as in ERC-8004.
    function getValidatorRequests(address validatorAddress) external view returns (bytes32[] memory requestHashes);
}
