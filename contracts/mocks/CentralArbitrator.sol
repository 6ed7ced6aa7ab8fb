// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IArbitrable} from "../interfaces/IArbitrable.sol";
import {IArbitrator} from "../interfaces/IArbitrator.sol";

/// @notice What a `CentralArbitrator` does wrong.
enum Malice {
    /// @dev Nothing.
    None,
    /// @dev `createDispute` returns the id of the dispute before.
    ReusesId,
    /// @dev `createDispute` rules the dispute that it is being asked to create.
    RulesWhileAsked,
    /// @dev `createDispute` wants twice what `arbitrationCost` says.
    RaisesCost,
    /// @dev `giveRuling` rules twice, the second time one higher.
    RulesTwice,
    /// @dev `createDispute` makes the call set by `setCall`, and fails as that call fails.
    Reenters
}

/// @title CentralArbitrator
/// @notice ERC-792 arbitrator of one person, without appeals: the owner sets the cost and gives the rulings. It stands
/// for any foreign arbitrator, and can also misbehave.
contract CentralArbitrator is IArbitrator {
    struct Trial {
        IArbitrable arbitrable;
        uint256 choices;
        uint256 ruling;
        bool ruled;
    }

    /// @notice Thrown when somebody else would act as the owner.
    error NotArbitrator(address caller);

    /// @notice Thrown when less is paid than a dispute costs.
    error CostNotPaid(uint256 actual, uint256 cost);

    /// @notice Thrown when there is no such ruling to give.
    error RulingUnknown(uint256 ruling, uint256 choices);

    /// @notice Thrown when a dispute was ruled before, or doesn't exist.
    error NothingToRule(uint256 dispute);

    /// @notice Thrown by every appeal.
    error AppealUnknown(uint256 dispute);

    address public immutable owner;
    uint256 public cost;
    Malice public malice;

    /// @notice Disputes by id; ids count from 0, as the ERC allows.
    Trial[] public trials;

    /// @notice Extra data of the latest dispute.
    bytes public lastExtraData;

    address private _target;
    bytes private _call;

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotArbitrator(msg.sender);
        _;
    }

    constructor(address owner_, uint256 cost_) {
        owner = owner_;
        cost = cost_;
    }

    /// @notice Sets what a dispute costs from now on.
    function setCost(uint256 cost_) external onlyOwner {
        cost = cost_;
    }

    /// @notice Sets what it does wrong from now on.
    function setMalice(Malice malice_) external onlyOwner {
        malice = malice_;
    }

    /// @notice Sets the call that `Malice.Reenters` makes, and that malice.
    function setCall(address target, bytes calldata call_) external onlyOwner {
        _target = target;
        _call = call_;
        malice = Malice.Reenters;
    }

    /// @notice Gives the ruling of a dispute, once.
    function giveRuling(uint256 dispute, uint256 ruling) external onlyOwner {
        if (dispute >= trials.length || trials[dispute].ruled) revert NothingToRule(dispute);
        Trial storage trial = trials[dispute];
        if (ruling > trial.choices) revert RulingUnknown(ruling, trial.choices);
        trial.ruling = ruling;
        trial.ruled = true;
        trial.arbitrable.rule(dispute, ruling);
        if (malice == Malice.RulesTwice) trial.arbitrable.rule(dispute, ruling + 1);
    }

    /// @notice Gives any ruling of any dispute to any contract, as often as the owner likes.
    function forceRuling(IArbitrable arbitrable, uint256 dispute, uint256 ruling) external onlyOwner {
        arbitrable.rule(dispute, ruling);
    }

    /// @inheritdoc IArbitrator
    function createDispute(uint256 choices, bytes calldata extraData) external payable returns (uint256 dispute) {
        uint256 due = malice == Malice.RaisesCost ? 2 * cost : cost;
        if (msg.value < due) revert CostNotPaid(msg.value, due);
        dispute = trials.length;
        IArbitrable arbitrable = IArbitrable(msg.sender);
        trials.push(Trial({arbitrable: arbitrable, choices: choices, ruling: 0, ruled: false}));
        lastExtraData = extraData;
        emit DisputeCreation(dispute, arbitrable);
        if (malice == Malice.RulesWhileAsked) arbitrable.rule(dispute, 1);
        if (malice == Malice.Reenters) _reenter();
        if (malice == Malice.ReusesId && dispute != 0) --dispute;
    }

    /// @inheritdoc IArbitrator
    function appeal(uint256 dispute, bytes calldata) external payable {
        revert AppealUnknown(dispute);
    }

    /// @inheritdoc IArbitrator
    function arbitrationCost(bytes calldata) external view returns (uint256) {
        return cost;
    }

    /// @inheritdoc IArbitrator
    function appealCost(uint256, bytes calldata) external pure returns (uint256) {
        return type(uint256).max;
    }

    /// @inheritdoc IArbitrator
    function appealPeriod(uint256) external pure returns (uint256 start, uint256 end) {
        return (0, 0);
    }

    /// @inheritdoc IArbitrator
    function disputeStatus(uint256 dispute) external view returns (DisputeStatus) {
        return trials[dispute].ruled ? DisputeStatus.Solved : DisputeStatus.Waiting;
    }

    /// @inheritdoc IArbitrator
    function currentRuling(uint256 dispute) external view returns (uint256) {
        return trials[dispute].ruling;
    }

    function _reenter() private {
        (bool ok, bytes memory answer) = _target.call(_call);
        if (ok) return;
        assembly ("memory-safe") {
            revert(add(answer, 0x20), mload(answer))
        }
    }
}
