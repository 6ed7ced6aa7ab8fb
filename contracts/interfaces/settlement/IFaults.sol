// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Said, SessionAuth} from "../../types/Auth.sol";
import {Deal} from "../../types/Deal.sol";

/// @title IFaults
/// @notice What can be proven against an agent by signed envelopes alone: that it contradicted itself, or that it let
/// down an agreement. It costs the bond that the agent had named in the deal, out of its stake, once in a negotiation:
/// a tenth goes to the counterparty, the rest is burnt, so that neither a stolen key nor a friend can carry stake away.
interface IFaults {
    /// @notice Emitted when an agent was shown to have signed two different envelopes in one place.
    event Equivocated(uint256 indexed agent, bytes32 indexed negotiation, uint32 seq, bytes32 first, bytes32 second);

    /// @notice Emitted when an agreement couldn't be committed for a reason on the other side. The declarer's part went
    /// from its free balance into escrow.
    /// @param declarer The side that was ready.
    /// @param locked What it had to put up.
    /// @param cureUntil Last second at which the other side's part can be brought.
    /// @param reason Selector of the error that stood in the way; `WrongEpoch` if the other's keys were taken back.
    event Declared(
        bytes32 indexed deal,
        uint256 indexed declarer,
        uint256 buyer,
        uint256 seller,
        bytes32 negotiation,
        bytes32 transcript,
        address token,
        uint256 locked,
        uint256 cureUntil,
        bytes4 reason
    );

    /// @notice Emitted when a declared deal was committed after all: the part of `agent` went into escrow too.
    event Cured(bytes32 indexed deal, uint256 indexed agent);

    /// @notice Emitted when nobody cured: `agent` defaulted, and the declarer has got back what was locked.
    event Defaulted(bytes32 indexed deal, uint256 indexed agent, uint256 returned);

    /// @notice Emitted when a fault was charged to an agent's stake, as far as there was any.
    /// @param reward What of it the counterparty got; the rest is burnt.
    event Penalised(bytes32 indexed deal, uint256 indexed agent, address indexed token, uint256 taken, uint256 reward);

    /// @notice Emitted when the guardian stopped new commitments and declarations.
    event Paused(address guardian);

    /// @notice Emitted when the guardian let them go on.
    event Unpaused(address guardian);

    /// @notice Charges an agent that signed two different offers or acceptances with one number in one negotiation.
    /// Anyone may show it, as long as both certificates count and a day longer.
    /// @param deal The deal of the first envelope; its bond is what the fault costs.
    function equivocation(uint256 agent, Deal calldata deal, Said calldata first, Said calldata second) external;

    /// @notice Commits an agreement; or, if all that stands in the way is the other side's money, mandate, approval,
    /// lock or revoked keys, locks the caller's part and gives the other time until `commitBy`, at least an hour, to
    /// bring its own. For wallet and owner of either side, up to `commitBy`.
    /// @dev The envelopes are the same as for `commitBySession`.
    function commitOrDeclare(
        Deal calldata deal,
        bool buyerAccepts,
        bytes32 seen,
        SessionAuth calldata buyer,
        SessionAuth calldata seller
    ) external;

    /// @notice Commits a declared deal within its time, once nothing stands in the way any more. Anyone may; but if the
    /// keys of the side at fault were revoked since it agreed, only its owner may, and then its mandate doesn't bind.
    function cure(Deal calldata deal, bytes32 transcript) external;

    /// @notice Ends a declared deal that nobody cured: returns what was locked and charges the side at fault. Anyone
    /// may.
    function penalise(Deal calldata deal, bytes32 transcript) external;

    /// @notice Stops new commitments and declarations. For the guardian; it can touch nothing else.
    function pause() external;

    /// @notice Lets them go on. For the guardian.
    function unpause() external;

    /// @notice When commitments were paused; 0 if they aren't.
    function pausedAt() external view returns (uint256);

    /// @notice Who may pause.
    function guardian() external view returns (address);

    /// @notice How a declaration stands; all zero if there is none in the negotiation. The deal has to be the one that
    /// was declared, which isn't checked here: `Lens` does.
    /// @return declarer Agent whose part is locked.
    /// @return epoch Key epoch in which the other had agreed.
    /// @return cureUntil Last second for a cure.
    function declarationOf(
        Deal calldata deal
    ) external view returns (uint256 declarer, uint32 epoch, uint256 cureUntil);
}
