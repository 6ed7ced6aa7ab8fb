// The whole surface of ERC-8004, as its text names it, against the contracts' own: names, types, what is indexed.
import { expect } from "chai";
import { type Fragment, Interface } from "ethers";
import { ethers } from "./fixtures/chain.ts";

const SURFACE = {
  AgentRegistry: [
    "function register(string agentURI, (string metadataKey, bytes metadataValue)[] metadata) returns (uint256 agentId)",
    "function register(string agentURI) returns (uint256 agentId)",
    "function register() returns (uint256 agentId)",
    "function setAgentURI(uint256 agentId, string newURI)",
    "function getMetadata(uint256 agentId, string metadataKey) view returns (bytes)",
    "function setMetadata(uint256 agentId, string metadataKey, bytes metadataValue)",
    "function setAgentWallet(uint256 agentId, address newWallet, uint256 deadline, bytes signature)",
    "function getAgentWallet(uint256 agentId) view returns (address)",
    "function unsetAgentWallet(uint256 agentId)",
    "function isAuthorizedOrOwner(address spender, uint256 agentId) view returns (bool)",
    "event Registered(uint256 indexed agentId, string agentURI, address indexed owner)",
    "event URIUpdated(uint256 indexed agentId, string newURI, address indexed updatedBy)",
    "event MetadataSet(uint256 indexed agentId, string indexed indexedMetadataKey, string metadataKey, bytes metadataValue)",
  ],
  ReputationRegistry: [
    "function getIdentityRegistry() view returns (address)",
    "function giveFeedback(uint256 agentId, int128 value, uint8 valueDecimals, string tag1, string tag2, string endpoint, string feedbackURI, bytes32 feedbackHash)",
    "function revokeFeedback(uint256 agentId, uint64 feedbackIndex)",
    "function appendResponse(uint256 agentId, address clientAddress, uint64 feedbackIndex, string responseURI, bytes32 responseHash)",
    "function getSummary(uint256 agentId, address[] clientAddresses, string tag1, string tag2) view returns (uint64 count, int128 summaryValue, uint8 summaryValueDecimals)",
    "function readFeedback(uint256 agentId, address clientAddress, uint64 feedbackIndex) view returns (int128 value, uint8 valueDecimals, string tag1, string tag2, bool isRevoked)",
    "function readAllFeedback(uint256 agentId, address[] clientAddresses, string tag1, string tag2, bool includeRevoked) view returns (address[] clients, uint64[] feedbackIndexes, int128[] values, uint8[] valueDecimals, string[] tag1s, string[] tag2s, bool[] revokedStatuses)",
    "function getResponseCount(uint256 agentId, address clientAddress, uint64 feedbackIndex, address[] responders) view returns (uint64 count)",
    "function getClients(uint256 agentId) view returns (address[])",
    "function getLastIndex(uint256 agentId, address clientAddress) view returns (uint64)",
    "event NewFeedback(uint256 indexed agentId, address indexed clientAddress, uint64 feedbackIndex, int128 value, uint8 valueDecimals, string indexed indexedTag1, string tag1, string tag2, string endpoint, string feedbackURI, bytes32 feedbackHash)",
    "event FeedbackRevoked(uint256 indexed agentId, address indexed clientAddress, uint64 indexed feedbackIndex)",
    "event ResponseAppended(uint256 indexed agentId, address indexed clientAddress, uint64 feedbackIndex, address indexed responder, string responseURI, bytes32 responseHash)",
  ],
  ValidationRegistry: [
    "function getIdentityRegistry() view returns (address)",
    "function validationRequest(address validatorAddress, uint256 agentId, string requestURI, bytes32 requestHash)",
    "function validationResponse(bytes32 requestHash, uint8 response, string responseURI, bytes32 responseHash, string tag)",
    "function getValidationStatus(bytes32 requestHash) view returns (address validatorAddress, uint256 agentId, uint8 response, bytes32 responseHash, string tag, uint256 lastUpdate)",
    "function getSummary(uint256 agentId, address[] validatorAddresses, string tag) view returns (uint64 count, uint8 averageResponse)",
    "function getAgentValidations(uint256 agentId) view returns (bytes32[] requestHashes)",
    "function getValidatorRequests(address validatorAddress) view returns (bytes32[] requestHashes)",
    "event ValidationRequest(address indexed validatorAddress, uint256 indexed agentId, string requestURI, bytes32 indexed requestHash)",
    "event ValidationResponse(address indexed validatorAddress, uint256 indexed agentId, bytes32 indexed requestHash, uint8 response, string responseURI, bytes32 responseHash, string tag)",
  ],
} as const;

/** Everything that callers and indexers see of a function or event, but for the name of a sole return value. */
function look(one: Fragment): string {
  return one.format("full").replace(/returns \((\S+) \w+\)/, "returns ($1)");
}

describe("ERC-8004", () => {
  for (const [name, wanted] of Object.entries(SURFACE)) {
    it(`is whole in ${name}`, async () => {
      const contract = await ethers.getContractAt(name, ethers.ZeroAddress);
      const offered = new Set(contract.interface.fragments.map(look));
      const missing = new Interface(wanted).fragments.map(look).filter((one) => !offered.has(one));
      expect(missing).to.deep.equal([]);
    });
  }
});
