import { DisputeRecords } from "../adapters/chain/dispute-records.ts";
import { FaultProofs } from "../adapters/chain/fault-proofs.ts";
import { Litigant } from "../adapters/chain/litigant.ts";
import { Preflight } from "../adapters/chain/preflight.ts";
import { ReputationClient, verifyReputation } from "../adapters/chain/reputation.ts";
import { connectRpc } from "../adapters/chain/rpc.ts";
import { Sender } from "../adapters/chain/sender.ts";
import { verifyContracts } from "../adapters/chain/verify-contracts.ts";
import { NodeCrypto } from "../adapters/crypto/node/crypto.ts";
import { FilePersonalVault } from "../adapters/personal-vault/files/vault.ts";
import { Dealer } from "../dealing/dealer.ts";
import { mayBind } from "../dealing/intents.ts";
import type { Session } from "../dealing/session.ts";
import { CachedRegistry } from "../identity/cached-registry.ts";
import { CachedStakes } from "../identity/cached-stakes.ts";
import { CertificateVerifier } from "../identity/certificate.ts";
import { SessionKeys } from "../identity/session-keys.ts";
import { isSameKey } from "../identity/signing-keys.ts";
import { issueToken } from "../identity/token/token.ts";
import { localWallet } from "../identity/wallet.ts";
import { within } from "../kernel/clock.ts";
import type { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import { SeededEntropy } from "../kernel/random.ts";
import type { Inclusion } from "../ports/chain.ts";
import type { Clearance } from "../ports/clearance.ts";
import type { Channel, Listening } from "../ports/transport.ts";
import { findRecorded, watchForCommitment } from "../settlement/lookout.ts";
import type { InDoubt } from "../settlement/saga/outcome.ts";
import { USUAL_POLICY } from "../settlement/saga/plan.ts";
import type { Act } from "../settlement/saga/tasks.ts";
import { domainSeparator, settlementDomain } from "../terms/eip712.ts";
import type { Bundle } from "../transcript/evidence/bundle.ts";
import { loadTls, makeAuthenticator } from "./admission.ts";
import type { AgentConfig } from "./agent-config.ts";
import type { AgentEvent } from "./agent-event.ts";
import { AnswerWatch } from "./answer-watch.ts";
import { brokenWord } from "./broken-words.ts";
import { boundBy, carryOut, type Means, tableOf } from "./carry-out.ts";
import { certify } from "./certify.ts";
import { openChainView } from "./chain-view.ts";
import { claimCosts } from "./claim-cost.ts";
import { SystemClock } from "./clock.ts";
import { openCommitting } from "./committing.ts";
import { Connectors } from "./connectors.ts";
import { type FeedbackConfig, rateDeals } from "./deal-feedback.ts";
import { systemEntropy } from "./entropy.ts";
import { gatherEvidence } from "./evidence.ts";
import { FaultWatch } from "./fault-watch.ts";
import { untilIdle } from "./idle.ts";
import { openJournal, openSettlements } from "./journal.ts";
import type { KeyStore } from "./keys/key-store.ts";
import { nameOf } from "./outcome-name.ts";
import { OwnDisputes } from "./own-disputes.ts";
import { Receipts } from "./receipts.ts";
import { Reporter } from "./reporter.ts";
import { respondWith } from "./respond.ts";
import { loadTransportOptions } from "./transport-config.ts";
import { AnyTransport } from "./transports.ts";

/** Most milliseconds between two looks at a deal's record while nothing is heard of it. */
const POLL_MS = 30_000;

/** Milliseconds between two looks at what is on the table. */
const WATCH_MS = 1_000;

/** How long settlements have to come to a halt when the agent stops. */
const LAST_WORDS_MS = 2_000;

/** An agent at work: listening, bargaining, settling. */
export interface RunningAgent {
  /** Where peers connect; null where it doesn't listen. */
  readonly address: string | null;
  readonly dealer: Dealer;
  /** The address by which buyers know what it serves, and where it calls what it bought; null where it does neither. */
  readonly delivery: { readonly serves: string | null; readonly calls: string | null };
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
  const rpc = await connectRpc(config.rpc);
  await verifyContracts(rpc, deployment);
  if (config.feedback !== null) await verifyReputation(rpc, deployment, config.feedback.reputation);
  const settlements = openSettlements(config);
  const sender = new Sender(rpc, keyStore.wallet.reveal(), {
    journal: settlements,
    onTrouble: (error) => reporter.trouble(error, true),
  });
  const committing = openCommitting(config, rpc, sender, clock, (error) => reporter.trouble(error, true));
  const { chain } = committing;
  const remedies = new Litigant(rpc, sender, deployment);
  const claimCost = claimCosts(rpc, config.prices);
  const preflight = new Preflight(rpc, deployment, agent, (error) => reporter.trouble(error, true));
  const view = await openChainView({
    ...{ rpc, deployment, clock, journal: settlements, live: config.live, pollMs: config.blockPollMs },
    onTrouble: (error) => reporter.trouble(error, true),
    onLost: (error) => reporter.trouble(error, false),
    onEvent: (logged, follower) => {
      const broken = brokenWord(logged, agent, (dealHash) => follower.deal(dealHash));
      if (broken !== null) tell(broken);
    },
  });
  const rate = config.feedback === null ? null : rating(config.feedback);
  const crypto = new NodeCrypto();
  const wallet = localWallet(keyStore.wallet.reveal());
  const journal = openJournal(config);
  const stopping = new AbortController();
  const carried = new Map<Session, Promise<void>>();
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
    await closeStores();
    throw thrown;
  });
  const caching = { clock, maxAgeMs: config.registryMaxAgeMs };
  const certificates = new CertificateVerifier(new CachedRegistry(chain, caching), deployment);
  const admission =
    config.admit === null ? null : makeAuthenticator(config.admit, { deployment, certificates, crypto, clock });
  const connectors = await Connectors.open(config.deliver, config.intake, {
    ...{ deployment, certificates, crypto, clock, keys, introduce, history: view.deals, journal: settlements },
    onTrouble: (error) => reporter.trouble(error, true),
  }).catch(async (thrown: unknown) => {
    await keys.stop();
    admission?.close();
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
  const recorded = (dealHash: Bytes32) => view.follower.deal(dealHash)?.evidence ?? null;
  const means: Means = { connectors, receipts, disputes, recorded };
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

  const dealer = new Dealer({
    agent,
    separator: domainSeparator(settlementDomain(deployment.chainId, deployment.settlement)),
    keys,
    certificates,
    stakes: new CachedStakes(chain, caching),
    clock,
    crypto,
    entropy: config.seed === null ? systemEntropy : new SeededEntropy(config.seed),
    journal,
    personal: config.personal === null ? null : new FilePersonalVault(config.personal),
    paceMs: config.paceMs,
    ...(config.respond === null ? {} : { respond: respondWith(config.respond, connectors, () => clock.now()) }),
    observe: (session, event, effects) => {
      if (event.type === "opened" || event.type === "invited") takeUp(session);
      receipts.notice(session, event);
      faults.consider(session);
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
    idle: async () => {
      await untilIdle(
        () => carried.values(),
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
    const isFirstStart = (await journal.streams()).length === 0;
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
    tell({ event: "ready", agent: config.agent.toString(), pid: process.pid, address });
    // Not `recovered`: a negotiation that could not be brought back may bind us, and is no reason to buy twice.
    if (config.open === null) return;
    if (isFirstStart) await dealer.open(config.open, connect(config.open.address));
    else reporter.openSkipped();
  }

  async function stop(): Promise<void> {
    stopping.abort();
    faults.stop();
    answers.stop();
    await connectors.close();
    for (const channel of connections.values()) channel.close();
    await listening?.close();
    await dealer.stop();
    await keys.stop();
    admission?.close();
    await closeStores();
  }

  async function closeStores(): Promise<void> {
    await view.stop();
    committing.stop();
    await sender.stop();
    // They tell what they leave in doubt, and write nothing after. A node that doesn't answer isn't waited for.
    if (config.settle) await within(clock, LAST_WORDS_MS, Promise.allSettled(carried.values()));
    await settlements.close();
    await journal.close();
  }

  function rating(feedback: FeedbackConfig) {
    const client = new ReputationClient(rpc, sender, deployment, feedback.reputation);
    const onRefused = (error: ParleyError) => reporter.trouble(error);
    return rateDeals({ config: feedback, agent, client, registry: chain, deployment, onRefused });
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
    const carrying = (config.settle ? carry(session) : session.settled.then(mayBind)).then(
      async (bound) => {
        await letGo(session);
        if (!stopping.signal.aborted) dealer.release(session, bound);
      },
      (thrown: unknown) => {
        if (stopping.signal.aborted) return;
        reporter.trouble(thrown, undefined, session);
        // What came of it is not known: it has to count as bound.
        dealer.release(session, true);
      },
    );
    carried.set(session, carrying);
  }

  /** What is over needs no key any more, and a key that nothing needs can't be stolen. */
  async function letGo(session: Session): Promise<void> {
    // What was only stopped goes on at the next start, with the key that it began with.
    if (stopping.signal.aborted) return;
    carried.delete(session);
    const inUse = [...carried.keys()].map(({ state }) => state.brief.certificate.key);
    await keys
      .release((key) => inUse.some((one) => isSameKey(one, key)))
      .catch((thrown: unknown) => reporter.trouble(thrown, true));
  }

  /**
   * Follows a negotiation until nothing binds any more: through its agreement, or one that was kept from us. Resolves with whether
   * a deal was made.
   */
  async function carry(session: Session): Promise<boolean> {
    const found = new AbortController();
    const signal = AbortSignal.any([stopping.signal, found.signal]);
    const { deals: history } = view;
    const looking = { history, clock, signal, pollMs: WATCH_MS, finalDepth: config.finalDepth };
    const watched = watchForCommitment(() => tableOf(session), looking);
    const agreed = session.agreed.then((state) => boundBy(session, state));
    const bound = await Promise.race([agreed, watched]);
    found.abort();
    watched.catch(() => undefined);
    if (bound === null) return false;
    const common = {
      ...{ chain, history, clock, remedies, journal: settlements, rate },
      policy: { ...USUAL_POLICY, ...disputes.policy, rates: rate !== null },
      ...{ clearances: [...clearances, preflight], claimCost },
      ...{ pollMs: POLL_MS, finalDepth: config.finalDepth },
    };
    const settling = {
      ...{ signal: stopping.signal, onTrouble: (error: ParleyError) => reporter.trouble(error, true, session) },
      onCommitted: () => {
        reporter.underWay(session);
        session.disclose();
      },
      onInDoubt: (doubt: InDoubt) => reporter.inDoubt(session, doubt),
      onAct: (act: Act, inclusion: Inclusion) => reporter.acted(session, act, inclusion),
    };
    const outcome = await carryOut(session, bound, means, common, settling);
    reporter.outcome(session, outcome);
    const name = nameOf(outcome);
    if (name !== "superseded") return name !== "lapsed";
    // The other side committed another offer of this negotiation. It binds as well as the one that was agreed.
    const other = findRecorded(tableOf(session), history);
    if (other) reporter.outcome(session, await carryOut(session, other, means, common, settling));
    return true;
  }
}

function addressOf(listening: Listening | null): string | null {
  return listening?.address ?? null;
}
