// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// solhint-disable func-name-mixedcase

import {IAgentRegistry} from "../IAgentRegistry.sol";
import {IRefusals} from "../IRefusals.sol";
import {ActAuth, SessionAuth, WalletAuth} from "../../types/Auth.sol";
import {Deal, Outcome, Record} from "../../types/Deal.sol";

/// @title IDeals
/// @notice The life of a deal that goes as agreed, from commitment to payout.
interface IDeals is IRefusals {
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

    /// @notice Emitted when an item of a batch wasn't committed; each of the others stands by itself.
    /// @param index Place in the batch.
    /// @param reason What the commitment by itself would have reverted with.
    event CommitmentSkipped(uint256 indexed index, bytes reason);

    /// @notice Emitted when the seller delivered.
    /// @param evidence Hash of what shows the delivery, as the seller gave it.
    event Delivered(bytes32 indexed deal, bytes32 evidence);

    /// @notice Emitted when a receipt was claimed: of the price, the seller has got `total` from receipts so far. With
    /// a claim that closes the deal, what it adds is part of `Settled`.
    event ReceiptClaimed(bytes32 indexed deal, uint256 total);

    /// @notice Emitted when a deal ended. The two amounts, of the deal's token, are all that was left in escrow for it,
    /// and went to the free balances of buyer and seller.
    event Settled(bytes32 indexed deal, Outcome indexed outcome, uint256 toBuyer, uint256 toSeller);

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
    /// @dev The certificates have to be valid now, not when the envelopes were signed. The transcript is the hash of
    /// the accepting envelope, which names the offering one.
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

    /// @notice Commits several deals at once. Anyone may carry them here.
    /// @dev A relayer that doesn't want all or nothing bears the gas of what is skipped.
    /// @param commitments Encoded calls of `commit` and `commitBySession`.
    /// @param atomic True to commit all or none; false to skip, with an event, whatever is refused.
    /// @return committed How many were.
    function commitMany(bytes[] calldata commitments, bool atomic) external returns (uint256 committed);

    /// @notice States that a committed deal is delivered, which starts the buyer's review. For the wallet and the owner
    /// of the seller, until `deliverWithin` after the commitment.
    /// @param evidence Hash of what shows the delivery.
    function deliver(Deal calldata deal, bytes32 transcript, bytes32 evidence) external;

    /// @notice The same, said by the seller's session key in a DELIVER envelope. Anyone may carry it here.
    function deliverBySession(
        Deal calldata deal,
        bytes32 transcript,
        bytes32 evidence,
        ActAuth calldata seller
    ) external;

    /// @notice Pays the whole price to the seller and returns both bonds. For the wallet and the owner of the buyer, at
    /// any time before the deal ended or was disputed, delivered or not. Relayed, it is a receipt of the whole price.
    function accept(Deal calldata deal, bytes32 transcript) external;

    /// @notice Pays as `accept` does, once the review period of a delivered deal is over. Anyone may.
    /// @dev A buyer that doesn't object in time has accepted.
    function claim(Deal calldata deal, bytes32 transcript) external;

    /// @notice Pays the seller what the buyer's session key wrote in a receipt. Receipts are cumulative: the newest one
    /// stands for all. Anyone may carry it here, as long as the key's certificate counts and a day longer.
    /// @dev What was claimed is the least that the seller keeps, however the deal ends.
    /// @param total What the buyer owes of the price so far, in all.
    /// @param close True to end the deal too, before any dispute: the rest goes back as in `refund`. Only the seller's
    /// wallet or owner may, unless the receipt is for the whole price.
    function claimReceipt(
        Deal calldata deal,
        bytes32 transcript,
        uint128 total,
        ActAuth calldata buyer,
        bool close
    ) external;

    /// @notice Returns the price of a deal that wasn't delivered, less receipts, from 24 hours after its time for
    /// delivery on. Anyone may. The seller's bond goes to the buyer in proportion to the part of the price without
    /// receipt, whole if the price is 0; in a metered deal each side gets its own.
    function refund(Deal calldata deal, bytes32 transcript) external;

    /// @notice What would keep this deal from being committed in this block, signatures aside.
    /// @return reason Selector of an error in `IRefusals`, to be thrown with the two numbers; zero if nothing would.
    /// @return actual First number of that error.
    /// @return limit Second number of that error.
    function refusal(Deal calldata deal) external view returns (bytes4 reason, uint256 actual, uint256 limit);

    /// @notice What is stored of the negotiation with this key, which is keccak256(lower agent, higher agent,
    /// negotiation).
    function recordAt(bytes32 key) external view returns (Record memory);

    /// @notice What is stored of the negotiation that the deal belongs to, whether or not it is this deal.
    function recordOf(Deal calldata deal) external view returns (Record memory);

    /// @notice What receipts have paid to the seller before the end of the deal in this negotiation.
    function receivedOf(Deal calldata deal) external view returns (uint256);

    /// @notice Where the agents are registered.
    function registry() external view returns (IAgentRegistry);

    /// @notice Where the other half of Settlement's code stands.
    function extension() external view returns (address);

    /// @notice EIP-712 domain separator, for agreements, splits and approvals; also part of every envelope's hash.
    function DOMAIN_SEPARATOR() external view returns (bytes32);
}
