// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {IAgentRegistry} from "./interfaces/IAgentRegistry.sol";
import {IValidationRegistry} from "./interfaces/IValidationRegistry.sol";
import {Errors} from "./libraries/Errors.sol";

/// @title ValidationRegistry
/// @notice ERC-8004 validation registry. Nobody administers it.
contract ValidationRegistry is IValidationRegistry {
    struct Validation {
        address validator; // slot 0
        uint8 response; // slot 0
        bool hasResponse; // slot 0
        uint40 lastUpdate; // slot 0
        uint256 agentId; // slot 1
        bytes32 responseHash; // slot 2
        string tag; // slot 3
    }

    uint8 private constant MAX_RESPONSE = 100;

    IAgentRegistry private immutable _registry;

    mapping(bytes32 requestHash => Validation) private _validations;
    mapping(uint256 agentId => bytes32[]) private _ofAgent;
    mapping(address validator => bytes32[]) private _toValidator;

    /// @notice Deploys a validation registry for the agents of one registry.
    /// @param registry_ Where the agents are registered; it can't be exchanged later.
    constructor(IAgentRegistry registry_) {
        _registry = registry_;
    }

    /// @inheritdoc IValidationRegistry
    function validationRequest(
        address validatorAddress,
        uint256 agentId,
        string calldata requestURI,
        bytes32 requestHash
    ) external {
        if (!_registry.isAuthorizedOrOwner(msg.sender, agentId)) {
            revert Errors.NotOwnerOrApproved(agentId, msg.sender);
        }
        if (validatorAddress == address(0)) revert Errors.ValidatorZero(agentId);
        if (requestHash == 0) revert Errors.RequestHashZero(agentId);
        Validation storage validation = _validations[requestHash];
        if (validation.validator != address(0)) revert Errors.RequestExists(requestHash, validation.agentId);

        validation.validator = validatorAddress;
        validation.lastUpdate = uint40(block.timestamp);
        validation.agentId = agentId;
        _ofAgent[agentId].push(requestHash);
        _toValidator[validatorAddress].push(requestHash);
        emit ValidationRequest(validatorAddress, agentId, requestURI, requestHash);
    }

    /// @inheritdoc IValidationRegistry
    function validationResponse(
        bytes32 requestHash,
        uint8 response,
        string calldata responseURI,
        bytes32 responseHash,
        string calldata tag
    ) external {
        Validation storage validation = _requireRequest(requestHash);
        address validator = validation.validator;
        if (msg.sender != validator) revert Errors.NotValidator(requestHash, msg.sender, validator);
        if (response > MAX_RESPONSE) revert Errors.ResponseTooHigh(response, MAX_RESPONSE);

        validation.response = response;
        validation.hasResponse = true;
        validation.lastUpdate = uint40(block.timestamp);
        validation.responseHash = responseHash;
        validation.tag = tag;
        emit ValidationResponse(validator, validation.agentId, requestHash, response, responseURI, responseHash, tag);
    }

    /// @inheritdoc IValidationRegistry
    function getIdentityRegistry() external view returns (address) {
        return address(_registry);
    }

    /// @inheritdoc IValidationRegistry
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
        )
    {
        Validation storage validation = _requireRequest(requestHash);
        return (
            validation.validator,
            validation.agentId,
            validation.response,
            validation.responseHash,
            validation.tag,
            validation.lastUpdate
        );
    }

    /// @inheritdoc IValidationRegistry
    function hasResponse(bytes32 requestHash) external view returns (bool) {
        return _requireRequest(requestHash).hasResponse;
    }

    /// @inheritdoc IValidationRegistry
    function getSummary(
        uint256 agentId,
        address[] calldata validatorAddresses,
        string calldata tag
    ) external view returns (uint64 count, uint8 averageResponse) {
        bytes32[] storage requests = _ofAgent[agentId];
        uint256 sum;
        for (uint256 i; i < requests.length; ++i) {
            Validation storage validation = _validations[requests[i]];
            if (!validation.hasResponse) continue;
            if (!_isOneOf(validation.validator, validatorAddresses) || !_matches(validation.tag, tag)) continue;
            sum += validation.response;
            ++count;
        }
        if (count != 0) averageResponse = uint8(sum / count);
    }

    /// @inheritdoc IValidationRegistry
    function getAgentValidations(uint256 agentId) external view returns (bytes32[] memory requestHashes) {
        return _ofAgent[agentId];
    }

    /// @inheritdoc IValidationRegistry
    function getValidatorRequests(address validatorAddress) external view returns (bytes32[] memory requestHashes) {
        return _toValidator[validatorAddress];
    }

    function _requireRequest(bytes32 requestHash) private view returns (Validation storage validation) {
        validation = _validations[requestHash];
        if (validation.validator == address(0)) revert Errors.RequestUnknown(requestHash);
    }

    /// @dev An empty tag asks for any.
    function _matches(string memory tag, string memory asked) private pure returns (bool) {
        return bytes(asked).length == 0 || Strings.equal(tag, asked);
    }

    /// @dev An empty list asks for anybody.
    function _isOneOf(address validator, address[] calldata asked) private pure returns (bool) {
        for (uint256 i; i < asked.length; ++i) {
            if (asked[i] == validator) return true;
        }
        return asked.length == 0;
    }
}
