/** A dispute over a real transcript: what each side would bring, and what the chain would tell. */
import { NodeCrypto } from "../../../../offchain/adapters/crypto/node/crypto.ts";
import { utf8 } from "../../../../offchain/kernel/bytes.ts";
import { sha256 } from "../../../../offchain/kernel/hash.ts";
import type { Bytes32 } from "../../../../offchain/kernel/ids.ts";
import type { DisputeRecord } from "../../../../offchain/ports/dispute-record.ts";
import { checkBundle, type Proven } from "../../../../offchain/settlement/disputes/bundle-check.ts";
import type { Exhibit, Trouble } from "../../../../offchain/settlement/disputes/exhibit.ts";
import { hashDeal } from "../../../../offchain/terms/deal.ts";
import { hashEnvelope } from "../../../../offchain/terms/envelope.ts";
import type { Proposal, Role } from "../../../../offchain/terms/proposal.ts";
import { type Bundle, bundleToJson, type ChainAccount } from "../../../../offchain/transcript/evidence/bundle.ts";
import { DEPLOYMENT, NOW, SETTLEMENT } from "../../../vectors/actors.ts";
import { BUYER, PROPOSAL, Scene, SELLER } from "../../../vectors/scene.ts";

export const AGREED: Bytes32 = `0x${"a9".repeat(32)}`;
export const OTHER: Bytes32 = `0x${"0d".repeat(32)}`;

const DIGESTED: Proposal = { ...PROPOSAL, terms: { ...PROPOSAL.terms, digest: AGREED } };

/** Bargained for and agreed, over terms that name what is handed over by its digest. */
export function agreedScene(proposal: Proposal = DIGESTED): Scene {
  const scene = new Scene(BUYER, SELLER, SETTLEMENT, proposal).introduce();
  scene.offer("opener", 100n);
  scene.accept("responder");
  return scene;
}

export const dealOf = (scene: Scene) => scene.dealAt(100n);

export function bundleOf(scene: Scene, changes: Partial<Bundle> = {}): Bundle {
  return { deployment: DEPLOYMENT, transcript: scene.transcript, beside: [], terms: null, chain: null, ...changes };
}

export function recordOf(scene: Scene, changes: Partial<DisputeRecord> = {}): DisputeRecord {
  const deal = dealOf(scene);
  const accept = scene.responder.messages[1];
  if (accept === undefined) throw new Error("nothing was accepted");
  return {
    ...{
      deployment: DEPLOYMENT,
      deal,
      dealHash: hashDeal(deal),
      transcript: hashEnvelope(SETTLEMENT, accept.envelope),
    },
    ...{ now: NOW + 90_000, status: "Disputed", committedAt: NOW, received: 0n, submissions: [] },
    delivery: { at: NOW + 100, evidence: AGREED },
    claim: { at: NOW + 200, share: 0, evidence: OTHER, rulingUntil: NOW + 700_000 },
    answer: null,
    ...{ referral: null, ruling: null, payout: null },
    ...changes,
  };
}

const ACCOUNT: ChainAccount = {
  asOf: NOW + 90_000,
  opener: { wallet: BUYER.wallet, epoch: 1 },
  responder: { wallet: SELLER.wallet, epoch: 1 },
  position: { status: "Disputed", since: NOW + 200, ours: true },
  committed: null,
  payout: null,
};

export const toBytes = (bundle: Bundle): Uint8Array => utf8.encode(JSON.stringify(bundleToJson(bundle)));

export function check(record: DisputeRecord, bytes: Uint8Array, account: Partial<ChainAccount> = {}): Promise<Proven> {
  return checkBundle(new NodeCrypto(), record, bytes, async () => ({ ...ACCOUNT, ...account }));
}

/** What a side brings, verified. */
export async function exhibit(side: Role | null, record: DisputeRecord, bundle: Bundle): Promise<Exhibit> {
  const bytes = toBytes(bundle);
  const proven = await check(record, bytes);
  return {
    side,
    origin: `${side}'s bundle`,
    filedAt: null,
    hash: sha256(bytes),
    isNamed: false,
    proven,
    trouble: null,
  };
}

/** What a side brings that isn't used. */
export function bad(side: Role, trouble: Partial<Trouble> = {}): Exhibit {
  const usual: Trouble = { code: "EvidenceUnverified", says: "it is forged", isFinal: true };
  return {
    side,
    origin: `${side}'s file`,
    filedAt: null,
    hash: OTHER,
    isNamed: false,
    proven: null,
    trouble: { ...usual, ...trouble },
  };
}
