import { connectRpc } from "../adapters/chain/rpc.ts";
import { Sender } from "../adapters/chain/sender.ts";
import { SettlementChain } from "../adapters/chain/settlement.ts";
import { NodeCrypto } from "../adapters/crypto/node/crypto.ts";
import { MemoryJournal } from "../adapters/journal/memory/journal.ts";
import { SqliteJournal } from "../adapters/journal/sqlite/journal.ts";
import { WebSocketTransport } from "../adapters/transport/websocket/transport.ts";
import { Dealer } from "../dealing/dealer.ts";
import type { Respond } from "../dealing/invitation.ts";
import type { Session } from "../dealing/session.ts";
import { CertificateVerifier, issueCertificate } from "../identity/certificate.ts";
import { localWallet } from "../identity/wallet.ts";
import type { ParleyError } from "../kernel/errors.ts";
import { SeededEntropy } from "../kernel/random.ts";
import type { Chain, Inclusion } from "../ports/chain.ts";
import type { SessionSigner } from "../ports/crypto.ts";
import type { Channel, Listening } from "../ports/transport.ts";
import { findCommitted, watchForCommitment } from "../settlement/lookout.ts";
import type { Act } from "../settlement/settle.ts";
import type { Certificate } from "../terms/certificate.ts";
import { domainSeparator, settlementDomain } from "../terms/eip712.ts";
import { Refusal } from "../terms/refusal.ts";
import type { AgentConfig, RespondConfig } from "./agent-config.ts";
import type { AgentEvent } from "./agent-event.ts";
import { boundBy, carryOut, tableOf } from "./carry-out.ts";
import { SystemClock } from "./clock.ts";
import { systemEntropy } from "./entropy.ts";
import { type AgentKeys, loadKeys } from "./keys.ts";
import { Reporter } from "./reporter.ts";

/** For how long a session key is certified each time its agent starts. */
const CERTIFIED_S = 7 * 24 * 60 * 60;

/** Clocks differ; a certificate begins this long before it is made. */
const LEEWAY_S = 10 * 60;

/** Settlement commits nothing whose `commitBy` lies further ahead. */
const MOST_COMMIT_AHEAD_S = 5 * 24 * 60 * 60;

/** Milliseconds between two looks at the chain while a deal is under way. */
const POLL_MS = 100;

/** Milliseconds between two looks at the chain for a deal that was kept from us. */
const WATCH_MS = 1_000;

/** An agent at work: listening, bargaining, settling. */
export interface RunningAgent {
  /** Where peers connect; null where it doesn't listen. */
  readonly address: string | null;
  readonly dealer: Dealer;
  /** Resolves once every negotiation that has begun by now is over, on the chain too. */
  idle(): Promise<void>;
  /** Tells everything that was said in every negotiation, as signed frames. */
  tellTranscripts(): void;
  /** Leaves off where it is. The next start takes everything up again from the journal. */
  stop(): Promise<void>;
}

