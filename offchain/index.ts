/**
 * Parley's public API. Everything that is not exported here may change without notice.
 *
 * Browsers: import the parts from `kernel` to `transcript`, and `WebCrypto`; the rest needs Node.
 */

// Implementations of the ports
export { OidcAuthenticator, type OidcOptions } from "./adapters/authenticator/oidc/authenticator.ts";
export { ArbitratorReader } from "./adapters/chain/arbitrator-reader.ts";
export { type BatchOptions, BatchRelay } from "./adapters/chain/batch-relay.ts";
export { ChainBlocks } from "./adapters/chain/blocks.ts";
export { Litigant } from "./adapters/chain/litigant.ts";
export { Preflight } from "./adapters/chain/preflight.ts";
export { type Committer, RemoteRelay } from "./adapters/chain/remote-relay.ts";
export { connectRpc, type Rpc } from "./adapters/chain/rpc.ts";
export { Sender } from "./adapters/chain/sender.ts";
export { SettlementChain } from "./adapters/chain/settlement.ts";
export { ArtifactIntake, type ArtifactIntakeOptions } from "./adapters/connector/artifact/artifact-intake.ts";
export {
  ArtifactServer,
  type ArtifactServerOptions,
  type Offered,
} from "./adapters/connector/artifact/artifact-server.ts";
export { ArtifactSupply } from "./adapters/connector/artifact/artifact-supply.ts";
export type { DealName } from "./adapters/connector/http/deal-path.ts";
export type { Introduce } from "./adapters/connector/http/outward.ts";
export type { HttpListening } from "./adapters/connector/http/server.ts";
export {
  type CallAnswer,
  type CallRequest,
  type CallResult,
  MeterClient,
  type MeterClientOptions,
} from "./adapters/connector/meter/client.ts";
export { type DoorOptions, openDoor } from "./adapters/connector/meter/door.ts";
export { type GateOptions, type Handler, openGate } from "./adapters/connector/meter/gate.ts";
export { type UpstreamOptions, upstreamOf } from "./adapters/connector/meter/upstream.ts";
export { NodeCrypto } from "./adapters/crypto/node/crypto.ts";
export { WebCrypto } from "./adapters/crypto/web/crypto.ts";
export { JetStreamJournal, type JetStreamJournalOptions } from "./adapters/journal/jetstream/journal.ts";
export { MemoryJournal } from "./adapters/journal/memory/journal.ts";
export { SqliteJournal, type SqliteJournalOptions } from "./adapters/journal/sqlite/journal.ts";
export type { Cell, Cells } from "./adapters/leases/cells.ts";
export { JetStreamCells, type JetStreamCellsOptions } from "./adapters/leases/jetstream.ts";
export { CellLeases, type LeasesOptions } from "./adapters/leases/leases.ts";
export { MemoryCells } from "./adapters/leases/memory.ts";
export { FilePersonalVault } from "./adapters/personal-vault/files/vault.ts";
export { SqliteReplayStore } from "./adapters/replay/sqlite/store.ts";
export { type AmqpOptions, AmqpTransport } from "./adapters/transport/amqp/transport.ts";
export type { BrokerOptions } from "./adapters/transport/broker/options.ts";
export type { TransportOptions } from "./adapters/transport/common/options.ts";
export type { TlsOptions } from "./adapters/transport/common/tls.ts";
export type { GrpcOptions } from "./adapters/transport/grpc/options.ts";
export { GrpcTransport } from "./adapters/transport/grpc/transport.ts";
export { MemoryTransport } from "./adapters/transport/memory/transport.ts";
export { MqttTransport } from "./adapters/transport/mqtt/transport.ts";
export { NatsTransport } from "./adapters/transport/nats/transport.ts";
export type { WebSocketOptions } from "./adapters/transport/websocket/options.ts";
export { WebSocketTransport } from "./adapters/transport/websocket/transport.ts";
export { FileWitness } from "./adapters/witness/file.ts";
// Several nodes with one journal
export { StreamOwnership, type StreamOwnershipOptions } from "./coordination/stream-ownership.ts";
export type { Wanted } from "./dealing/brief.ts";
// Bargaining
export { CachedArbitrators } from "./dealing/cached-arbitrators.ts";
export { Dealer, type DealerOptions, type Intent } from "./dealing/dealer.ts";
export type { Engagement, Respond } from "./dealing/invitation.ts";
export type { Session } from "./dealing/session.ts";
export type { Agreed, Effect, Ended, Event, State, Step } from "./dealing/state.ts";
export { transition } from "./dealing/transition.ts";
// Who speaks, and what was said
export { agentName, agentNamed } from "./identity/agent-name.ts";
export type { CacheOptions } from "./identity/answers.ts";
export { AgentTokens, ClientCertificates, Several } from "./identity/authentication/authenticators.ts";
export { CachedRegistry } from "./identity/cached-registry.ts";
export { CachedStakes } from "./identity/cached-stakes.ts";
export { type AgentCard, type CardInterface, parseCard, readCard } from "./identity/card/agent-card.ts";
export { type CardSigning, signCard } from "./identity/card/sign.ts";
export { type CardContext, type VerifiedCard, verifyCard } from "./identity/card/verify.ts";
export { CertificateVerifier, issueCertificate, type Validity } from "./identity/certificate.ts";
export { jwksOf } from "./identity/es256.ts";
export { type Act, actOf } from "./identity/mandate/act.ts";
export { delegateMandate, issueMandate } from "./identity/mandate/credential.ts";
export type { MandateTerms } from "./identity/mandate/document.ts";
export { CONSTRAINT_TYPES } from "./identity/mandate/rules.ts";
export { type MandateContext, type VerifiedMandate, verifyMandate } from "./identity/mandate/verify.ts";
export { signReading, verifyReading } from "./identity/reading.ts";
export { type Schedule, SessionKeys, type SessionKeysOptions } from "./identity/session-keys.ts";
export { fixedKey, type SigningKeys } from "./identity/signing-keys.ts";
export { ReplayGuard, type ReplayGuardOptions } from "./identity/token/replay-guard.ts";
export { issueToken, type TokenRequest } from "./identity/token/token.ts";
export { TokenVerifier, type TokenVerifierOptions } from "./identity/token/token-verifier.ts";
export { localWallet, type Wallet } from "./identity/wallet.ts";
// Basics
export type { Hex } from "./kernel/bytes.ts";
export { fromHex, toHex } from "./kernel/bytes.ts";
export type { Clock } from "./kernel/clock.ts";
export { SimulatedClock } from "./kernel/clock.ts";
export { ParleyError } from "./kernel/errors.ts";
export type { Address, AgentId, Bytes32 } from "./kernel/ids.ts";
export type { Amount } from "./kernel/money.ts";
export { formatAmount, parseAmount } from "./kernel/money.ts";
export type { Entropy } from "./kernel/random.ts";
export { SeededEntropy } from "./kernel/random.ts";
export { Secret } from "./kernel/secret.ts";
// Negotiating about anything: scenarios, protocols, strategies, analysis
export { type AnalysisJson, analysisJsonPieces, analysisToJson } from "./negotiation/analysis/analysis-json.ts";
export { type Analysis, type AnalysisOptions, analyze } from "./negotiation/analysis/analyze.ts";
export { type Distances, distancesOf } from "./negotiation/analysis/distance.ts";
export type { Frontier } from "./negotiation/analysis/pareto.ts";
export type { Point, Points } from "./negotiation/analysis/points.ts";
export { referenceOf } from "./negotiation/analysis/reference.ts";
export { Trace } from "./negotiation/analysis/trace.ts";
export type { Bids, Ranked } from "./negotiation/bids/bids.ts";
export { orderBids } from "./negotiation/bids/order.ts";
export { type GeniusFile, scenarioFromGenius } from "./negotiation/formats/genius-xml.ts";
export { scenarioFromGeniusWeb } from "./negotiation/formats/geniusweb-json.ts";
export { type References, scenarioFromJson } from "./negotiation/formats/scenario-json.ts";
export { type ScenarioJson, scenarioToJson } from "./negotiation/formats/scenario-to-json.ts";
export { generateScenario, type Recipe } from "./negotiation/generate.ts";
export { BayesianModel } from "./negotiation/models/bayesian.ts";
export { FrequencyModel } from "./negotiation/models/frequency.ts";
export type { OpponentModel } from "./negotiation/models/model.ts";
export { modelOfOthers } from "./negotiation/models/others.ts";
export type { Moment, Move } from "./negotiation/move.ts";
export type { ProposedMove } from "./negotiation/price/external.ts";
export type { PriceMove, PriceTurn } from "./negotiation/price/move.ts";
export { decidePrice, type PriceStrategy } from "./negotiation/price/strategy.ts";
export type { Ending, Protocol, Table, Talk, Violation } from "./negotiation/protocols/protocol.ts";
export { PROTOCOLS, protocolNamed } from "./negotiation/protocols/registry.ts";
export { type Shares, sharesForever, sharesWithin } from "./negotiation/protocols/rubinstein.ts";
export { fromHub, linkedParts } from "./negotiation/protocols/settle.ts";
export { type Party, type Scenario, utilitiesOf } from "./negotiation/scenario.ts";
export { negotiate, negotiateLive } from "./negotiation/session.ts";
export type { LiveSetting, Result, Setting, Step as NegotiationStep } from "./negotiation/setting.ts";
export { type Standing, standings } from "./negotiation/standings.ts";
export {
  type Accept,
  type Aim,
  acceptNext,
  compose,
  type Listener,
  type Parts,
  type Pick,
  pickLeast,
} from "./negotiation/strategies/composed.ts";
export {
  type Ask,
  type AskLive,
  type ExternalOptions,
  external,
  externalLive,
  type Proposal as ExternalProposal,
  ProposalQueue,
  type Question,
} from "./negotiation/strategies/external.ts";
export { pickNicest } from "./negotiation/strategies/nicest.ts";
export { STRATEGIES, strategyNamed } from "./negotiation/strategies/registry.ts";
export { ByTheClock } from "./negotiation/strategies/time-dependent.ts";
export type { Bargainer, Fallback, LiveBargainer, LiveStrategy, Seat, Strategy } from "./negotiation/strategy.ts";
export { Arena, type Match, type MatchRecord, type Reference, roundRobin } from "./negotiation/tournament.ts";
export { type Rule, Utility, type Worth } from "./negotiation/utility.ts";
// A whole agent
export { type AgentParts, type RunningAgent, startAgent } from "./node/agent.ts";
export { type AgentConfig, parseAgentConfig } from "./node/agent-config.ts";
export type { AgentEvent } from "./node/agent-event.ts";
export { SystemClock } from "./node/clock.ts";
export type { DisputesConfig, ShelfConfig } from "./node/disputes-config.ts";
export { systemEntropy } from "./node/entropy.ts";
export { type Disclosure, gatherEvidence, negotiationsIn, readAccount } from "./node/evidence.ts";
export { KeyStore, type MakeOptions } from "./node/keys/key-store.ts";
export type { ScryptCost } from "./node/keys/scrypt.ts";
export { PersonalData, type PersonalFact } from "./node/personal-data.ts";
export { type RelayEvent, type RunningRelay, startRelay } from "./node/relay.ts";
export { parseRelayConfig, type RelayConfig } from "./node/relay-config.ts";
export { forgetWhatIsDue, type Retention } from "./node/retention.ts";
export { SteadyClock } from "./node/steady-clock.ts";
export type { TransportConfig } from "./node/transport-config.ts";
export { AnyTransport, type AnyTransportOptions } from "./node/transports.ts";
// Ports, for whoever brings an implementation of their own
export type { ArbitratorFacts, Arbitrators, CourtFacts } from "./ports/arbitrators.ts";
export type { Authenticator, ClientCertificate, Credentials } from "./ports/authenticator.ts";
export type {
  AgentAuthority,
  Archive,
  Chain,
  Deployment,
  EpochEnding,
  EpochEndings,
  Inclusion,
  Ownership,
  Principals,
  Registry,
  Stakes,
} from "./ports/chain.ts";
export type { Clearance, Pending } from "./ports/clearance.ts";
export type { Finding, Intake, Order, Rejection, Supply } from "./ports/connector.ts";
export type { CourtCase, CourtStage, PanelMember } from "./ports/court.ts";
export type { Crypto, PublicKey, SessionSecret, SessionSigner } from "./ports/crypto.ts";
export type { DisputeRecord, Statement, Submission } from "./ports/dispute-record.ts";
export type { EvidenceSource } from "./ports/evidence-source.ts";
export type { Doubt, DoubtCode, Durability, Journal, SharedJournal } from "./ports/journal.ts";
export type { Lease, Leases } from "./ports/leases.ts";
export type { Admission, CallEnding, CallMeter, MeteredCall } from "./ports/metering.ts";
export type { PersonalVault } from "./ports/personal-vault.ts";
export type { ReplayStore } from "./ports/replay-store.ts";
export type { KeptSessionKey, SessionVault } from "./ports/session-vault.ts";
export type { Channel, ChannelListener, Listening, Transport } from "./ports/transport.ts";
export type { Witness } from "./ports/witness.ts";
// Settling
export { claimFrom, type RunningOut } from "./settlement/claiming.ts";
// Disputes, as whoever judges sees them
export { checkBundle, type DealInQuestion, type Proven } from "./settlement/disputes/bundle-check.ts";
export type { Contradiction } from "./settlement/disputes/contradictions.ts";
export type { Exhibit, Trouble } from "./settlement/disputes/exhibit.ts";
export type { Measured } from "./settlement/disputes/measured.ts";
export { type Decision, decide, type Finding as RuleFinding } from "./settlement/disputes/rules.ts";
export { clockOf, type StageClock } from "./settlement/disputes/stage-clock.ts";
export { type CaseSummary, type Deadline, type Position, summarise } from "./settlement/disputes/summary.ts";
export { tell as tellCase } from "./settlement/disputes/telling.ts";
export { scoreOf } from "./settlement/feedback/score.ts";
export { FollowedDeals } from "./settlement/follower/followed-deals.ts";
export { Follower, type FollowerOptions } from "./settlement/follower/follower.ts";
export { type ActGas, type GasPrice, gasCost, MEASURED_GAS } from "./settlement/gas-cost.ts";
export type { History, RecordedDeal } from "./settlement/history.ts";
export {
  type Access,
  accessIn,
  accessProof,
  JUDGING_S,
  objectionToAccess,
  prepaid,
} from "./settlement/metering/access.ts";
export { BuyerMeter, type BuyerMeterOptions, type CallEnd } from "./settlement/metering/buyer-meter.ts";
export { type CallEntry, CallLog } from "./settlement/metering/call-log.ts";
export { type Rate, rateOf } from "./settlement/metering/rate.ts";
export { type ReadingSubject, readingsFrom } from "./settlement/metering/readings.ts";
export { SellerMeter, type Served } from "./settlement/metering/seller-meter.ts";
export { type Breach, isMeasured, type Judgement, judgeLevels, judgeService } from "./settlement/metering/sla.ts";
export {
  type Choice,
  chooseRail,
  costOf,
  type Market,
  onTrust,
  type Payment,
  RAILS,
  type Rail,
  type Trust,
} from "./settlement/rails.ts";
export type { Fact, Memory, Undertaking } from "./settlement/saga/memory.ts";
export type { RunningSaga, SagaOffice } from "./settlement/saga/office.ts";
export type { InDoubt, Outcome } from "./settlement/saga/outcome.ts";
export { type Plan, type Policy, planFor, type Receipt, type Situation, USUAL_POLICY } from "./settlement/saga/plan.ts";
export { Saga } from "./settlement/saga/saga.ts";
export type { Task } from "./settlement/saga/tasks.ts";
export { bookFromJson, bookOf, bookToJson, type TabBook } from "./settlement/tab/book.ts";
export { type Entry, entryPreimage, hashEntry, type SignedEntry } from "./settlement/tab/entry.ts";
export { isEquivocation } from "./settlement/tab/equivocation.ts";
export { examineBook, type GivenCertificate, type TabFindings, type TabSide } from "./settlement/tab/examine.ts";
export { decodeTabMessage, encodeTabMessage, type TabMessage } from "./settlement/tab/message.ts";
export { type Netting, type NettingTimes, nettingOf, nettingProposal } from "./settlement/tab/netting.ts";
export type { TabIdentity } from "./settlement/tab/replay.ts";
export { balanceOf, type Fork, type Held, type Line, roomOf, type TabState } from "./settlement/tab/state.ts";
export { Tab, type TabOptions } from "./settlement/tab/tab.ts";
export { type TabParty, type TabTerms, tabId } from "./settlement/tab/terms.ts";
export { type Agreement, hashAgreement } from "./terms/agreement.ts";
// What is agreed, said and signed
export { agreementToJson, type CarriedAgreement, readAgreement } from "./terms/agreement-json.ts";
export { type Body, hashBody } from "./terms/body.ts";
export { canonicalJson, hashJson, type Json, type JsonObject } from "./terms/canonical-json.ts";
export { type Certificate, hashSessionKey, type SessionKey } from "./terms/certificate.ts";
export { type Deal, hashDeal } from "./terms/deal.ts";
export { type DeliveryProof, evidenceOf, proofFromJson, proofToJson } from "./terms/delivery-proof.ts";
export type { AccessDelivery, ArtifactDelivery, DeliveryTerms, MeterDelivery } from "./terms/delivery-terms.ts";
export { type Domain, domainSeparator, registryDomain, settlementDomain, typedDigest } from "./terms/eip712.ts";
export { type Envelope, envelopePreimage, hashEnvelope, KINDS, type Kind } from "./terms/envelope.ts";
export { decodeEvidenceJson, type EvidenceJson, encodeEvidenceJson } from "./terms/evidence-json.ts";
export { type DealFeedback, encodeFeedback } from "./terms/feedback-file.ts";
export { type Issue, IssueSpace, type Outcome as IssueOutcome } from "./terms/issue-space.ts";
export { decodeMessage, encodeMessage, type Message } from "./terms/message.ts";
export type { Latency, MeterReading } from "./terms/meter-reading.ts";
export { negotiationId, openerHalf } from "./terms/negotiation-id.ts";
export type { Consent, PersonalEntry, PersonalItem, PersonalRecord } from "./terms/personal.ts";
export { type DealTemplate, decodeProposal, encodeProposal, type Proposal, type Role } from "./terms/proposal.ts";
export {
  CATEGORIES,
  type Category,
  compareQuantities,
  compareUnitPrices,
  type PricedQuantity,
  type Quantity,
  UNITS,
  type Unit,
} from "./terms/quantity.ts";
export { REFUSAL_CODES, Refusal, type RefusalCode } from "./terms/refusal.ts";
export {
  categoryId,
  readStandardTerms,
  type ServiceLevel,
  type StandardTerms,
  TERMS_SCHEMA,
  type TermsLine,
} from "./terms/standard-terms.ts";
export { accountOf } from "./transcript/evidence/account.ts";
export { type AttachedReading, readingsIn } from "./transcript/evidence/attached-readings.ts";
export { type Bundle, bundleFromJson, bundleToJson, type ChainAccount } from "./transcript/evidence/bundle.ts";
export type { Discrepancy } from "./transcript/evidence/discrepancies.ts";
export { type Equivocation, equivocationsIn } from "./transcript/evidence/equivocations.ts";
export { examine, type Fault, type Findings, holds, type Speaker } from "./transcript/evidence/examine.ts";
export {
  type ShownTranscript,
  type Transcript,
  type VerifiedTranscript,
  verifyTranscript,
  type WithheldOpen,
} from "./transcript/verify.ts";
