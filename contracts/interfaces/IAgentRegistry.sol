// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {SessionKey} from "../types/Envelope.sol";

/// @title IAgentRegistry
/// @notice Who the agents are: an ERC-8004 identity registry that also counts each agent's owners and the epochs of
/// its keys, and can lock its balance for a sale.
///
/// An agent is a token. Its owner is the principal; its wallet is the address that signs for it. Whatever is signed
/// names a key epoch and counts only in that one. The epoch ends when owner or wallet say so and whenever either
/// changes; the registry remembers for each ended epoch whose it was and when it ended, since liability outlives
/// authority. What the owner itself allowed belongs to its tenure, which ends with the next transfer and never comes
/// back, not even with the same owner.
///
/// Hazards. Whoever may transfer the token, so also an ERC-721 operator, may set the wallet and thereby commit what
/// the agent owns. The token's treasury, its running deals, its URI, its metadata and its lock travel with it.
interface IAgentRegistry is IERC721 {
    /// @notice One entry of an agent's metadata, as in ERC-8004.
    struct MetadataEntry {
        string metadataKey;
        bytes metadataValue;
    }

    /// @notice Emitted when an agent is registered, as in ERC-8004.
    event Registered(uint256 indexed agentId, string agentURI, address indexed owner);

    /// @notice Emitted when the address of an agent's registration file changed, as in ERC-8004.
    event URIUpdated(uint256 indexed agentId, string newURI, address indexed updatedBy);

    /// @notice Emitted when a metadata entry changed, as in ERC-8004. Of the reserved key "agentWallet" the value is
    /// the 20 bytes of the wallet, or nothing.
    event MetadataSet(
        uint256 indexed agentId,
        string indexed indexedMetadataKey,
        string metadataKey,
        bytes metadataValue
    );

    /// @notice Emitted when a key epoch ended: nothing signed in it gives authority from here on.
    /// @param wallet Address that was the agent's wallet throughout the epoch.
    event EpochEnded(uint256 indexed agent, uint32 indexed epoch, address wallet, uint40 endedAt);

    /// @notice Emitted when a session key's certificate was recorded, so that it counts without its signature.
    /// @param certificate EIP-712 struct hash of the `SessionKey`.
    event CertificateRecorded(uint256 indexed agent, uint32 indexed epoch, bytes32 indexed certificate);

    /// @notice Emitted when an agent's free balance was locked.
    /// @param until Last second of the lock.
    event Locked(uint256 indexed agent, uint40 until);

    /// @notice Registers the caller's new agent; the caller becomes owner and wallet.
    /// @dev A contract that calls this isn't asked whether it can hold tokens: it asked for one.
    /// @return agentId Ids count from 1.
    function register() external returns (uint256 agentId);

    /// @notice Registers the caller's new agent together with the address of its registration file.
    /// @param agentURI Address of an ERC-8004 registration file.
    /// @return agentId Ids count from 1.
    function register(string calldata agentURI) external returns (uint256 agentId);

    /// @notice The same, together with metadata.
    /// @param metadata Entries to set; the key "agentWallet" is reserved and refused.
    /// @return agentId Ids count from 1.
    function register(string calldata agentURI, MetadataEntry[] calldata metadata) external returns (uint256 agentId);

    /// @notice Registers as many agents of the caller as there are addresses of registration files, each as `register`
    /// does.
    /// @return firstId Id of the first; the others follow without a gap.
    function registerMany(string[] calldata agentURIs) external returns (uint256 firstId);

    /// @notice Changes the address of the registration file. For the owner and its ERC-721 operators.
    function setAgentURI(uint256 agentId, string calldata newURI) external;

    /// @notice Sets an entry of the agent's metadata. For the owner and its ERC-721 operators.
    /// @param metadataKey Any but "agentWallet", which is reserved and refused.
    function setMetadata(uint256 agentId, string calldata metadataKey, bytes calldata metadataValue) external;

