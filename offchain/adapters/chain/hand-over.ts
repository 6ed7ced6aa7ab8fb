import { parseAbi } from "viem";
import { ParleyError } from "../../kernel/errors.ts";
import { type Address, type Bytes32, toAddress, ZERO_ADDRESS } from "../../kernel/ids.ts";
import type { Inclusion, SessionProof } from "../../ports/chain.ts";
import type { Deal } from "../../terms/deal.ts";
import { handOverAbi } from "./abis.ts";
import { chainError } from "./errors.ts";
import type { Rpc } from "./rpc.ts";
import type { Sender } from "./sender.ts";
import { actArgs } from "./session-auth.ts";

/** An amount of an ERC-20, or the ERC-721 of this number. */
export interface Asset {
  readonly token: Address;
  readonly number: bigint;
}

export type Side = "buyer" | "seller";

/** Whose an asset is: the contract's enum `Fate`, by number. */
const FATES = ["None", "Open", "Due", "Back", "Handed"] as const;

/** An asset that a side put for a deal. */
export interface Parcel {
  /** The zero address where nothing is put. */
  readonly from: Address;
  /** Unix seconds up to which the deal's settlement hands it over. */
  readonly until: number;
  readonly fate: (typeof FATES)[number];
}

/** For how long an asset is put, and for what of the other side; without that, for the settlement alone. */
export interface PutTerms {
  readonly until: number;
  readonly inReturn?: Asset;
}

/** How long before an asset's time is over a receipt for it should still be given: for a transaction that lingers. */
const MARGIN_S = 600;

/** Seconds for which Settlement takes a receipt after its key's certificate has ended. */
const LIABILITY_S = 86_400;

const NOTHING: Asset = { token: ZERO_ADDRESS, number: 0n };

/** Of ERC-20 and ERC-721 alike, which differ in what they answer. */
const approvalAbi = parseAbi(["function approve(address to, uint256 number)"]);

/** HandOver as one address uses it: assets that change hands when a deal is settled. */
export class HandOverClient {
  readonly #rpc: Rpc;
  readonly #sender: Sender;
  readonly #contract: { readonly address: Address; readonly abi: typeof handOverAbi };

  constructor(rpc: Rpc, sender: Sender, handOver: Address) {
    this.#rpc = rpc;
    this.#sender = sender;
    this.#contract = { address: handOver, abi: handOverAbi };
  }

  /** Lets HandOver fetch an asset of this address, which `put` takes. */
  allow({ token, number }: Asset): Promise<Inclusion> {
    const args = [this.#contract.address, number] as const;
    const call = { address: token, abi: approvalAbi, functionName: "approve", args } as const;
    return this.#sender.send("allowing the asset to be fetched", call);
  }

  /** Puts an asset of this address for the other side, as wallet or owner of `side`. */
  put(deal: Deal, transcript: Bytes32, side: Side, asset: Asset, terms: PutTerms): Promise<Inclusion> {
    const { until, inReturn = NOTHING } = terms;
    const args = [deal, transcript, side === "buyer", asset, inReturn, until] as const;
    return this.#sender.send("putting the asset", { ...this.#contract, functionName: "put", args });
  }

  /**
   * Refuses, before the buyer signs a receipt of the price: an asset of the seller's that isn't put, or not for long enough, and a key
   * whose receipts would still count when the asset is the seller's again.
   */
  async requirePut(deal: Deal, transcript: Bytes32, assets: readonly Asset[], notAfter: number): Promise<void> {
    const now = Number((await this.#read(() => this.#rpc.reads.getBlock())).timestamp);
    for (const asset of assets) {
      const { until, fate } = await this.parcelOf(deal, transcript, "seller", asset);
      const facts = { token: asset.token, number: asset.number.toString(), until, fate };
      if (fate !== "Open") throw new ParleyError("AssetNotPut", `the asset is ${fate}, not put and waiting`, { facts });
      if (now + MARGIN_S > until) {
        const hint = "let the seller put it for longer, or don't pay";
        throw new ParleyError("AssetTimeTooShort", "a payment could come after the asset's time", { facts, hint });
      }
      if (notAfter + LIABILITY_S > until) {
        const hint = "sign the receipt with a key whose certificate ends a day before the asset's time";
        throw new ParleyError("ReceiptOutlivesAsset", "the receipt would count after the asset's time", {
          facts,
          hint,
        });
      }
    }
  }

  /** Pays the whole price by the buyer's receipt and hands over these assets, all or none. Anybody may carry it. */
  exchange(
    deal: Deal,
    transcript: Bytes32,
    receipt: SessionProof,
    assets: { readonly fromSeller?: readonly Asset[]; readonly fromBuyer?: readonly Asset[] },
  ): Promise<Inclusion> {
    const { fromSeller = [], fromBuyer = [] } = assets;
    const args = [deal, transcript, actArgs(receipt), fromSeller, fromBuyer] as const;
    return this.#sender.send("exchanging the assets", { ...this.#contract, functionName: "exchange", args });
  }

  /** Hands an asset of `side` over once it is the other's: to where that one's owner has it sent. Anybody may. */
  take(deal: Deal, transcript: Bytes32, side: Side, asset: Asset): Promise<Inclusion> {
    const args = [deal, transcript, side === "buyer", asset, ZERO_ADDRESS] as const;
    return this.#sender.send("handing the asset over", { ...this.#contract, functionName: "take", args });
  }

  /** Gives `side` back what it put, after its time. Anybody may. */
  takeBack(deal: Deal, transcript: Bytes32, side: Side, asset: Asset): Promise<Inclusion> {
    const args = [deal, transcript, side === "buyer", asset, ZERO_ADDRESS] as const;
    return this.#sender.send("giving the asset back", { ...this.#contract, functionName: "takeBack", args });
  }

  /** What a side put for a deal, and whose it is now. */
  parcelOf(deal: Deal, transcript: Bytes32, side: Side, asset: Asset): Promise<Parcel> {
    return this.#read(async () => {
      const args = [deal, transcript, side === "buyer", asset] as const;
      const [parcel, number] = await this.#rpc.reads.readContract({
        ...this.#contract,
        functionName: "parcelOf",
        args,
      });
      const fate = FATES[number];
      if (fate === undefined) throw new ParleyError("ChainFailed", `fate ${number} is not known`);
      return { from: toAddress(parcel.from), until: parcel.until, fate };
    });
  }

  /** Latest `until` of what is put now. */
  latestUntil(deal: Deal, transcript: Bytes32): Promise<number> {
    return this.#read(async () => {
      const args = [deal, transcript] as const;
      return Number(await this.#rpc.reads.readContract({ ...this.#contract, functionName: "latestUntil", args }));
    });
  }

  async #read<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (thrown) {
      throw chainError(thrown, "reading what is put");
    }
  }
}
