// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

/// @title OpenCollectible
/// @notice ERC-721 that anyone mints; the odd ones below differ from it in one thing each.
contract OpenCollectible is ERC721 {
    constructor() ERC721("Odd Collectible", "ODDITY") {}

    /// @notice Makes a new token, for anyone.
    function mint(address to, uint256 id) external {
        _mint(to, id);
    }
}

/// @notice Refuses to move while it is stopped.
contract StoppableCollectible is OpenCollectible {
    /// @notice Thrown by every transfer while the token is stopped.
    error Stopped();

    /// @notice Whether it is stopped.
    bool public stopped;

    /// @notice Stops the token or lets it go on.
    function setStopped(bool stopped_) external {
        stopped = stopped_;
    }

    function _update(address to, uint256 id, address auth) internal override returns (address) {
        if (stopped) revert Stopped();
        return super._update(to, id, auth);
    }
}

/// @notice Says nothing against a transfer, and doesn't make it.
contract StillCollectible is OpenCollectible {
    /// @notice As in ERC-721, but for moving nothing.
    function transferFrom(address, address, uint256) public override {}
}

/// @notice Doesn't say by ERC-165 what it is.
contract MuteCollectible is OpenCollectible {
    /// @notice Denies everything.
    function supportsInterface(bytes4) public pure override returns (bool) {
        return false;
    }
}

/// @notice Makes one call of its choice in the middle of each transfer, and fails as that call fails.
contract ReenteringCollectible is OpenCollectible {
    address private _target;
    bytes private _call;

    /// @notice Says what to call.
    function setCall(address target, bytes calldata call_) external {
        _target = target;
        _call = call_;
    }

    function _update(address to, uint256 id, address auth) internal override returns (address from) {
        from = super._update(to, id, auth);
        if (_target == address(0)) return from;
        (bool ok, bytes memory answer) = _target.call(_call);
        if (ok) return from;
        assembly ("memory-safe") {
            revert(add(answer, 0x20), mload(answer))
        }
    }
}
