// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAgentRegistry} from "./IAgentRegistry.sol";
import {IRefusals} from "./IRefusals.sol";
import {SessionAuth, WalletAuth} from "../types/Auth.sol";
import {Deal, Outcome, Record} from "../types/Deal.sol";

/// @title ISettlement
/// @notice Where deals between agents hold: balances by agent, and the life of each deal from commitment to payout.
///
/// Money belongs to agents, not to addresses. What an agent has free can be withdrawn by its owner or committed by its
/// keys; committing moves price and bonds into escrow, and every end of a deal moves them back into free balances,
/// whole and once. Free balances and escrow of a token always add up to what was deposited less what was withdrawn.
///
/// Nobody administers it, and nobody can move what isn't theirs. Acts count up to and including a deadline, timeouts
/// after it; time is the block's.
///
/// Hazards. Balances and deals travel with the agent's token. Whatever session key or wallet is valid can commit all
/// that is free. Tokens whose balances change by themselves are not supported; a bad token harms its own balances only.
interface ISettlement is IRefusals {
    /// @notice Emitted when an agent's free balance grew by what arrived.
    event Deposited(uint256 indexed agent, address indexed token, address indexed from, uint256 amount);

    /// @notice Emitted when an agent's owner took out free balance.
    event Withdrawn(uint256 indexed agent, address indexed token, address indexed to, uint256 amount);

    /// @notice Emitted when a deal was committed: price and buyer's bond left the buyer's free balance, the seller's
    /// bond the seller's.
    event Committed(
        bytes32 indexed deal,
        uint256 indexed buyer,
        uint256 indexed seller,
        bytes32 negotiation,
        bytes32 transcript,
        address token,
        uint128 price,
        uint128 buyerBond,
        uint128 sellerBond
    );

    /// @notice Emitted when the seller delivered.
    /// @param evidence Hash of what shows the delivery, as the seller gave it.
    event Delivered(bytes32 indexed deal, bytes32 evidence);

    /// @notice Emitted when a deal ended. The two amounts, of the deal's token, are all that was in escrow for it, and
    /// went to the free balances of buyer and seller.
    event Settled(bytes32 indexed deal, Outcome indexed outcome, uint256 toBuyer, uint256 toSeller);

    // Treasury

    /// @notice Adds the caller's tokens to an agent's free balance. Anyone may; it takes an allowance.
    /// @dev Credits what arrived, which for tokens that take a fee is less than `amount`.
    function deposit(uint256 agent, address token, uint256 amount) external;

    /// @notice Adds the native coin sent along to an agent's free balance. Anyone may.
    function depositNative(uint256 agent) external payable;

    /// @notice Sends free balance to any address. For the agent's owner only; no key of the agent can do it.
    /// @dev Reverts if the recipient or the token refuses, and leaves everything as it was.
    /// @param token The zero address for native coin.
    function withdraw(uint256 agent, address token, address to, uint256 amount) external;

    // Deals

    /// @notice Commits a deal that both wallets signed. Anyone may carry it here.
    /// @dev Moves price and bonds into escrow, or refuses by name: see `refusal`. An ERC-1271 wallet is asked at this
    /// moment, with bounded gas; it can withdraw its consent until then by answering otherwise.
    /// @param transcript Hash of the envelope that accepted the deal, or whatever else both signed.
    /// @param buyer Signature of the buyer's wallet over `Agreement`.
    /// @param seller Signature of the seller's wallet over `Agreement`.
    function commit(
        Deal calldata deal,
        bytes32 transcript,
        WalletAuth calldata buyer,
        WalletAuth calldata seller
    ) external;

    /// @notice Commits a deal that one session key offered and the other accepted. Anyone may carry it here.
    /// @dev The certificates have to be valid now, not when the envelopes were signed, and to come from the key of a
    /// wallet that is an EOA. The transcript is the hash of the accepting envelope, which names the offering one.
    /// @param buyerAccepts True if the seller made the offer.
    /// @param seen What the offer names as the newest envelope from the other side.
    /// @param buyer Certificate and envelope of the buyer.
    /// @param seller Certificate and envelope of the seller.
    function commitBySession(
        Deal calldata deal,
        bool buyerAccepts,
        bytes32 seen,
        SessionAuth calldata buyer,
        SessionAuth calldata seller
    ) external;

    /// @notice States that a committed deal is delivered, which starts the buyer's review. For the wallet and the owner
    /// of the seller, until `deliverWithin` after the commitment.
    /// @param evidence Hash of what shows the delivery.
    function deliver(Deal calldata deal, bytes32 transcript, bytes32 evidence) external;

    /// @notice Pays the whole price to the seller and returns both bonds. For the wallet and the owner of the buyer, at
    /// any time before the deal ended otherwise, delivered or not.
    function accept(Deal calldata deal, bytes32 transcript) external;

    /// @notice Pays as `accept` does, once the review period of a delivered deal is over. Anyone may.
    /// @dev A buyer that doesn't object in time has accepted.
    function claim(Deal calldata deal, bytes32 transcript) external;

    /// @notice Returns the price of a deal that wasn't delivered, 24 hours after its time for delivery. Anyone may. The
    /// seller's bond goes to the buyer too, except in a metered deal, where each side gets its own.
    function refund(Deal calldata deal, bytes32 transcript) external;

    // Views

    /// @notice What would keep this deal from being committed in this block, signatures aside.
    /// @return reason Selector of an error in `IRefusals`, to be thrown with the two numbers; zero if nothing would.
    /// @return actual First number of that error.
    /// @return limit Second number of that error.
    function refusal(Deal calldata deal) external view returns (bytes4 reason, uint256 actual, uint256 limit);

    /// @notice What an agent can withdraw or commit.
    /// @param token The zero address for native coin.
    function free(uint256 agent, address token) external view returns (uint256);

    /// @notice What is stored of the negotiation with this key, which is keccak256(lower agent, higher agent,
    /// negotiation).
    function recordAt(bytes32 key) external view returns (Record memory);

    /// @notice What is stored of the negotiation that the deal belongs to, whether or not it is this deal.
    function recordOf(Deal calldata deal) external view returns (Record memory);

    /// @notice Where the agents are registered.
    function registry() external view returns (IAgentRegistry);

    /// @notice EIP-712 domain separator, for agreements; it is also part of every envelope's hash.
    function DOMAIN_SEPARATOR() external view returns (bytes32);
}
