import { CourtReader } from "../adapters/chain/court-reader.ts";
import { DisputeRecords } from "../adapters/chain/dispute-records.ts";
import { NodeCrypto } from "../adapters/crypto/node/crypto.ts";
import { FileSource } from "../adapters/evidence/source.ts";
import { ParleyError } from "../kernel/errors.ts";
import { sha256 } from "../kernel/hash.ts";
import { type Bytes32, ZERO_ADDRESS } from "../kernel/ids.ts";
import type { CourtCase } from "../ports/court.ts";
import type { DisputeRecord } from "../ports/dispute-record.ts";
import { checkBundle, isBundle } from "../settlement/disputes/bundle-check.ts";
import type { CaseSummary } from "../settlement/disputes/summary.ts";
import type { Role } from "../terms/proposal.ts";
import type { AgentConfig } from "./agent-config.ts";
import type { EvidenceConfig } from "./arbitrator-config.ts";
import { type CaseOffice, type GivenFile, openCase } from "./case-file.ts";
import { viewDeal } from "./desk/deal-view.ts";
import { type Desk, openDesk } from "./desk/desk.ts";
import { readAccount } from "./evidence.ts";

/** A party's side of a dispute: looks at it, and checks what it would bring. It works beside the running agent, as the desk does. */
export class DisputeDesk {
  readonly desk: Desk;
  readonly #records: DisputeRecords;
  readonly #office: CaseOffice;

  private constructor(desk: Desk, evidence: EvidenceConfig) {
    const { rpc, chain, config } = desk;
    this.desk = desk;
    this.#records = new DisputeRecords(rpc, config.deployment);
    this.#office = { chain, crypto: new NodeCrypto(), source: new FileSource(evidence) };
  }

  static async open(config: AgentConfig, evidence: EvidenceConfig): Promise<DisputeDesk> {
    return new DisputeDesk(await openDesk(config), evidence);
  }

  /** The deal of our agent whose hash begins so; as `role`, where that is asked for. */
  async find(prefix: string, role: Role | null): Promise<DisputeRecord> {
    const { dealHash, role: own } = await viewDeal(this.desk, prefix);
    if (role === null || own === role) return await this.#records.find(dealHash);
    const { agent } = this.desk.config;
    throw new ParleyError("NotParty", `agent ${agent} is the ${own} of the deal ${dealHash}: this is for its ${role}`, {
      hint: "check the deal's hash, and that --config is of the agent that made the deal",
    });
  }

  async caseOf(prefix: string, given: readonly GivenFile[] = []): Promise<CaseSummary> {
    const record = await this.find(prefix, null);
    return await openCase(this.#office, record, await this.#courtOf(record), given);
  }

  /** The hash of a file that is to be brought. A bundle has to be true, and of this deal; any other file is what it is. */
  async check(record: DisputeRecord, bytes: Uint8Array, mustBeBundle: boolean): Promise<Bytes32> {
    const { chain, crypto } = this.#office;
    if (mustBeBundle || isBundle(bytes)) {
      await checkBundle(crypto, record, bytes, (bundle) => readAccount(chain, crypto, bundle));
    }
    return sha256(bytes);
  }

  /** How the dispute stands at its arbitrator; null where that is no Court of Parley's. */
  async #courtOf({ deal, referral }: DisputeRecord): Promise<CourtCase | null> {
    if (referral === null) return null;
    try {
      return await new CourtReader(this.desk.rpc, deal.arbitrator).find(referral.disputeId);
    } catch (thrown) {
      if (!(thrown instanceof ParleyError) || thrown.code === "ChainUnreachable") throw thrown;
      return null;
    }
  }
}

/** Refuses a dispute that nobody could rule on. One that is there all the same can still lapse. */
export function requireArbitrator({ deal, dealHash }: DisputeRecord): void {
  if (deal.arbitrator !== ZERO_ADDRESS) return;
  throw new ParleyError("ArbitratorMissing", `the deal ${dealHash} names no arbitrator`, {
    hint: "nobody could rule: accept the delivery, or agree on a split with the other side",
  });
}
