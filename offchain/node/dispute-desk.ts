import { CourtReader } from "../adapters/chain/court-reader.ts";
import { DisputeRecords } from "../adapters/chain/dispute-records.ts";
import { Litigant } from "../adapters/chain/litigant.ts";
import { connectRpc, type Rpc } from "../adapters/chain/rpc.ts";
import { Sender } from "../adapters/chain/sender.ts";
import { SettlementChain } from "../adapters/chain/settlement.ts";
import { verifyContracts } from "../adapters/chain/verify-contracts.ts";
import { NodeCrypto } from "../adapters/crypto/node/crypto.ts";
import { FileSource } from "../adapters/evidence/source.ts";
import { toHex, utf8 } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import { sha256 } from "../kernel/hash.ts";
import { type Bytes32, ZERO_ADDRESS } from "../kernel/ids.ts";
import type { CourtCase } from "../ports/court.ts";
import type { DisputeRecord } from "../ports/dispute-record.ts";
import { checkBundle, isBundle } from "../settlement/disputes/bundle-check.ts";
import type { CaseSummary } from "../settlement/disputes/summary.ts";
import { type EvidenceJson, encodeEvidenceJson, LONGEST_URI } from "../terms/evidence-json.ts";
import type { Role } from "../terms/proposal.ts";
import type { AgentConfig } from "./agent-config.ts";
import type { EvidenceConfig } from "./arbitrator-config.ts";
import { type CaseOffice, openCase } from "./case-file.ts";
import { systemEntropy } from "./entropy.ts";
import { readAccount } from "./evidence.ts";
import { openSettlements } from "./journal.ts";
import type { KeyStore } from "./keys/key-store.ts";

type Place = Pick<AgentConfig, "agent" | "rpc" | "deployment" | "journal">;

/** A party's side of a dispute: looks at it, checks what it would bring, and acts with its agent's wallet. */
export class DisputeDesk {
  readonly #config: Place;
  readonly #rpc: Rpc;
  readonly #records: DisputeRecords;
  readonly #office: CaseOffice;

  private constructor(config: Place, rpc: Rpc, evidence: EvidenceConfig) {
    this.#config = config;
    this.#rpc = rpc;
    this.#records = new DisputeRecords(rpc, config.deployment);
    // It only reads: the account is nobody's.
    const chain = new SettlementChain(rpc, new Sender(rpc, toHex(systemEntropy.bytes(32))), config.deployment);
    this.#office = { chain, crypto: new NodeCrypto(), source: new FileSource(evidence) };
  }

  static async open(config: Place, evidence: EvidenceConfig): Promise<DisputeDesk> {
    const rpc = await connectRpc(config.rpc);
    await verifyContracts(rpc, config.deployment);
    return new DisputeDesk(config, rpc, evidence);
  }

  /** The deal, if our agent has a part in it; as `role`, where that is asked for. */
  async find(dealHash: Bytes32, role: Role | null): Promise<DisputeRecord> {
    const record = await this.#records.find(dealHash);
    const { deal } = record;
    const { agent } = this.#config;
    const own = agent === deal.buyer ? "buyer" : agent === deal.seller ? "seller" : null;
    if (own === null || (role !== null && own !== role)) {
      const what = own === null ? "has no part in" : `is the ${own} of`;
      throw new ParleyError(
        "NotParty",
        `agent ${agent} ${what} the deal ${dealHash}${role === null ? "" : `, and this is for its ${role}`}`,
        {
          hint: "check the deal's hash, and that --config is of the agent that made the deal",
        },
      );
    }
    return record;
  }

  async caseOf(dealHash: Bytes32): Promise<CaseSummary> {
    const record = await this.#records.find(dealHash);
    return await openCase(this.#office, record, await this.#courtOf(record));
  }

  /** The hash of a file that is to be brought. A bundle has to be true, and of this deal; any other file is what it is. */
  async check(record: DisputeRecord, bytes: Uint8Array, mustBeBundle: boolean): Promise<Bytes32> {
    const { chain, crypto } = this.#office;
    if (mustBeBundle || isBundle(bytes)) {
      await checkBundle(crypto, record, bytes, (bundle) => readAccount(chain, crypto, bundle));
    }
    return sha256(bytes);
  }

  /** Runs `act` with the agent's wallet. What it signs is journalled where its agent would look for it. */
  async asParty<T>(
    keys: KeyStore,
    act: (litigant: Litigant) => Promise<T>,
    onTrouble: (error: ParleyError) => void,
  ): Promise<T> {
    const journal = openSettlements(this.#config);
    const sender = new Sender(this.#rpc, keys.wallet.reveal(), { journal, onTrouble });
    try {
      return await act(new Litigant(this.#rpc, sender, this.#config.deployment));
    } finally {
      await sender.stop();
      await journal.close();
    }
  }

  /** How the dispute stands at its arbitrator; null where that is no Court of Parley's. */
  async #courtOf({ deal, referral }: DisputeRecord): Promise<CourtCase | null> {
    if (referral === null) return null;
    try {
      return await new CourtReader(this.#rpc, deal.arbitrator).find(referral.disputeId);
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

/** Evidence as it is filed: the JSON itself as an address, so that only the file has to lie somewhere. */
export function evidenceAddress(evidence: EvidenceJson): { readonly json: string; readonly uri: string } {
  const json = encodeEvidenceJson(evidence);
  const uri = `data:application/json;base64,${Buffer.from(utf8.encode(json)).toString("base64")}`;
  if (uri.length <= LONGEST_URI) return { json, uri };
  throw new ParleyError(
    "EvidenceTooLong",
    `the evidence takes ${uri.length} characters, and ${LONGEST_URI} are followed`,
    {
      hint: "shorten the description, or put the JSON somewhere and file its address: --evidence-uri URI",
    },
  );
}
