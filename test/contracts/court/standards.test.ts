// The selectors and topics of the ERCs, as others have computed them.
import { expect } from "chai";
import { ethers } from "../fixtures/chain.ts";

const SIGNATURES = {
  IArbitrator: [
    "function createDispute(uint256 _choices, bytes _extraData) payable returns (uint256 disputeID)",
    "function arbitrationCost(bytes _extraData) view returns (uint256 cost)",
    "function appeal(uint256 _disputeID, bytes _extraData) payable",
    "function appealCost(uint256 _disputeID, bytes _extraData) view returns (uint256 cost)",
    "function appealPeriod(uint256 _disputeID) view returns (uint256 start, uint256 end)",
    "function disputeStatus(uint256 _disputeID) view returns (uint8 status)",
    "function currentRuling(uint256 _disputeID) view returns (uint256 ruling)",
    "event DisputeCreation(uint256 indexed _disputeID, address indexed _arbitrable)",
    "event AppealPossible(uint256 indexed _disputeID, address indexed _arbitrable)",
    "event AppealDecision(uint256 indexed _disputeID, address indexed _arbitrable)",
  ],
  IArbitrable: [
    "function rule(uint256 _disputeID, uint256 _ruling)",
    "event Ruling(address indexed _arbitrator, uint256 indexed _disputeID, uint256 _ruling)",
  ],
  IEvidence: [
    "event MetaEvidence(uint256 indexed _metaEvidenceID, string _evidence)",
    "event Evidence(address indexed _arbitrator, uint256 indexed _evidenceGroupID, address indexed _party, string _evidence)",
    "event Dispute(address indexed _arbitrator, uint256 indexed _disputeID, uint256 _metaEvidenceID, uint256 _evidenceGroupID)",
  ],
};

describe("the standards", () => {
  for (const [name, signatures] of Object.entries(SIGNATURES)) {
    it(`${name} is the ERC's, name for name`, async () => {
      const { interface: ours } = await ethers.getContractAt(name, ethers.ZeroAddress);
      expect(ours.format().sort()).to.deep.equal(new ethers.Interface(signatures).format().sort());
    });
  }

  it("the Court has all of IArbitrator", async () => {
    const court = await ethers.getContractAt("Court", ethers.ZeroAddress);
    const { interface: standard } = await ethers.getContractAt("IArbitrator", ethers.ZeroAddress);
    standard.forEachFunction(({ selector }) => expect(court.interface.hasFunction(selector)).to.equal(true));
    standard.forEachEvent(({ topicHash }) => expect(court.interface.hasEvent(topicHash)).to.equal(true));
  });
});
