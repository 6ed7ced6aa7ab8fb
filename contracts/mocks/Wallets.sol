// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @notice How a `ContractWallet` answers to ERC-1271.
enum Manner {
    Honest,
    Refusing,
    Reverting,
    Short,
    GasEating,
    Flooding,
    Approving
}

/// @title ContractWallet
/// @notice ERC-1271 wallet of one key, which can also misbehave. It executes what its key's address tells it to.
contract ContractWallet is IERC1271 {
    /// @notice Thrown when somebody else would use the wallet.
    error NotKey(address caller);

    address public immutable key;
    Manner public manner;

    constructor(address key_) payable {
        key = key_;
    }

    receive() external payable {}

    /// @notice Changes how the wallet answers.
    function setManner(Manner manner_) external {
        manner = manner_;
    }

    /// @notice Calls another contract as the wallet.
    function execute(address target, uint256 value, bytes calldata data) external payable {
        if (msg.sender != key) revert NotKey(msg.sender);
        _execute(target, value, data);
    }

    /// @notice Makes calls one after the other in one transaction.
    function executeAll(address[] calldata targets, bytes[] calldata data) external {
        for (uint256 i = 0; i < targets.length; ++i) _execute(targets[i], 0, data[i]);
    }

    /// @notice The same for anyone, so that a hostile token can act as the wallet.
    function executeFreely(address target, bytes calldata data) external {
        _execute(target, 0, data);
    }

    function _execute(address target, uint256 value, bytes calldata data) private {
        (bool ok, bytes memory answer) = target.call{value: value}(data);
        if (ok) return;
        assembly ("memory-safe") {
            revert(add(answer, 0x20), mload(answer))
        }
    }

    /// @notice ERC-1271, in the manner set.
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        Manner how = manner;
        if (how == Manner.Refusing) return 0xffffffff;
        if (how == Manner.Approving) return IERC1271.isValidSignature.selector;
        if (how == Manner.Reverting) revert NotKey(msg.sender);
        if (how == Manner.GasEating) for (uint256 i; i < type(uint256).max; ++i) {}
        if (how == Manner.Short) _answer(4);
        if (how == Manner.Flooding) _answer(100_000);
        (address signer, ECDSA.RecoverError err, ) = ECDSA.tryRecover(hash, signature);
        return err == ECDSA.RecoverError.NoError && signer == key ? IERC1271.isValidSignature.selector : bytes4(0);
    }

    /// @dev Right in its first four bytes, wrong in its length.
    function _answer(uint256 length) private pure {
        bytes4 magic = IERC1271.isValidSignature.selector;
        assembly ("memory-safe") {
            let start := mload(0x40)
            mstore(start, magic)
            return(start, length)
        }
    }
}

/// @notice Says yes to everything, unless a call of its choice is let through meanwhile.
contract ReenteringWallet {
    address private _target;
    bytes private _call;

    /// @notice Says what to call.
    function setCall(address target, bytes calldata call_) external {
        _target = target;
        _call = call_;
    }

    /// @notice As in ERC-1271, but for being no view.
    function isValidSignature(bytes32, bytes calldata) external returns (bytes4) {
        if (_target == address(0)) return IERC1271.isValidSignature.selector;
        (bool ok, ) = _target.call(_call);
        return ok ? bytes4(0) : IERC1271.isValidSignature.selector;
    }
}

/// @notice Takes no native coin.
contract Rejecter {}
