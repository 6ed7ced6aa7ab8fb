import { setTimeout as pause } from "node:timers/promises";
import { CourtClient } from "../adapters/chain/court.ts";
import { CourtReader } from "../adapters/chain/court-reader.ts";
import { DisputeRecords } from "../adapters/chain/dispute-records.ts";
import { connectRpc, type Rpc } from "../adapters/chain/rpc.ts";
import { Sender } from "../adapters/chain/sender.ts";
import { requireContract, verifyContracts } from "../adapters/chain/verify-contracts.ts";
import { NodeCrypto } from "../adapters/crypto/node/crypto.ts";
import { FileSource } from "../adapters/evidence/source.ts";
import { SqliteJournal } from "../adapters/journal/sqlite/journal.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { CourtCase } from "../ports/court.ts";
import type { DisputeRecord } from "../ports/dispute-record.ts";
import type { CaseSummary } from "../settlement/disputes/summary.ts";
import { Arbitrator } from "./arbitrator.ts";
import type { ArbitratorConfig } from "./arbitrator-config.ts";
import { Ballots } from "./ballots.ts";
import { type CaseOffice, type GivenFile, openCase } from "./case-file.ts";
import { systemEntropy } from "./entropy.ts";
import type { KeyStore } from "./keys/key-store.ts";
import { readerOf } from "./reader.ts";

/** A Court and the Settlement whose deals it judges, to be looked at by anybody. */
export class CourtOffice {
  readonly config: ArbitratorConfig;
  readonly rpc: Rpc;
  readonly reader: CourtReader;
  readonly records: DisputeRecords;
  readonly #cases: CaseOffice;

  private constructor(config: ArbitratorConfig, rpc: Rpc) {
    this.config = config;
    this.rpc = rpc;
    this.reader = new CourtReader(rpc, config.court);
    this.records = new DisputeRecords(rpc, config.deployment, config.fromBlock);
    // It only reads: the account is nobody's.
    const chain = readerOf(rpc, config.deployment);
    this.#cases = { chain, crypto: new NodeCrypto(), source: new FileSource(config.evidence) };
  }

  static async open(config: ArbitratorConfig): Promise<CourtOffice> {
    const rpc = await connectRpc(config.rpc);
    await verifyContracts(rpc, config.deployment);
    await requireContract(rpc, config.court, "`court`");
    const office = new CourtOffice(config, rpc);
    await office.#requireAnswers();
    return office;
  }

  /** Throws unless the contract answers as a Court does: what else it may be, a vote there would be lost. */
  async #requireAnswers(): Promise<void> {
    const { court } = this.config;
    await this.reader.seatStake().catch((thrown: unknown) => {
      if (thrown instanceof ParleyError && thrown.retryable) throw thrown;
      throw new ParleyError("UnverifiedContract", `\`court\`: the contract at ${court} is no Court`, {
        hint: "give the Court's address that the deployment printed",
        cause: thrown,
      });
    });
  }

  /** The case behind one of the Court's disputes; null where it is none of our Settlement's. */
  async caseOf(trial: CourtCase, given: readonly GivenFile[] = []): Promise<CaseSummary | null> {
    const { court, deployment } = this.config;
    const deal = trial.arbitrable === deployment.settlement ? await this.records.dealOf(court, trial.dispute) : null;
    return deal === null ? null : await openCase(this.#cases, await this.records.find(deal), trial, given);
  }

  /** The case of a deal that names this Court. */
  async caseOfDeal(dealHash: Bytes32, given: readonly GivenFile[] = []): Promise<CaseSummary> {
    const record = await this.records.find(dealHash);
    this.#requireCourt(record);
    const { referral } = record;
    const trial = referral === null ? null : await this.reader.find(referral.disputeId);
    return await openCase(this.#cases, record, trial, given);
  }

  #requireCourt({ deal, dealHash }: DisputeRecord): void {
    const { court } = this.config;
    if (deal.arbitrator === court) return;
    throw new ParleyError(
      "ArbitratorNotInDeal",
      `the deal ${dealHash} names the arbitrator ${deal.arbitrator}, not ${court}`,
      {
        hint: "a Court judges only deals that name it; check the deal's hash, and `court` in the configuration",
      },
    );
  }
}

/** Runs `act` as the account whose keys are open. The journal is held for as long as that takes, and no longer. */
export async function asArbitrator<T>(
  { config, rpc, reader }: CourtOffice,
  keys: KeyStore,
  act: (arbitrator: Arbitrator) => Promise<T>,
  onTrouble: (error: ParleyError) => void,
): Promise<T> {
  const journal = await openPatiently(config.journal);
  const sender = new Sender(rpc, keys.wallet.reveal(), { journal, onTrouble });
  try {
    const court = new CourtClient(rpc, sender, config.court);
    return await act(new Arbitrator(court, reader, rpc.chainId, new Ballots(journal), systemEntropy));
  } finally {
    await sender.stop();
    await journal.close();
  }
}

/** How often it is tried, and how long is waited between: another process's look at the Court is soon over. */
const [TRIES, WAIT_MS] = [120, 500];

async function openPatiently(path: string): Promise<SqliteJournal> {
  for (let left = TRIES; ; left--) {
    try {
      return new SqliteJournal(path);
    } catch (thrown) {
      if (!(thrown instanceof ParleyError) || thrown.code !== "JournalLocked" || left === 0) throw thrown;
      await pause(WAIT_MS);
    }
  }
}
