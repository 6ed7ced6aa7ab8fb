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
import { SeededEntropy } from "../kernel/random.ts";
import type { Chain } from "../ports/chain.ts";
import type { SessionSigner } from "../ports/crypto.ts";
import type { Channel } from "../ports/transport.ts";
import type { Certificate } from "../terms/certificate.ts";
import { domainSeparator, settlementDomain } from "../terms/eip712.ts";
import { Refusal } from "../terms/refusal.ts";
import type { AgentConfig, RespondConfig } from "./agent-config.ts";
import type { AgentEvent } from "./agent-event.ts";
import { carryOut } from "./carry-out.ts";
import { SystemClock } from "./clock.ts";
import { systemEntropy } from "./entropy.ts";
import { type AgentKeys, loadKeys } from "./keys.ts";
import { Reporter } from "./reporter.ts";

/** For how long a session key is certified each time its agent starts. */
const CERTIFIED_S = 7 * 24 * 60 * 60;

/** Clocks differ; a certificate begins this long before it is made. */
const LEEWAY_S = 10 * 60;

/** Milliseconds between two looks at the chain while a deal is under way. */
const POLL_MS = 100;

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
  const transport = new WebSocketTransport();
  const reporter = new Reporter(tell);
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
    ...(config.respond === null ? {} : { respond: respondWith(config.respond) }),
    observe: (session, event, effects) => {
      if (event.type === "opened" || event.type === "invited") takeUp(session);
      reporter.said(session, event, effects);
    },
    fail: (_session, thrown) => reporter.trouble(thrown),
  });

  // What the journal holds comes first: a peer that speaks before we remember it would be taken for a new one.
  const recovered = await dealer.recover(connect);
  for (const session of recovered) {
    reporter.recovered(session);
    takeUp(session);
  }
  const listening = config.listen === null ? null : await transport.listen(config.listen, dealer.listener);
  tell({ event: "ready", agent: config.agent.toString(), pid: process.pid, address: listening?.address ?? null });
  if (config.open !== null && recovered.length === 0) {
    await dealer.open(config.open, connect(config.open.address));
  }

  return {
    address: listening?.address ?? null,
    dealer,
    idle: async () => {
      await Promise.all(carried);
    },
    tellTranscripts: () => {
      for (const session of dealer.sessions) reporter.transcript(session);
    },
    stop: async () => {
      stopping.abort();
      for (const channel of connections.values()) channel.close();
      await listening?.close();
      await dealer.stop();
      await journal.close();
    },
  };

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
    const carrying = carry(session).catch((thrown: unknown) => {
      if (!stopping.signal.aborted) reporter.trouble(thrown);
    });
    carried.add(carrying);
    void carrying.then(() => carried.delete(carrying));
  }

  async function carry(session: Session): Promise<void> {
    const state = await session.settled;
    reporter.concluded(session, state);
    if (state.phase === "agreed" && config.settle) {
      const outcome = await carryOut(session, state, config.deliver, {
        chain,
        clock,
        pollMs: POLL_MS,
        signal: stopping.signal,
        onAct: (act, inclusion) => reporter.acted(session, act, inclusion),
      });
      reporter.outcome(session, outcome);
    }
  }
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

function respondWith({ strategy, token, mostBond }: RespondConfig): Respond {
  return (proposal, role) => {
    const { deal } = proposal;
    if (deal.token !== token) throw new Refusal("ProposalRefused", `payment is in ${token} here, not in ${deal.token}`);
    const bond = role === "seller" ? deal.sellerBond : deal.buyerBond;
    if (bond > mostBond) throw new Refusal("ProposalRefused", `a bond of ${bond} is over the ${mostBond} put up here`);
    return strategy;
  };
}
