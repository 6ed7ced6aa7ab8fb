// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IArbitrator} from "./IArbitrator.sol";

/// @title IEvidence
/// @notice ERC-1497: where those who judge find what a dispute is about. Names and types are the ERC's.
interface IEvidence {
    /// @notice Emitted when the context of disputes is given: what was agreed, what may be ruled.
    /// @param _evidence URI of a JSON file.
    event MetaEvidence(uint256 indexed _metaEvidenceID, string _evidence);

    /// @notice Emitted when evidence is submitted.
    /// @param _party Who submitted it; the zero address stands for nobody in particular.
    /// @param _evidence URI of a JSON file.
    event Evidence(
        IArbitrator indexed _arbitrator,
        uint256 indexed _evidenceGroupID,
        address indexed _party,
        string _evidence
    );

    /// @notice Emitted when a dispute is created, to tie it to its context and to its group of evidence.
    event Dispute(
        IArbitrator indexed _arbitrator,
        uint256 indexed _disputeID,
        uint256 _metaEvidenceID,
        uint256 _evidenceGroupID
    );
}
