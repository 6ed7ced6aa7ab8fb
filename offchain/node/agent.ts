import { ArbitratorReader } from "../adapters/chain/arbitrator-reader.ts";
import { DisputeRecords } from "../adapters/chain/dispute-records.ts";
import { FaultProofs } from "../adapters/chain/fault-proofs.ts";
import { Holdings } from "../adapters/chain/holdings.ts";
import { NodeCrypto } from "../adapters/crypto/node/crypto.ts";
import { FilePersonalVault } from "../adapters/personal-vault/files/vault.ts";
import { requireArbitrator } from "../dealing/arbitrator.ts";
import { CachedArbitrators } from "../dealing/cached-arbitrators.ts";
import { Dealer } from "../dealing/dealer.ts";
import type { Session } from "../dealing/session.ts";
import { CachedRegistry } from "../identity/cached-registry.ts";
import { CachedStakes } from "../identity/cached-stakes.ts";
import { CertificateVerifier } from "../identity/certificate.ts";
import { SessionKeys } from "../identity/session-keys.ts";
import { isSameKey } from "../identity/signing-keys.ts";
import { issueToken } from "../identity/token/token.ts";
import { localWallet } from "../identity/wallet.ts";
import { ParleyError } from "../kernel/errors.ts";
import { type Bytes32, ZERO_32 } from "../kernel/ids.ts";
import { SeededEntropy } from "../kernel/random.ts";
import type { Clearance } from "../ports/clearance.ts";
import type { Channel, Listening } from "../ports/transport.ts";
import { domainSeparator, settlementDomain } from "../terms/eip712.ts";
import type { Bundle } from "../transcript/evidence/bundle.ts";
import { openAccounts } from "./accounts/open.ts";
import { loadTls, makeAuthenticator } from "./admission.ts";
import type { AgentConfig, OpenConfig } from "./agent-config.ts";
import type { AgentEvent } from "./agent-event.ts";
import { AnswerWatch } from "./answer-watch.ts";
import { certify } from "./certify.ts";
import { openChainSide } from "./chain-side.ts";
import { SystemClock } from "./clock.ts";
import { Connectors } from "./connectors.ts";
import { systemEntropy } from "./entropy.ts";
import { gatherEvidence } from "./evidence.ts";
import { FaultWatch } from "./fault-watch.ts";
import { untilIdle } from "./idle.ts";
import { openJournal } from "./journal.ts";
import type { KeyStore } from "./keys/key-store.ts";
import { objectionToOpening } from "./opening-again.ts";
import { OwnDisputes } from "./own-disputes.ts";
import { Receipts } from "./receipts.ts";
import { Reporter } from "./reporter.ts";
import { respondWith, withoutAccounts } from "./respond.ts";
import { Settling } from "./settling.ts";
import { loadTransportOptions } from "./transport-config.ts";
import { AnyTransport } from "./transports.ts";

/** An agent at work: listening, bargaining, settling. */
export interface RunningAgent {
  /** Where peers connect; null where it doesn't listen. */
  readonly address: string | null;
  readonly dealer: Dealer;
  /** The address by which buyers know what it serves, and where it calls what it bought; null where it does neither. */
  readonly delivery: { readonly serves: string | null; readonly calls: string | null };
  /** Opens a negotiation as the configuration's `open` does, by the rail that fits. */
  open(open: OpenConfig): Promise<Session>;
  /** Resolves once every negotiation that has begun by now is over, on the chain too. */
  idle(): Promise<void>;
  /** All that it holds about a negotiation, by its id or the opener's half of it, with what the chain says: for whoever has to judge. */
  evidence(negotiation: Bytes32): Promise<Bundle>;
  /** Tells everything that was said in every negotiation, as signed frames. */
  tellTranscripts(): void;
  /** Leaves off where it is. The next start takes everything up again from the journal. */
  stop(): Promise<void>;
}

/** What a program that embeds an agent adds to its configuration. */
export interface AgentParts {
  /** Asked in this order before money of a deal is committed, and before our own side is looked at. */
  readonly clearances?: readonly Clearance[];
}

/**
 * Starts an agent as configured, with keys that are open: takes up what its journal holds, listens, and opens what it is
 * told to.
 */
