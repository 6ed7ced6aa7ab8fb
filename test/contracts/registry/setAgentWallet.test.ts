import { expect } from "chai";
import type { Signer } from "ethers";
import { setWallet } from "../fixtures/agents.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { registryDomain } from "../fixtures/domains.ts";
import { Manner } from "../fixtures/enums.ts";
import { at, MINUTE } from "../fixtures/time.ts";
import { load, type World } from "../fixtures/world.ts";
import { highS } from "../sessionKey.ts";
import { walletTypes } from "../typedData.ts";

describe("AgentRegistry.setAgentWallet", () => {
  let world: World;
  let now: number;

  beforeEach(async () => {
    world = await load();
    now = await networkHelpers.time.latest();
  });

  /** What `signer` signs to become wallet of the buyer's agent. */
  async function prove(signer: Signer, changes: Partial<Record<"agentId" | "deadline", bigint | number>> = {}) {
    const message = {
      agentId: world.buyer,
      newWallet: await signer.getAddress(),
      owner: world.buyerOwner.address,
      deadline: now + MINUTE,
      ...changes,
    };
    return await signer.signTypedData(await registryDomain(world.registry), walletTypes, message);
  }

  it("given the new wallet's proof, makes it the wallet and ends the epoch", async () => {
    const { registry, buyer, buyerOwner, buyerWallet, stranger } = world;
    const sending = at(now + 10, async () =>
      registry.connect(buyerOwner).setAgentWallet(buyer, stranger, now + MINUTE, await prove(stranger)),
    );
    await expect(sending)
      .to.emit(registry, "EpochEnded")
      .withArgs(buyer, 2n, buyerWallet.address, now + 10);
    await expect(sending)
      .to.emit(registry, "MetadataSet")
      .withArgs(buyer, "agentWallet", "agentWallet", stranger.address.toLowerCase());
    expect(await registry.stateOf(buyer)).to.deep.equal([stranger.address, 3n, 1n, 0n]);
    expect(await registry.ended(buyer, 2n)).to.deep.equal([buyerWallet.address, BigInt(now + 10)]);
    expect(await registry.ended(buyer, 3n)).to.deep.equal([ethers.ZeroAddress, 0n]);
  });

  it("given an approved operator, does it too", async () => {
    const { registry, buyer, buyerOwner, relayer, stranger } = world;
    await registry.connect(buyerOwner).approve(relayer, buyer);
    await registry.connect(relayer).setAgentWallet(buyer, stranger, now + MINUTE, await prove(stranger));
    expect(await registry.getAgentWallet(buyer)).to.equal(stranger.address);
  });

  it("given a contract wallet's consent by ERC-1271, makes it the wallet", async () => {
    const { registry, buyer, buyerOwner, stranger } = world;
    const wallet = await ethers.deployContract("ContractWallet", [stranger]);
    await setWallet(registry, buyerOwner, buyer, stranger, wallet);
    expect(await registry.getAgentWallet(buyer)).to.equal(await wallet.getAddress());
  });

  it("given a contract wallet that doesn't consent, refuses", async () => {
    const { registry, buyer, buyerOwner, stranger } = world;
    const wallet = await ethers.deployContract("ContractWallet", [stranger]);
    await wallet.setManner(Manner.Refusing);
    await expect(setWallet(registry, buyerOwner, buyer, stranger, wallet))
      .to.be.revertedWithCustomError(registry, "BadWalletSignature")
      .withArgs(buyer, await wallet.getAddress());
  });

  it("given an EOA that delegates to code which denies (EIP-7702), takes its key's consent", async () => {
    const { registry, buyer, buyerOwner, stranger } = world;
    const liar = await ethers.deployContract("ContractWallet", [stranger]);
    await networkHelpers.setCode(stranger.address, `0xef0100${(await liar.getAddress()).slice(2)}`);
    const delegated = await ethers.getContractAt("ContractWallet", stranger.address);
    await delegated.setManner(Manner.Refusing);
    await setWallet(registry, buyerOwner, buyer, stranger);
    expect(await registry.getAgentWallet(buyer)).to.equal(stranger.address);
  });

  it("given the wallet and nobody's approval, refuses", async () => {
    const { registry, buyer, buyerWallet, stranger } = world;
    const signature = await prove(stranger);
    await expect(registry.connect(buyerWallet).setAgentWallet(buyer, stranger, now + MINUTE, signature))
      .to.be.revertedWithCustomError(registry, "NotOwnerOrApproved")
      .withArgs(buyer, buyerWallet.address);
  });

  it("given the zero address, refuses", async () => {
    const { registry, buyer, buyerOwner } = world;
    await expect(registry.connect(buyerOwner).setAgentWallet(buyer, ethers.ZeroAddress, now + MINUTE, "0x"))
      .to.be.revertedWithCustomError(registry, "WalletZero")
      .withArgs(buyer);
  });

  it("given the last second of the proof, accepts it", async () => {
    const { registry, buyer, buyerOwner, stranger } = world;
    const signature = await prove(stranger);
    await at(now + MINUTE, () => registry.connect(buyerOwner).setAgentWallet(buyer, stranger, now + MINUTE, signature));
  });

  it("given a second more, refuses", async () => {
    const { registry, buyer, buyerOwner, stranger } = world;
    const signature = await prove(stranger);
    const sending = at(now + MINUTE + 1, () =>
      registry.connect(buyerOwner).setAgentWallet(buyer, stranger, now + MINUTE, signature),
    );
    await expect(sending)
      .to.be.revertedWithCustomError(registry, "ProofExpired")
      .withArgs(now + MINUTE + 1, now + MINUTE);
  });

  it("given a proof of five minutes ahead, accepts it, and of a second more refuses", async () => {
    const { registry, buyer, buyerOwner, stranger } = world;
    const limit = now + 10 + 5 * MINUTE;
    const tooFar = await prove(stranger, { deadline: limit + 1 });
    const refused = at(now + 10, () => registry.connect(buyerOwner).setAgentWallet(buyer, stranger, limit + 1, tooFar));
    await expect(refused)
      .to.be.revertedWithCustomError(registry, "ProofDeadlineTooFar")
      .withArgs(limit + 1, limit);
    const good = await prove(stranger, { deadline: limit + 1 });
    await at(now + 11, () => registry.connect(buyerOwner).setAgentWallet(buyer, stranger, limit + 1, good));
  });

  it("given a proof for another agent, another deadline or another wallet, refuses", async () => {
    const { registry, buyer, buyerOwner, stranger, relayer, seller } = world;
    const proofs = [
      await prove(stranger, { agentId: seller }),
      await prove(stranger, { deadline: now + 2 * MINUTE }),
      await prove(relayer),
      highS(await prove(stranger)),
      "0x",
    ];
    for (const proof of proofs) {
      await expect(registry.connect(buyerOwner).setAgentWallet(buyer, stranger, now + MINUTE, proof))
        .to.be.revertedWithCustomError(registry, "BadWalletSignature")
        .withArgs(buyer, stranger.address);
    }
  });

  it("given a proof made for an earlier owner, refuses", async () => {
    const { registry, buyer, buyerOwner, stranger, relayer } = world;
    const signature = await prove(stranger);
    await registry.connect(buyerOwner).transferFrom(buyerOwner, relayer, buyer);
    await expect(registry.connect(relayer).setAgentWallet(buyer, stranger, now + MINUTE, signature))
      .to.be.revertedWithCustomError(registry, "BadWalletSignature")
      .withArgs(buyer, stranger.address);
  });
});

describe("AgentRegistry.unsetAgentWallet", () => {
  let world: World;

  beforeEach(async () => {
    world = await load();
  });

  it("given the owner, leaves the agent without a wallet and ends the epoch", async () => {
    const { registry, buyer, buyerOwner, buyerWallet } = world;
    const sending = registry.connect(buyerOwner).unsetAgentWallet(buyer);
    await expect(sending).to.emit(registry, "EpochEnded");
    await expect(sending).to.emit(registry, "MetadataSet").withArgs(buyer, "agentWallet", "agentWallet", "0x");
    expect(await registry.stateOf(buyer)).to.deep.equal([ethers.ZeroAddress, 3n, 1n, 0n]);
    expect((await registry.ended(buyer, 2n)).wallet).to.equal(buyerWallet.address);
  });

  it("given anybody else, the wallet included, refuses", async () => {
    const { registry, buyer, buyerWallet, stranger } = world;
    for (const caller of [buyerWallet, stranger]) {
      await expect(registry.connect(caller).unsetAgentWallet(buyer))
        .to.be.revertedWithCustomError(registry, "NotOwnerOrApproved")
        .withArgs(buyer, caller.address);
    }
  });
});
