// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDeals} from "./settlement/IDeals.sol";
import {IDisputes} from "./settlement/IDisputes.sol";
import {IFaults} from "./settlement/IFaults.sol";
import {IMandates} from "./settlement/IMandates.sol";
import {ITreasury} from "./settlement/ITreasury.sol";

/// @title ISettlement
/// @notice Where deals between agents hold: all that can be called at Settlement's address.
///
/// Money belongs to agents, not to addresses. What an agent has free can be withdrawn by its owner or committed by its
/// keys, as far as its mandate goes; committing moves price and bonds into escrow, and every end of a deal moves them
/// back into free balances, whole and once. Per token, what is free, at stake, in escrow, deposited for a dispute's
/// fee and burnt always adds up to what is owed, and no more is owed than is held.
///
/// Nobody administers it, and nobody can move what isn't theirs; a guardian can pause new commitments, and no more.
/// Acts count up to and including a deadline, timeouts after it; time is the block's. Every act is for an agent's
/// wallet or owner as sender, or for anyone who carries an envelope that its session key signed.
///
/// Hazards. Balances, stakes and deals travel with the agent's token; mandates don't. Tokens whose balances change by
/// themselves are not supported; a bad token harms its own balances only.
interface ISettlement is IDeals, ITreasury, IMandates, IDisputes, IFaults {}
