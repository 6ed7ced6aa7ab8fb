// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// solhint-disable func-name-mixedcase

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ERC721URIStorage} from "@openzeppelin/contracts/token/ERC721/extensions/ERC721URIStorage.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IAgentRegistry} from "./interfaces/IAgentRegistry.sol";
import {Errors} from "./libraries/Errors.sol";
import {Signatures} from "./libraries/Signatures.sol";

/// @title AgentRegistry
/// @notice ERC-8004 identity registry with key epochs. Nobody administers it.
contract AgentRegistry is IAgentRegistry, ERC721URIStorage, EIP712 {
    struct Agent {
        address wallet; // slot 0
        uint32 epoch; // slot 0
    }

    struct Ending {
        address wallet; // slot 0
        uint40 endedAt; // slot 0
    }

    bytes32 private constant AGENT_WALLET_SET_TYPEHASH = keccak256(
        "AgentWalletSet(uint256 agentId,address newWallet,address owner,uint256 deadline)"
    );

    string private constant WALLET_KEY = "agentWallet";

    uint256 private constant MAX_PROOF_DELAY = 5 minutes;

    /// @inheritdoc IAgentRegistry
    uint256 public agentCount;

    mapping(uint256 agentId => Agent) private _agents;

    /// @inheritdoc IAgentRegistry
    mapping(uint256 agentId => mapping(uint32 epoch => Ending)) public ended;

    constructor() ERC721("Parley Agent", "AGENT") EIP712("ERC8004IdentityRegistry", "1") {}

    /// @inheritdoc IAgentRegistry
    function register() external returns (uint256 agentId) {
        agentId = _register("");
    }

    /// @inheritdoc IAgentRegistry
    function register(string calldata agentURI) external returns (uint256 agentId) {
        agentId = _register(agentURI);
        _setTokenURI(agentId, agentURI);
    }

    /// @inheritdoc IAgentRegistry
    function setAgentURI(uint256 agentId, string calldata newURI) external {
        _requireOwnerOrApproved(agentId);
        _setTokenURI(agentId, newURI);
        emit URIUpdated(agentId, newURI, msg.sender);
    }

    /// @inheritdoc IAgentRegistry
    function setAgentWallet(uint256 agentId, address newWallet, uint256 deadline, bytes calldata signature) external {
        if (newWallet == address(0)) revert Errors.WalletZero(agentId);
        if (block.timestamp > deadline) revert Errors.ProofExpired(block.timestamp, deadline);
        uint256 limit = block.timestamp + MAX_PROOF_DELAY;
        if (deadline > limit) revert Errors.ProofDeadlineTooFar(deadline, limit);

        address owner = _requireOwnerOrApproved(agentId);
        bytes32 digest = _hashTypedDataV4(
            keccak256(abi.encode(AGENT_WALLET_SET_TYPEHASH, agentId, newWallet, owner, deadline))
        );
        if (!Signatures.signed(newWallet, digest, signature)) revert Errors.BadWalletSignature(agentId, newWallet);

        _changeWallet(agentId, newWallet);
    }

    /// @inheritdoc IAgentRegistry
    function unsetAgentWallet(uint256 agentId) external {
        _requireOwnerOrApproved(agentId);
        _changeWallet(agentId, address(0));
    }

    /// @inheritdoc IAgentRegistry
    function revokeKeys(uint256 agentId) external {
        address wallet = _agents[agentId].wallet;
        if (msg.sender != wallet && msg.sender != _requireOwned(agentId)) {
            revert Errors.NotOwnerOrWallet(agentId, msg.sender);
        }
        _endEpoch(agentId, wallet);
    }

    /// @inheritdoc IAgentRegistry
    function getAgentWallet(uint256 agentId) external view returns (address) {
        _requireOwned(agentId);
        return _agents[agentId].wallet;
    }

    /// @inheritdoc IAgentRegistry
    function keyEpoch(uint256 agentId) external view returns (uint32) {
        return _agents[agentId].epoch;
    }

    /// @inheritdoc IAgentRegistry
    function authority(uint256 agentId) external view returns (address wallet, uint32 epoch) {
        Agent storage agent = _agents[agentId];
        return (agent.wallet, agent.epoch);
    }

    /// @inheritdoc IAgentRegistry
    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) public view override(ERC721URIStorage, IERC165) returns (bool) {
        return super.supportsInterface(interfaceId);
    }

    /// @dev `_mint` rather than `_safeMint`: the caller wants the token, so nothing need call back into it.
    function _register(string memory agentURI) private returns (uint256 agentId) {
        agentId = ++agentCount;
        _agents[agentId] = Agent({wallet: msg.sender, epoch: 1});
        _mint(msg.sender, agentId);
        emit MetadataSet(agentId, WALLET_KEY, WALLET_KEY, abi.encodePacked(msg.sender));
        emit Registered(agentId, agentURI, msg.sender);
    }

    /// @dev A token that changes hands loses its wallet: the new owner has to prove its own.
    function _update(address to, uint256 agentId, address auth) internal override returns (address from) {
        from = super._update(to, agentId, auth);
        if (from != address(0) && from != to) _changeWallet(agentId, address(0));
    }

    function _changeWallet(uint256 agentId, address newWallet) private {
        _endEpoch(agentId, newWallet);
        bytes memory value = newWallet == address(0) ? bytes("") : abi.encodePacked(newWallet);
        emit MetadataSet(agentId, WALLET_KEY, WALLET_KEY, value);
    }

    /// @dev Starts the next epoch, with `nextWallet`. So an epoch never has more than one wallet.
    function _endEpoch(uint256 agentId, address nextWallet) private {
        Agent memory agent = _agents[agentId];
        uint40 time = uint40(block.timestamp);
        ended[agentId][agent.epoch] = Ending({wallet: agent.wallet, endedAt: time});
        _agents[agentId] = Agent({wallet: nextWallet, epoch: agent.epoch + 1});
        emit EpochEnded(agentId, agent.epoch, agent.wallet, time);
    }

    function _requireOwnerOrApproved(uint256 agentId) private view returns (address owner) {
        owner = _requireOwned(agentId);
        if (!_isAuthorized(owner, msg.sender, agentId)) revert Errors.NotOwnerOrApproved(agentId, msg.sender);
    }
}