export async function startAgent(
  config: AgentConfig,
  keyStore: KeyStore,
  tell: (event: AgentEvent) => void,
  { clearances = [] }: AgentParts = {},
): Promise<RunningAgent> {
  const { agent, deployment } = config;
  const clock = new SystemClock(() => Date.now() + config.clockSkewMs);
  const reporter = new Reporter(tell, clock);
  const transportOptions = await loadTransportOptions(config.transport);
  const tls = config.tls === null ? null : await loadTls(config.tls);
  const journal = openJournal(config);
  const side = await openChainSide(config, keyStore, { clock, reporter, tell }).catch(async (thrown: unknown) => {
    await journal.close();
    throw thrown;
  });
  const { rpc, chain, remedies, view } = side;
  const crypto = new NodeCrypto();
  const wallet = localWallet(keyStore.wallet.reveal());
  const starting = SessionKeys.start({
    agent,
    settlement: deployment.settlement,
    clock,
    crypto,
    vault: keyStore,
    certify: (key, validity) => certify(chain, wallet, agent, key, validity),
    epoch: async () => (await chain.authority(agent)).epoch,
    report: (thrown) => reporter.trouble(thrown, true),
  });
  const keys = await starting.catch(async (thrown: unknown) => {
    await side.stop();
    await closeStores();
    throw thrown;
  });
  const caching = { clock, maxAgeMs: config.registryMaxAgeMs };
  const certificates = new CertificateVerifier(new CachedRegistry(chain, caching), deployment);
  const admission =
    config.admit === null ? null : makeAuthenticator(config.admit, { deployment, certificates, crypto, clock });
  const recorded = (dealHash: Bytes32) => view.follower.deal(dealHash)?.evidence ?? null;
  const connectors = await Connectors.open(config.deliver, config.intake, {
    ...{
      deployment,
      certificates,
      crypto,
      clock,
      keys,
      introduce,
      history: view.deals,
      journal: side.journal,
      recorded,
    },
    onTrouble: (error) => reporter.trouble(error, true),
  }).catch(async (thrown: unknown) => {
    await keys.stop();
    admission?.close();
    await side.stop();
    await closeStores();
    throw thrown;
  });
  const separator = domainSeparator(settlementDomain(deployment.chainId, deployment.settlement));
  const accounts = await openAccounts(config, {
    ...{ agent, separator, deployment, certificates, crypto, clock, keys, introduce, entropy: systemEntropy },
    ...{ settlements: side.journal, gasPrice: side.gasPrice, tell },
    mandate: (token) => new Holdings(rpc, deployment).mandate(agent, token, ZERO_32),
    chainTime: () => view.deals.time(0),
    sessions: () => dealer.sessions,
    open: (intent) => dealer.open(intent, connect(intent.address)),
    onTrouble: (error, retried) => reporter.trouble(error, retried),
  }).catch(async (thrown: unknown) => {
    await connectors.close();
    await keys.stop();
    admission?.close();
    await side.stop();
    await closeStores();
    throw thrown;
  });
  const receipts = new Receipts();
  const disputes = new OwnDisputes(config.disputes, {
    ...{ chain, litigant: remedies, records: new DisputeRecords(rpc, deployment), crypto, clock, journal },
    ...{ history: view.deals, onTrouble: (error, retried, session) => reporter.trouble(error, retried, session) },
  });
  const faults = new FaultWatch({
    ...{ config: config.settle ? config.faults : null, deployment, crypto, clock, journal, litigant: remedies },
    proofs: new FaultProofs(rpc, deployment),
    onVerdict: (session, verdict) => reporter.fault(session, verdict),
    onTrouble: (thrown, session) => reporter.trouble(thrown, undefined, session),
  });
  const settling = new Settling({
    ...{ config, side, clearances, clock, reporter },
    means: { connectors, accounts, receipts, disputes, recorded },
    onOver: (session, bound) => {
      dealer.release(session, bound);
      accounts?.noticeOver(session, bound);
    },
    onKeysInUse: (inUse) => keys.release((key) => inUse.some((one) => isSameKey(one, key))),
  });
  const transport = new AnyTransport({
    ...transportOptions,
    report: (error) => reporter.trouble(error),
    webSocket: {
      tls,
      authenticator: admission?.authenticator ?? null,
      authorize: config.introduce ? introduce : null,
    },
  });
  const connections = new Map<string, Channel>();
  const answers = new AnswerWatch(clock, (error, session) => reporter.trouble(error, true, session));

  const usual = config.respond && respondWith(config.respond, connectors, () => clock.now());
  const respond = accounts?.respondBefore(usual) ?? withoutAccounts(usual);
  const arbitrators = new CachedArbitrators(new ArbitratorReader(rpc), { clock });
  const dealer = new Dealer({
    agent,
    separator,
    keys,
    certificates,
    stakes: new CachedStakes(chain, caching),
    arbitrators,
    clock,
    crypto,
    entropy: config.seed === null ? systemEntropy : new SeededEntropy(config.seed),
    journal,
    personal: config.personal === null ? null : new FilePersonalVault(config.personal),
    paceMs: config.paceMs,
    ...(respond === null ? {} : { respond }),
    observe: (session, event, effects) => {
      if (event.type === "opened" || event.type === "invited") takeUp(session);
      receipts.notice(session, event);
      faults.consider(session);
      accounts?.notice(session);
      reporter.said(session, event, effects);
    },
    onRefused: (peer, reason) => reporter.refused(peer, reason),
    onDisclosed: (session) => reporter.personalData(session),
    fail: (session, thrown) => reporter.trouble(thrown, undefined, session),
  });

  let listening: Listening | null = null;
  try {
    await begin();
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return {
    address: addressOf(listening),
    dealer,
    delivery: { serves: connectors.serves, calls: connectors.calls },
    open: openBy,
    idle: async () => {
      await untilIdle(
        () => [...settling.carried, ...(accounts?.debts ?? [])],
        () => dealer.nextPosting(),
      );
      await faults.idle();
    },
    evidence: (negotiation) => {
      const half = dealer.session(negotiation)?.state.half ?? negotiation;
      return gatherEvidence(journal, deployment, half, { proposal: true, terms: true }, chain, crypto);
    },
    tellTranscripts: () => {
      for (const session of dealer.sessions) reporter.transcript(session).catch((thrown) => reporter.trouble(thrown));
    },
    stop,
  };

  async function begin(): Promise<void> {
    // What the journal holds comes first: a peer that speaks before we remember it would be taken for a new one.
    const count = (await journal.streams()).length;
    const recovered = await dealer.recover(connect);
    for (const session of recovered) {
      reporter.recovered(session);
      faults.consider(session);
      takeUp(session);
    }
    if (config.listen !== null) listening = await transport.listen(config.listen, dealer.listener);
    const address = addressOf(listening);
    const { serves, calls } = connectors;
    if (serves !== null || calls !== null) tell({ event: "delivery", serves, calls });
    accounts?.begin();
    tell({ event: "ready", agent: config.agent.toString(), pid: process.pid, address });
    if (config.open === null) return;
    const objection = objectionToOpening(config.open, { count, recovered }, clock.now());
    if (objection !== null) return reporter.openSkipped(objection);
    await openBy(config.open).catch(leaveUnfit);
  }

  /** What was begun before goes on: only this isn't opened. */
  function leaveUnfit(thrown: unknown): void {
    if (!(thrown instanceof ParleyError) || thrown.code !== "ArbitratorUnfit") throw thrown;
    reporter.trouble(thrown, false);
    reporter.openSkipped({ because: thrown.message, hint: thrown.hint ?? "" });
  }

  async function openBy(open: OpenConfig): Promise<Session> {
    // Before anybody is called, or a rail is told.
    await requireArbitrator(arbitrators, open.proposal.deal);
    const routed = (await accounts?.route(open)) ?? open;
    return await dealer.open(routed, connect(routed.address));
  }

  async function stop(): Promise<void> {
    settling.stop();
    faults.stop();
    answers.stop();
    accounts?.stop();
    await connectors.close();
    for (const channel of connections.values()) channel.close();
    await listening?.close();
    await dealer.stop();
    await keys.stop();
    admission?.close();
    await side.stop();
    await settling.halted();
    await accounts?.close();
    await closeStores();
  }

  async function closeStores(): Promise<void> {
    await side.journal.close();
    await journal.close();
  }

  /** Shows a peer who we are, by a token that is for its address only. */
  async function introduce(address: string): Promise<string> {
    const now = Math.floor(clock.now() / 1000);
    return `Bearer ${await issueToken(keys, deployment, systemEntropy, { agent, audience: address, now })}`;
  }

  /** One connection for each peer, however many negotiations run over it. */
  function connect(address: string): Channel {
    const known = connections.get(address);
    if (known) return known;
    const channel = transport.connect(address, dealer.listener);
    connections.set(address, channel);
    return channel;
  }

  function takeUp(session: Session): void {
    reporter.takenUp(session);
    answers.watch(session);
    void session.settled.then((state) => reporter.concluded(session, state, config.settle));
    settling.takeUp(session);
  }
}

function addressOf(listening: Listening | null): string | null {
  return listening?.address ?? null;
}
