import { expect } from "chai";
import type { Signer } from "ethers";
import { setWallet } from "../fixtures/agents.ts";
import { agree, commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { expectConserved } from "../fixtures/balances.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { escrowOf, makeDeal } from "../fixtures/deals.ts";
import { Manner } from "../fixtures/enums.ts";
import { load, type World } from "../fixtures/world.ts";
import type { Deal } from "../typedData.ts";

describe("Settlement.commit, of wallets with code", () => {
  let world: World;
  let deal: Deal;

  beforeEach(async () => {
    world = await load();
    deal = await makeDeal(world);
  });

  /** Refused for the buyer's signature, made by this key. */
  async function expectRefused(buyerSigner: Signer, wallet: string) {
    const { settlement, buyer } = world;
    await expect(settlement.commit(...(await agree(world, deal, { buyerSigner }))))
      .to.be.revertedWithCustomError(settlement, "BadWalletSignature")
      .withArgs(buyer, wallet);
  }

  describe("given a wallet that is an EOA with code (EIP-7702)", () => {
    it("holds it to its key's signature, whatever the code says", async () => {
      const { settlement, buyerWallet } = world;
      const liar = await ethers.deployContract("ContractWallet", [buyerWallet]);
      const args = await agree(world, deal);
      await networkHelpers.setCode(buyerWallet.address, `0xef0100${(await liar.getAddress()).slice(2)}`);
      const delegated = await ethers.getContractAt("ContractWallet", buyerWallet.address);
      await delegated.setManner(Manner.Refusing);
      expect(await delegated.isValidSignature(TRANSCRIPT, args[2].signature)).to.equal("0xffffffff");
      await settlement.commit(...args);
    });
  });

  describe("given an ERC-1271 wallet", () => {
    let key: Signer;
    let wallet: Awaited<ReturnType<typeof deployWallet>>;

    async function deployWallet() {
      return await ethers.deployContract("ContractWallet", [key]);
    }

    beforeEach(async () => {
      const { registry, buyer, buyerOwner, stranger } = world;
      key = stranger;
      wallet = await deployWallet();
      await setWallet(registry, buyerOwner, buyer, stranger, wallet);
    });

    it("commits what it approves", async () => {
      await commit(world, deal, { buyerSigner: key });
      await expectConserved(world, deal.token, escrowOf(deal));
    });

    it("takes signatures of any length", async () => {
      const { settlement } = world;
      await wallet.setManner(Manner.Approving);
      const [, transcript, buyerAuth, sellerAuth] = await agree(world, deal);
      await settlement.commit(deal, transcript, { ...buyerAuth, signature: `0x${"ab".repeat(777)}` }, sellerAuth);
    });

    for (const manner of ["Refusing", "Reverting", "Short"] as const) {
      it(`refuses what it answers to by ${manner.toLowerCase()}`, async () => {
        await wallet.setManner(Manner[manner]);
        await expectRefused(key, await wallet.getAddress());
      });
    }

    it("refuses a signature of another key", async () => {
      await expectRefused(world.buyerWallet, await wallet.getAddress());
    });

    it("lets it burn no more than a bounded amount of gas", async () => {
      const { settlement, buyer } = world;
      await wallet.setManner(Manner.GasEating);
      const args = await agree(world, deal, { buyerSigner: key });
      await expect(settlement.commit(...args, { gasLimit: 10_000_000n }))
        .to.be.revertedWithCustomError(settlement, "BadWalletSignature")
        .withArgs(buyer, await wallet.getAddress());
      const block = await ethers.provider.getBlock("latest");
      expect(block?.gasUsed).to.be.within(400_000n, 550_000n);
    });

    it("pays for no more than one word of its answer", async () => {
      const { settlement } = world;
      await wallet.setManner(Manner.Flooding);
      const sending = await settlement.commit(...(await agree(world, deal, { buyerSigner: key })));
      expect((await sending.wait())?.gasUsed).to.be.at.most(140_000n);
    });
  });
});
