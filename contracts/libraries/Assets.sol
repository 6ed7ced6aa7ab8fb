// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {ERC165Checker} from "@openzeppelin/contracts/utils/introspection/ERC165Checker.sol";
import {IHandOver} from "../interfaces/IHandOver.sol";
import {Asset} from "../types/Parcel.sol";
import {Errors} from "./Errors.sol";

/// @title Assets
/// @notice Moves what can be handed over: an ERC-20 and an ERC-721 name the same function, and mean different things.
library Assets {
    using SafeERC20 for IERC20;

    /// @notice Whether a token is an ERC-721. It is asked once, so that a token which says otherwise later can't turn
    /// one into the other.
    function isUnique(address token) internal view returns (bool) {
        if (token.code.length == 0) revert Errors.TokenWithoutCode(token);
        return ERC165Checker.supportsInterface(token, type(IERC721).interfaceId);
    }

    /// @notice Brings the caller's asset here, whole.
    function pull(Asset calldata asset, bool unique) internal {
        if (unique) {
            IERC721(asset.token).transferFrom(msg.sender, address(this), asset.number);
            if (IERC721(asset.token).ownerOf(asset.number) == address(this)) return;
            revert IHandOver.ArrivedTooLittle(asset.token, 0, 1);
        }
        uint256 held = IERC20(asset.token).balanceOf(address(this));
        IERC20(asset.token).safeTransferFrom(msg.sender, address(this), asset.number);
        uint256 arrived = IERC20(asset.token).balanceOf(address(this)) - held;
        if (arrived != 0 && arrived >= asset.number) return;
        revert IHandOver.ArrivedTooLittle(asset.token, arrived, asset.number);
    }

    /// @notice Sends an asset away.
    /// @dev Not `safeTransferFrom`: a receiver that is asked could refuse, or do something else first.
    function push(Asset calldata asset, bool unique, address to) internal {
        if (to == address(this)) revert Errors.RecipientInvalid(to);
        if (unique) IERC721(asset.token).transferFrom(address(this), to, asset.number);
        else IERC20(asset.token).safeTransfer(to, asset.number);
    }
}
