import { Litigant } from "../adapters/chain/litigant.ts";
import { Preflight } from "../adapters/chain/preflight.ts";
import { ReputationClient, verifyReputation } from "../adapters/chain/reputation.ts";
import { connectRpc, type Rpc } from "../adapters/chain/rpc.ts";
import { Sender } from "../adapters/chain/sender.ts";
import type { SettlementChain } from "../adapters/chain/settlement.ts";
import { verifyContracts } from "../adapters/chain/verify-contracts.ts";
import type { Clock } from "../kernel/clock.ts";
import type { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { Journal } from "../ports/journal.ts";
import type { SagaOffice } from "../settlement/saga/office.ts";
import type { AgentConfig } from "./agent-config.ts";
import type { AgentEvent } from "./agent-event.ts";
import { brokenWord } from "./broken-words.ts";
import { type ChainView, openChainView } from "./chain-view.ts";
import { claimCosts, type GasPrices, gasPrices } from "./claim-cost.ts";
import { openCommitting } from "./committing.ts";
import { type FeedbackConfig, rateDeals } from "./deal-feedback.ts";
import { openSettlements } from "./journal.ts";
import type { KeyStore } from "./keys/key-store.ts";
import type { Reporter } from "./reporter.ts";

/** All that an agent has to do with the chain: what it knows of it, and what its wallet does there. */
export interface ChainSide {
  readonly rpc: Rpc;
  readonly chain: SettlementChain;
  readonly remedies: Litigant;
  readonly view: ChainView;
  /** Of settlements, of what was signed for them, and of what was read. */
  readonly journal: Journal;
  /** Asked before money of our side is committed. */
  readonly preflight: Preflight;
  readonly claimCost: SagaOffice["claimCost"];
  readonly gasPrice: GasPrices;
  readonly rate: SagaOffice["rate"];
  /** Sends and reads nothing more; whoever waits for that is told. */
  stop(): Promise<void>;
}

export interface ChainSideOptions {
  readonly clock: Clock;
  readonly reporter: Reporter;
  readonly tell: (event: AgentEvent) => void;
}

/** Connects, and makes sure that the chain and the contracts are those that the configuration means. */
export async function openChainSide(
  config: AgentConfig,
  keyStore: KeyStore,
  { clock, reporter, tell }: ChainSideOptions,
): Promise<ChainSide> {
  const { agent, deployment } = config;
  const onTrouble = (error: ParleyError) => reporter.trouble(error, true);
  const rpc = await connectRpc(config.rpc);
  await verifyContracts(rpc, deployment);
  if (config.feedback !== null) await verifyReputation(rpc, deployment, config.feedback.reputation);
  const journal = openSettlements(config);
  const sender = new Sender(rpc, keyStore.wallet.reveal(), { journal, onTrouble });
  const committing = openCommitting(config, rpc, sender, clock, onTrouble);
  const view = await openChainView({
    ...{ rpc, deployment, clock, journal, live: config.live, pollMs: config.blockPollMs, onTrouble },
    onLost: (error) => reporter.trouble(error, false),
    onEvent: (logged, follower) => {
      const broken = brokenWord(logged, agent, (dealHash) => follower.deal(dealHash));
      if (broken !== null) tell(broken);
    },
  }).catch(async (thrown: unknown) => {
    await journal.close();
    throw thrown;
  });
  const { chain } = committing;
  const gasPrice = gasPrices(rpc, config.prices);
  const rating = (feedback: FeedbackConfig) => {
    const settledIn = (dealHash: Bytes32) => {
      const known = view.follower.deal(dealHash);
      return known?.status === "Settled" ? known.changedAt : null;
    };
    const client = new ReputationClient(rpc, sender, deployment, feedback.reputation, settledIn);
    const onRefused = (error: ParleyError) => reporter.trouble(error);
    return rateDeals({ config: feedback, agent, client, registry: chain, deployment, onRefused });
  };
  return {
    ...{ rpc, chain, view, journal, remedies: new Litigant(rpc, sender, deployment) },
    preflight: new Preflight(rpc, deployment, agent, onTrouble),
    ...{ gasPrice, claimCost: claimCosts(gasPrice) },
    rate: config.feedback === null ? null : rating(config.feedback),
    stop: async () => {
      await view.stop();
      committing.stop();
      await sender.stop();
    },
  };
}
