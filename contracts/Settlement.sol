// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// solhint-disable func-name-mixedcase

import {IAgentRegistry} from "./interfaces/IAgentRegistry.sol";
import {IEvidence} from "./interfaces/IEvidence.sol";
import {IDeals} from "./interfaces/settlement/IDeals.sol";
import {IExtension} from "./interfaces/settlement/IExtension.sol";
import {Errors} from "./libraries/Errors.sol";
import {Authority} from "./settlement/Authority.sol";
import {Deals} from "./settlement/Deals.sol";
import {Treasury} from "./settlement/Treasury.sol";

/// @title Settlement
/// @notice Deals between agents that hold: treasury, authority and the life of each deal, at one address that nobody
/// administers. Here are the money and what a deal needs that goes well; all else stands in `SettlementExtension`,
/// whose code runs on this contract's storage. See `ISettlement` for the two together.
contract Settlement is Deals, Treasury {
    /// @inheritdoc IDeals
    address public immutable extension;

    /// @notice Deploys a Settlement for the agents of its extension's registry.
    /// @param extension_ The other half of the code. Neither it nor its registry can be exchanged later.
    /// @param metaEvidence Address of the ERC-1497 file that tells arbitrators what these disputes are about.
    constructor(
        IExtension extension_,
        string memory metaEvidence
    ) Authority(extension_.registry(), extension_.verifier()) {
        extension = address(extension_);
        emit IEvidence.MetaEvidence(0, metaEvidence);
    }

    // solhint-disable no-complex-fallback

    /// @notice Runs the extension's code for every function that isn't here.
    fallback() external payable {
        address target = extension;
        assembly {
            calldatacopy(0x00, 0x00, calldatasize())
            let done := delegatecall(gas(), target, 0x00, calldatasize(), 0x00, 0x00)
            returndatacopy(0x00, 0x00, returndatasize())
            if iszero(done) {
                revert(0x00, returndatasize())
            }
            return(0x00, returndatasize())
        }
    }

    // solhint-enable no-complex-fallback

    /// @notice Refuses coin that comes without an agent whose it would be.
    receive() external payable {
        revert Errors.CoinWithoutAgent(msg.sender, msg.value);
    }

    /// @inheritdoc IDeals
    function registry() external view returns (IAgentRegistry) {
        return _registry;
    }

    /// @inheritdoc IDeals
    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _domainSeparatorV4();
    }
}