    /// @notice Makes another address the agent's wallet and ends the key epoch. For the owner and its ERC-721
    /// operators.
    /// @dev The proof can be used again until its deadline, for the same agent, wallet and owner.
    /// @param deadline Last second at which the proof counts, at most five minutes ahead.
    /// @param signature Consent of `newWallet` by EIP-712:
    /// AgentWalletSet(uint256 agentId,address newWallet,address owner,uint256 deadline), by key or by ERC-1271.
    function setAgentWallet(uint256 agentId, address newWallet, uint256 deadline, bytes calldata signature) external;

    /// @notice Leaves the agent without a wallet and ends the key epoch. For the owner and its ERC-721 operators.
    function unsetAgentWallet(uint256 agentId) external;

    /// @notice Ends the key epoch: all certificates and wallet signatures so far stop giving authority at once. For the
    /// owner and the wallet.
    /// @dev What is committed already stays committed. The wallet may go on to sign in the new epoch.
    function revokeKeys(uint256 agentId) external;

    /// @notice Records a session key's certificate, so that it counts for this key epoch without its signature. Anyone
    /// may carry it here. That is for ERC-1271 wallets; a certificate signed by an EOA needs no transaction.
    /// @dev A wallet can't take it back by answering otherwise later: only the end of the epoch ends it. Recording it
    /// again changes nothing.
    /// @param certificate Of the agent's present key epoch.
    /// @param signature Consent of the agent's present wallet under this contract's EIP-712 domain, by key or by
    /// ERC-1271; ignored if the wallet itself is the caller.
    function recordCertificate(SessionKey calldata certificate, bytes calldata signature) external;

    /// @notice Keeps the agent's free balance where it is: until then no Settlement lets it be withdrawn, staked or
    /// newly committed. For the owner only, so that a buyer of the token knows what it gets.
    /// @dev Can't be lifted, not even by a transfer to and fro while an old marketplace approval still stands, so a
    /// new owner waits too. What is committed already goes on, and may be lost by the agent's conduct meanwhile.
    /// @param until Last second of the lock: later than the present one's and than now, at most 30 days ahead.
    function lock(uint256 agentId, uint40 until) external;

    /// @notice Value of an entry of the agent's metadata, empty if it isn't set. Of the reserved key "agentWallet" it
    /// is the 20 bytes of the wallet, or nothing.
    function getMetadata(uint256 agentId, string calldata metadataKey) external view returns (bytes memory);

    /// @notice Whether an address owns the token of a registered agent or is approved for it.
    function isAuthorizedOrOwner(address spender, uint256 agentId) external view returns (bool);

    /// @notice Wallet of a registered agent, or the zero address if it has none.
    function getAgentWallet(uint256 agentId) external view returns (address);

    /// @notice Present key epoch of an agent. It starts at 1; 0 means that there is no such agent.
    function keyEpoch(uint256 agentId) external view returns (uint32);

    /// @notice Which owner of the agent this is: 1 for the one that registered it, raised at every transfer to another
    /// address. 0 means that there is no such agent.
    function tenure(uint256 agentId) external view returns (uint24);

    /// @notice All that is needed to judge what an agent may do: its wallet, its counters and its lock.
    /// @return wallet The zero address if the agent has none, or if there is no such agent.
    /// @return epoch 0 if there is no such agent.
    /// @return tenure_ 0 if there is no such agent.
    /// @return lockedUntil Last second at which the free balance is locked; 0 if it never was.
    function stateOf(
        uint256 agentId
    ) external view returns (address wallet, uint32 epoch, uint24 tenure_, uint40 lockedUntil);

    /// @notice Whether a certificate was recorded in this key epoch of the agent. It counts only while that lasts, and
    /// for liability after it.
    /// @param certificate EIP-712 struct hash of the `SessionKey`.
    function certified(uint256 agentId, uint32 epoch, bytes32 certificate) external view returns (bool);

    /// @notice Whose an ended key epoch was, and when it ended. All zero if it hasn't ended.
    function ended(uint256 agentId, uint32 epoch) external view returns (address wallet, uint40 endedAt);

    /// @notice How many agents are registered; also the highest id.
    function agentCount() external view returns (uint256);

    /// @notice EIP-712 domain separator, for proofs of wallets and for session-key certificates.
    function DOMAIN_SEPARATOR() external view returns (bytes32);
}
