// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// solhint-disable func-name-mixedcase

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ERC721URIStorage} from "@openzeppelin/contracts/token/ERC721/extensions/ERC721URIStorage.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IAgentRegistry} from "./interfaces/IAgentRegistry.sol";
import {EnvelopeHash} from "./libraries/EnvelopeHash.sol";
import {Errors} from "./libraries/Errors.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {SessionKey} from "./types/Envelope.sol";

/// @title AgentRegistry
/// @notice ERC-8004 identity registry with key epochs, tenures and locks. Nobody administers it.
contract AgentRegistry is IAgentRegistry, ERC721URIStorage, EIP712 {
    using EnvelopeHash for SessionKey;

    /// @dev Counters are checked: once one is full, what would raise it reverts. That takes 16 million transfers.
    struct Agent {
        address wallet; // slot 0
        uint32 epoch; // slot 0
        uint24 tenure; // slot 0
        uint40 lockedUntil; // slot 0
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
    uint256 private constant MAX_LOCK_AHEAD = 30 days;

    /// @inheritdoc IAgentRegistry
    uint256 public agentCount;

    mapping(uint256 agentId => Agent) private _agents;
    mapping(uint256 agentId => mapping(string metadataKey => bytes)) private _metadata;

    /// @inheritdoc IAgentRegistry
    mapping(uint256 agentId => mapping(uint32 epoch => Ending)) public ended;

    /// @inheritdoc IAgentRegistry
    mapping(uint256 agentId => mapping(uint32 epoch => mapping(bytes32 certificate => bool))) public certified;

    constructor() ERC721("Parley Agent", "AGENT") EIP712("ERC8004IdentityRegistry", "1") {}

    /// @inheritdoc IAgentRegistry
    function register() external returns (uint256 agentId) {
        agentId = _register("");
    }

    /// @inheritdoc IAgentRegistry
    function register(string calldata agentURI) external returns (uint256 agentId) {
        agentId = _registerWithURI(agentURI);
    }

    /// @inheritdoc IAgentRegistry
    function register(string calldata agentURI, MetadataEntry[] calldata metadata) external returns (uint256 agentId) {
        agentId = _registerWithURI(agentURI);
        for (uint256 i; i < metadata.length; ++i) {
            _setMetadata(agentId, metadata[i].metadataKey, metadata[i].metadataValue);
        }
    }

    /// @inheritdoc IAgentRegistry
    function registerMany(string[] calldata agentURIs) external returns (uint256 firstId) {
        if (agentURIs.length == 0) revert Errors.NothingToRegister();
        firstId = agentCount + 1;
        for (uint256 i; i < agentURIs.length; ++i) _registerWithURI(agentURIs[i]);
    }

    /// @inheritdoc IAgentRegistry
    function setAgentURI(uint256 agentId, string calldata newURI) external {
        _requireOwnerOrApproved(agentId);
        _setTokenURI(agentId, newURI);
        emit URIUpdated(agentId, newURI, msg.sender);
    }

    /// @inheritdoc IAgentRegistry
    function setMetadata(uint256 agentId, string calldata metadataKey, bytes calldata metadataValue) external {
        _requireOwnerOrApproved(agentId);
        _setMetadata(agentId, metadataKey, metadataValue);
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

        _changeWallet(agentId, newWallet, 0);
    }

    /// @inheritdoc IAgentRegistry
    function unsetAgentWallet(uint256 agentId) external {
        _requireOwnerOrApproved(agentId);
        _changeWallet(agentId, address(0), 0);
    }

    /// @inheritdoc IAgentRegistry
    function revokeKeys(uint256 agentId) external {
        address wallet = _agents[agentId].wallet;
        if (msg.sender != wallet && msg.sender != _requireOwned(agentId)) {
            revert Errors.NotOwnerOrWallet(agentId, msg.sender);
        }
        _endEpoch(agentId, wallet, 0);
    }

    /// @inheritdoc IAgentRegistry
    function recordCertificate(SessionKey calldata certificate, bytes calldata signature) external {
        uint256 agentId = certificate.agent;
        (address wallet, uint32 epoch) = (_agents[agentId].wallet, _agents[agentId].epoch);
        if (certificate.epoch != epoch) revert Errors.WrongEpoch(agentId, certificate.epoch, epoch);
        bytes32 hash = certificate.hash();
        if (certified[agentId][epoch][hash]) return;
        if (msg.sender != wallet && !Signatures.signed(wallet, _hashTypedDataV4(hash), signature)) {
            revert Errors.BadCertificate(agentId, wallet);
        }
        certified[agentId][epoch][hash] = true;
        emit CertificateRecorded(agentId, epoch, hash);
    }

    /// @inheritdoc IAgentRegistry
    function lock(uint256 agentId, uint40 until) external {
        if (msg.sender != _requireOwned(agentId)) revert Errors.NotOwner(agentId, msg.sender);
        Agent storage agent = _agents[agentId];
        uint256 present = agent.lockedUntil > block.timestamp ? agent.lockedUntil : block.timestamp;
        if (until <= present) revert Errors.LockNotExtended(agentId, until, present);
        uint256 limit = block.timestamp + MAX_LOCK_AHEAD;
        if (until > limit) revert Errors.LockTooFar(agentId, until, limit);
        agent.lockedUntil = until;
        emit Locked(agentId, until);
    }

    /// @inheritdoc IAgentRegistry
    function getAgentWallet(uint256 agentId) external view returns (address) {
        _requireOwned(agentId);
        return _agents[agentId].wallet;
    }

    /// @inheritdoc IAgentRegistry
    function getMetadata(uint256 agentId, string calldata metadataKey) external view returns (bytes memory) {
        return _isReserved(metadataKey) ? _walletValue(_agents[agentId].wallet) : _metadata[agentId][metadataKey];
    }

    /// @inheritdoc IAgentRegistry
    function isAuthorizedOrOwner(address spender, uint256 agentId) external view returns (bool) {
        return _isAuthorized(_requireOwned(agentId), spender, agentId);
    }

    /// @inheritdoc IAgentRegistry
    function keyEpoch(uint256 agentId) external view returns (uint32) {
        return _agents[agentId].epoch;
    }

    /// @inheritdoc IAgentRegistry
    function tenure(uint256 agentId) external view returns (uint24) {
        return _agents[agentId].tenure;
    }

    /// @inheritdoc IAgentRegistry
    function stateOf(
        uint256 agentId
    ) external view returns (address wallet, uint32 epoch, uint24 tenure_, uint40 lockedUntil) {
        Agent storage agent = _agents[agentId];
        return (agent.wallet, agent.epoch, agent.tenure, agent.lockedUntil);
    }

    /// @inheritdoc IAgentRegistry
    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) public view override(ERC721URIStorage, IERC165) returns (bool) {
        return interfaceId == type(IAgentRegistry).interfaceId || super.supportsInterface(interfaceId);
    }

    function _registerWithURI(string calldata agentURI) private returns (uint256 agentId) {
        agentId = _register(agentURI);
        _setTokenURI(agentId, agentURI);
    }

    /// @dev `_mint` rather than `_safeMint`: the caller wants the token, so nothing need call back into it.
    function _register(string memory agentURI) private returns (uint256 agentId) {
        agentId = ++agentCount;
        _agents[agentId] = Agent({wallet: msg.sender, epoch: 1, tenure: 1, lockedUntil: 0});
        _mint(msg.sender, agentId);
        emit MetadataSet(agentId, WALLET_KEY, WALLET_KEY, abi.encodePacked(msg.sender));
        emit Registered(agentId, agentURI, msg.sender);
    }

    function _setMetadata(uint256 agentId, string calldata key, bytes calldata value) private {
        if (_isReserved(key)) revert Errors.MetadataKeyReserved(agentId, key);
        _metadata[agentId][key] = value;
        emit MetadataSet(agentId, key, key, value);
    }

    /// @dev A token that changes hands loses its wallet: the new owner has to prove its own. The lock stays.
    function _update(address to, uint256 agentId, address auth) internal override returns (address from) {
        from = super._update(to, agentId, auth);
        if (from != address(0) && from != to) _changeWallet(agentId, address(0), 1);
    }

    function _changeWallet(uint256 agentId, address newWallet, uint24 newOwners) private {
        _endEpoch(agentId, newWallet, newOwners);
        emit MetadataSet(agentId, WALLET_KEY, WALLET_KEY, _walletValue(newWallet));
    }

    /// @dev Starts the next epoch, with `nextWallet`. So an epoch never has more than one wallet, nor more than one
    /// owner.
    function _endEpoch(uint256 agentId, address nextWallet, uint24 newOwners) private {
        Agent memory agent = _agents[agentId];
        uint40 time = uint40(block.timestamp);
        ended[agentId][agent.epoch] = Ending({wallet: agent.wallet, endedAt: time});
        _agents[agentId] = Agent({
            wallet: nextWallet,
            epoch: agent.epoch + 1,
            tenure: agent.tenure + newOwners,
            lockedUntil: agent.lockedUntil
        });
        emit EpochEnded(agentId, agent.epoch, agent.wallet, time);
    }

    function _requireOwnerOrApproved(uint256 agentId) private view returns (address owner) {
        owner = _requireOwned(agentId);
        if (!_isAuthorized(owner, msg.sender, agentId)) revert Errors.NotOwnerOrApproved(agentId, msg.sender);
    }

    function _isReserved(string calldata key) private pure returns (bool) {
        return keccak256(bytes(key)) == keccak256(bytes(WALLET_KEY));
    }

    function _walletValue(address wallet) private pure returns (bytes memory) {
        return wallet == address(0) ? bytes("") : abi.encodePacked(wallet);
    }
}
