// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CourtParameters, Member, Round, Case, Seat, Stage} from "../types/Trial.sol";
import {IArbitrator} from "./IArbitrator.sol";
import {IEvidence} from "./IEvidence.sol";

/// @title ICourt
/// @notice ERC-792 arbitrator that comes along with Parley. Whoever puts up a stake takes a seat; panels are drawn from
/// the seats by lot; the median of a panel's votes is the ruling.
///
/// A dispute runs through at most three rounds, the second and third by appeal. A round: its panel is drawn from a
/// block fixed in advance; members commit their votes; they reveal them; the ruling may be appealed. Each of these has
/// its time, counted from the end of the one before by the clock, so nobody need push a dispute for it to end, and
/// nobody can keep it from ending. Acts count up to and including the last second of their time.
///
/// Rulings: 0 = refused, 1 = all to the buyer, 2 = all to the seller, 3 + n = n basis points to the seller.
///
/// Nobody administers it. Its balance is at least stakes + credits + the fees of rounds that are not counted + what is
/// burnt; only `withdraw` pays out.
///
/// Hazards. A vote far from the median, or none, costs stake. A seat that was left still has to serve on disputes that
/// are older than its leave. The appeal time runs whether or not anybody has emitted `AppealPossible`: watch `stageOf`.
/// It must run on a chain whose PREVRANDAO can't be foretold. What else remains stands in docs/contracts/court.md.
interface ICourt is IArbitrator, IEvidence {
    /// @notice Emitted when a seat was taken; new disputes may draw it.
    /// @param deposit What the seat lacked.
    event SeatTaken(address indexed holder, uint256 deposit);

    /// @notice Emitted when a seat was given up, or lost together with a part of its stake; new disputes don't draw it.
    event SeatLeft(address indexed holder, uint256 stake);

    /// @notice Emitted when the stake of a seat that was left became the holder's credit.
    event StakeReleased(address indexed holder, uint256 amount);

    /// @notice Emitted when a credit was paid out.
    event Withdrawn(address indexed account, address indexed to, uint256 amount);

    /// @notice Emitted when the block that a round's panel is drawn from was fixed, or fixed again because nobody drew
    /// while the chain still knew the former one.
    event SeedBlockFixed(uint256 indexed dispute, uint256 indexed round, uint256 seedBlock);

    /// @notice Emitted when a panel was drawn.
    event PanelDrawn(uint256 indexed dispute, uint256 indexed round, bytes32 seed, address[] members);

    /// @notice Emitted when a member committed its vote.
    event VoteCommitted(uint256 indexed dispute, uint256 indexed round, address indexed voter, bytes32 commitment);

    /// @notice Emitted when a member revealed its vote.
    event VoteRevealed(uint256 indexed dispute, uint256 indexed round, address indexed voter, uint256 vote);

    /// @notice Emitted when a member lost stake for a vote far from the median, or for none.
    event Penalised(uint256 indexed dispute, uint256 indexed round, address indexed holder, uint256 amount);

    /// @notice Emitted when a round was counted.
    /// @param ruling The dispute's as it stands now.
    /// @param coherent How many members were coherent.
    /// @param reward What each of them was credited.
    event RoundCounted(
        uint256 indexed dispute,
        uint256 indexed round,
        uint256 ruling,
        uint256 coherent,
        uint256 reward
    );

    /// @notice Emitted when the arbitrable took its ruling.
    event RulingExecuted(uint256 indexed dispute, address indexed arbitrable, uint256 ruling);

    /// @notice Emitted when the arbitrable failed to take its ruling; anyone may try again.
    event RulingFailed(uint256 indexed dispute, address indexed arbitrable, uint256 ruling);

    /// @notice Takes the caller's seat for exactly what it lacks: `seatStake`, or less if the seat was left or lost and
    /// still has stake. An address has one seat at most.
    function takeSeat() external payable;

    /// @notice Gives up the caller's seat. Disputes created after this second don't draw it; older ones may until
    /// they are over, and it has to serve.
    function leaveSeat() external;

    /// @notice Turns the stake of a seat that was left into credit, once no dispute can draw it any more and all panels
    /// that it sits on are counted.
    function releaseStake() external;

    /// @notice Pays out the caller's whole credit.
    function withdraw(address to) external;

    /// @notice Draws the panel of the dispute's present round. For anyone, once the seed block is part of the chain.
    /// @dev If the chain doesn't know the seed block's hash any more, fixes another block instead.
    /// @param header RLP of the seed block's header, whose hash the chain vouches for. The seed is its PREVRANDAO
    /// rather than its hash, which whoever builds the block could choose from as many as it can compute.
    function draw(uint256 dispute, bytes calldata header) external;

    /// @notice Commits the caller's vote in the present round, once.
    /// @param commitment `commitmentOf` vote and salt. Without a salt that nobody can guess it hides nothing.
    function commit(uint256 dispute, bytes32 commitment) external;

    /// @notice Reveals the caller's vote in the present round.
    /// @param vote The seller's share in basis points, 0 to 10,000; or 10,001, a refusal to decide.
    function reveal(uint256 dispute, uint256 vote, bytes32 salt) external;

    /// @notice Counts the present round once its votes are in or its time is over: the ruling, who loses stake, who is
    /// paid. For anyone. `appeal` and `executeRuling` do it too where nobody has.
    function pass(uint256 dispute) external;

    /// @notice Gives the arbitrable its final ruling. For anyone, as often as it takes.
    /// @dev The arbitrable gets a fixed amount of gas, and nothing less. If it fails, this call succeeds nevertheless,
    /// so that the round stays counted.
    function executeRuling(uint256 dispute) external;

    /// @notice Publishes evidence in a dispute. For anyone, until its ruling is final.
    /// @param evidence URI of an ERC-1497 JSON file. Its group is the dispute's id.
    function submitEvidence(uint256 dispute, string calldata evidence) external;

    /// @notice What this Court was deployed with.
    function parameters() external view returns (CourtParameters memory);

    /// @notice Most seconds from a dispute's creation to its final ruling, with both appeals.
    function longestDispute() external view returns (uint256);

    /// @notice What a seat loses for a vote far from the median, or for none, as long as it has that much.
    function penalty() external view returns (uint256);

    /// @notice How many seats are taken.
    function seatCount() external view returns (uint256);

    /// @notice The seat of an address.
    function seatOf(address holder) external view returns (Seat memory);

    /// @notice What an address can withdraw.
    function creditOf(address account) external view returns (uint256);

    /// @notice What nobody will ever get: penalties of panels with nobody to pay them to, and what doesn't divide.
    function burnt() external view returns (uint256);

    /// @notice How many disputes were created; also the highest id. Ids count from 1.
    function disputeCount() external view returns (uint256);

    /// @notice Where a dispute stands, by the clock.
    function stageOf(uint256 dispute) external view returns (Stage);

    /// @notice A dispute.
    function caseOf(uint256 dispute) external view returns (Case memory);

    /// @notice A round of a dispute. Rounds count from 0.
    function roundOf(uint256 dispute, uint256 round) external view returns (Round memory);

    /// @notice The panel of a round, in the order of the draw; empty before it is drawn.
    function panelOf(uint256 dispute, uint256 round) external view returns (Member[] memory);

    /// @notice What a member commits. It counts for this Court, chain, dispute, round and voter only.
    /// @dev Compute it at home: a node that is asked learns vote and salt.
    function commitmentOf(
        uint256 dispute,
        uint256 round,
        address voter,
        uint256 vote,
        bytes32 salt
    ) external view returns (bytes32);
}
