// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";

/// @title IAgentRegistry
/// @notice Who the agents are: an ERC-8004 identity registry that also counts the epochs of each agent's keys.
///
/// An agent is a token. Its owner is the principal; its wallet is the address that signs for it. Whatever is signed
/// names a key epoch and counts only in that one. The epoch ends when owner or wallet say so and whenever either
/// changes; the registry remembers for each ended epoch whose it was and when it ended, since liability outlives
/// authority.
///
/// Hazards. Whoever may transfer the token, so also an ERC-721 operator, may set the wallet and thereby commit what
/// the agent owns. The token's treasury and its running deals travel with it.
interface IAgentRegistry is IERC721 {
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

    /// @notice Registers the caller's new agent; the caller becomes owner and wallet.
    /// @dev A contract that calls this isn't asked whether it can hold tokens: it asked for one.
    /// @return agentId Ids count from 1.
    function register() external returns (uint256 agentId);

    /// @notice Registers the caller's new agent together with the address of its registration file.
    /// @param agentURI Address of an ERC-8004 registration file.
    /// @return agentId Ids count from 1.
    function register(string calldata agentURI) external returns (uint256 agentId);

    /// @notice Changes the address of the registration file. For the owner and its ERC-721 operators.
    function setAgentURI(uint256 agentId, string calldata newURI) external;

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

    /// @notice Wallet of a registered agent, or the zero address if it has none.
    function getAgentWallet(uint256 agentId) external view returns (address);

    /// @notice Present key epoch of an agent. It starts at 1; 0 means that there is no such agent.
    function keyEpoch(uint256 agentId) external view returns (uint32);

    /// @notice All that is needed to judge a signature by an agent: its wallet and key epoch.
    /// @return wallet The zero address if the agent has none, or if there is no such agent.
    /// @return epoch 0 if there is no such agent.
    function authority(uint256 agentId) external view returns (address wallet, uint32 epoch);

    /// @notice Whose an ended key epoch was, and when it ended. All zero if it hasn't ended.
    function ended(uint256 agentId, uint32 epoch) external view returns (address wallet, uint40 endedAt);

    /// @notice How many agents are registered; also the highest id.
    function agentCount() external view returns (uint256);

    /// @notice EIP-712 domain separator, for proofs of wallets and for session-key certificates.
    function DOMAIN_SEPARATOR() external view returns (bytes32);
}
