// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What can be handed over: an amount of an ERC-20, or one ERC-721. Which of the two it is, the token says by
/// ERC-165.
struct Asset {
    address token;
    /// @dev Amount of an ERC-20, id of an ERC-721.
    uint256 number;
}

/// @notice An asset that one side of a deal put.
struct Parcel {
    /// @dev Whose it was, and to whom it goes back; zero if nothing was put.
    address from; // slot 0
    /// @dev Last second at which the deal's settlement hands it over.
    uint40 until; // slot 0
    /// @dev True if it is an ERC-721.
    bool unique; // slot 0
    /// @dev True once it went to the other side.
    bool handed; // slot 0
    /// @dev Place of the other side's asset for which alone it was put; zero if there is none.
    bytes32 inReturn; // slot 1
}

/// @notice Whose an asset is.
enum Fate {
    /// @dev It was never put, or was taken back.
    None,
    /// @dev Not decided: the deal may still be settled in time.
    Open,
    /// @dev The other side's.
    Due,
    /// @dev Again that of whoever put it.
    Back,
    /// @dev The other side has it.
    Handed
}