/** Starts an agent as configured: takes up what its journal holds, listens, and opens what it is told to. */
export async function startAgent(config: AgentConfig, tell: (event: AgentEvent) => void): Promise<RunningAgent> {
  const keys = await loadKeys(config.keys);
  const rpc = await connectRpc(config.rpc);
  const chain = new SettlementChain(rpc, new Sender(rpc, keys.wallet), config.deployment);
  const clock = new SystemClock();
  const crypto = new NodeCrypto();
  const signer = crypto.sessionSigner(keys.session);
  const certificate = await certify(config, keys, chain, signer, Math.floor(clock.now() / 1000));
  const journal = config.journal === ":memory:" ? new MemoryJournal() : new SqliteJournal(config.journal);
  const reporter = new Reporter(tell);
  const transport = new WebSocketTransport({ report: (error) => reporter.trouble(error) });
  const stopping = new AbortController();
  const carried = new Set<Promise<void>>();
  const connections = new Map<string, Channel>();

  const dealer = new Dealer({
    agent: config.agent,
    separator: domainSeparator(settlementDomain(config.deployment.chainId, config.deployment.settlement)),
    certificate,
    certificates: new CertificateVerifier(chain, config.deployment),
    clock,
    crypto,
    entropy: config.seed === null ? systemEntropy : new SeededEntropy(config.seed),
    journal,
    paceMs: config.paceMs,
    signer,
    ...(config.respond === null ? {} : { respond: respondWith(config.respond, () => clock.now()) }),
    observe: (session, event, effects) => {
      if (event.type === "opened" || event.type === "invited") takeUp(session);
      reporter.said(session, event, effects);
    },
    fail: (_session, thrown) => reporter.trouble(thrown),
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
    idle: async () => {
      await Promise.all(carried);
    },
    tellTranscripts: () => {
      for (const session of dealer.sessions) reporter.transcript(session);
    },
    stop,
  };

  async function begin(): Promise<void> {
    // What the journal holds comes first: a peer that speaks before we remember it would be taken for a new one.
    const isFirstStart = (await journal.streams()).length === 0;
    const recovered = await dealer.recover(connect);
    for (const session of recovered) {
      reporter.recovered(session);
      takeUp(session);
    }
    if (config.listen !== null) listening = await transport.listen(config.listen, dealer.listener);
    const address = addressOf(listening);
    tell({ event: "ready", agent: config.agent.toString(), pid: process.pid, address });
    // Not `recovered`: a negotiation that could not be brought back may bind us, and is no reason to buy twice.
    if (config.open !== null && isFirstStart) {
      await dealer.open(config.open, connect(config.open.address));
    }
  }

  async function stop(): Promise<void> {
    stopping.abort();
    for (const channel of connections.values()) channel.close();
    await listening?.close();
    await dealer.stop();
    await journal.close();
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
    void session.settled.then((state) => reporter.concluded(session, state));
    const carrying = (config.settle ? carry(session) : session.settled.then(() => undefined)).catch(
      (thrown: unknown) => {
        if (!stopping.signal.aborted) reporter.trouble(thrown);
      },
    );
    carried.add(carrying);
    void carrying.then(() => {
      carried.delete(carrying);
      if (!stopping.signal.aborted) dealer.release(session);
    });
  }

  /** Follows a negotiation until nothing binds any more: through its agreement, or one that was kept from us. */
  async function carry(session: Session): Promise<void> {
    const found = new AbortController();
    const signal = AbortSignal.any([stopping.signal, found.signal]);
    const looking = { chain, clock, signal, onTrouble: (error: ParleyError) => reporter.trouble(error, true) };
    const watched = watchForCommitment(() => tableOf(session), { ...looking, pollMs: WATCH_MS });
    const agreed = session.agreed.then((state) => boundBy(session, state));
    const bound = await Promise.race([agreed, watched]);
    found.abort();
    watched.catch(() => undefined);
    if (bound === null) return;
    const settling = {
      ...looking,
      signal: stopping.signal,
      pollMs: POLL_MS,
      onAct: (act: Act, inclusion: Inclusion) => reporter.acted(session, act, inclusion),
    };
    const outcome = await carryOut(session, bound, config.deliver, settling);
    reporter.outcome(session, outcome);
    if (outcome !== "superseded") return;
    // The other side committed another offer of this negotiation. It binds as well as the one that was agreed.
    const other = await findCommitted(bound.deal, tableOf(session).offers, settling);
    if (other) reporter.outcome(session, await carryOut(session, other, config.deliver, settling));
  }
}

function addressOf(listening: Listening | null): string | null {
  return listening?.address ?? null;
}

async function certify(
  { agent, deployment }: AgentConfig,
  keys: AgentKeys,
  chain: Chain,
  { publicKey }: SessionSigner,
  now: number,
): Promise<Certificate> {
  const { epoch } = await chain.authority(agent);
  const validity = { notBefore: now - LEEWAY_S, notAfter: now + CERTIFIED_S, epoch };
  return issueCertificate(localWallet(keys.wallet), deployment, agent, publicKey, validity);
}

/** Agrees only to what leaves both sides a fair chance to keep it. */
function respondWith(config: RespondConfig, now: () => number): Respond {
  const refuse = (reason: string): never => {
    throw new Refusal("ProposalRefused", reason);
  };
  return ({ deal }, role) => {
    if (role !== config.role) refuse(`this agent deals as ${config.role} only`);
    if (deal.token !== config.token) refuse(`payment is in ${config.token} here, not in ${deal.token}`);
    const bond = role === "seller" ? deal.sellerBond : deal.buyerBond;
    if (bond > config.mostBond) refuse(`a bond of ${bond} is over the ${config.mostBond} put up here`);
    if (deal.deliverWithin < config.leastDeliverWithin) {
      refuse(`${deal.deliverWithin} s to deliver are less than ${config.leastDeliverWithin}`);
    }
    if (deal.reviewPeriod === 0) refuse("metered deals are not made here");
    if (deal.reviewPeriod > config.mostReviewPeriod) {
      refuse(`a review of ${deal.reviewPeriod} s is longer than ${config.mostReviewPeriod}`);
    }
    if (deal.commitBy > now() / 1000 + MOST_COMMIT_AHEAD_S) refuse("`commitBy` is more than 5 days ahead");
    return config.strategy;
  };
}
