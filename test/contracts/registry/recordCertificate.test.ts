import { expect } from "chai";
import { type Signer, TypedDataEncoder } from "ethers";
import type { SessionKeyStruct } from "../../../types/ethers-contracts/AgentRegistry.ts";
import { setWallet } from "../fixtures/agents.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { registryDomain } from "../fixtures/domains.ts";
import { Manner } from "../fixtures/enums.ts";
import { load, type World } from "../fixtures/world.ts";
import { certificateTypes, highS } from "../sessionKey.ts";

describe("AgentRegistry.recordCertificate", () => {
  let world: World;
  let certificate: SessionKeyStruct;

  beforeEach(async () => {
    world = await load();
    certificate = {
      agent: world.buyer,
      settlement: await world.settlement.getAddress(),
      x: ethers.id("x"),
      y: ethers.id("y"),
      notBefore: 1n,
      notAfter: 2n,
      epoch: 2n,
    };
  });

  function hashOf(one: SessionKeyStruct): string {
    return TypedDataEncoder.hashStruct("SessionKey", certificateTypes, one);
  }

  async function sign(signer: Signer, one = certificate): Promise<string> {
    return await signer.signTypedData(await registryDomain(world.registry), certificateTypes, one);
  }

  async function expectRefused(signature: string, wallet: string, one = certificate) {
    const { registry, relayer, buyer } = world;
    await expect(registry.connect(relayer).recordCertificate(one, signature))
      .to.be.revertedWithCustomError(registry, "BadCertificate")
      .withArgs(buyer, wallet);
    expect(await registry.certified(buyer, one.epoch, hashOf(one))).to.equal(false);
  }

  it("given the wallet's signature, records it, whoever carries it", async () => {
    const { registry, relayer, buyer, buyerWallet } = world;
    await expect(registry.connect(relayer).recordCertificate(certificate, await sign(buyerWallet)))
      .to.emit(registry, "CertificateRecorded")
      .withArgs(buyer, 2n, hashOf(certificate));
    expect(await registry.certified(buyer, 2n, hashOf(certificate))).to.equal(true);
  });

  it("records it for that agent, that epoch and those very terms", async () => {
    const { registry, buyer, seller, buyerWallet } = world;
    await registry.recordCertificate(certificate, await sign(buyerWallet));
    expect(await registry.certified(seller, 2n, hashOf(certificate))).to.equal(false);
    expect(await registry.certified(buyer, 1n, hashOf(certificate))).to.equal(false);
    expect(await registry.certified(buyer, 3n, hashOf(certificate))).to.equal(false);
    expect(await registry.certified(buyer, 2n, hashOf({ ...certificate, notAfter: 3n }))).to.equal(false);
  });

  it("given the wallet as the caller, needs no signature", async () => {
    const { registry, buyer, buyerWallet } = world;
    await registry.connect(buyerWallet).recordCertificate(certificate, "0x");
    expect(await registry.certified(buyer, 2n, hashOf(certificate))).to.equal(true);
  });

  it("given the owner as the caller, needs the wallet's signature all the same", async () => {
    const { registry, buyer, buyerOwner, buyerWallet } = world;
    await expect(registry.connect(buyerOwner).recordCertificate(certificate, "0x"))
      .to.be.revertedWithCustomError(registry, "BadCertificate")
      .withArgs(buyer, buyerWallet.address);
  });

  it("given it once more, by whomever and with any signature, changes nothing", async () => {
    const { registry, relayer, buyer, buyerWallet } = world;
    await registry.recordCertificate(certificate, await sign(buyerWallet));
    await expect(registry.connect(relayer).recordCertificate(certificate, "0x")).not.to.emit(
      registry,
      "CertificateRecorded",
    );
    expect(await registry.certified(buyer, 2n, hashOf(certificate))).to.equal(true);
  });

  it("given a signature by another key, over another certificate, or with the higher s, refuses", async () => {
    const { buyerWallet, buyerOwner, sellerWallet } = world;
    const signatures = [
      await sign(buyerOwner),
      await sign(sellerWallet),
      await sign(buyerWallet, { ...certificate, notAfter: 3n }),
      highS(await sign(buyerWallet)),
      "0x",
      `0x${"00".repeat(65)}`,
      `0x${"ff".repeat(10_000)}`,
    ];
    for (const signature of signatures) await expectRefused(signature, buyerWallet.address);
  });

  it("given a signature for another registry, refuses", async () => {
    const { buyerWallet } = world;
    const other = await ethers.deployContract("AgentRegistry");
    await expectRefused(
      await buyerWallet.signTypedData(await registryDomain(other), certificateTypes, certificate),
      buyerWallet.address,
    );
  });

  it("given a certificate of an earlier or later epoch, refuses", async () => {
    const { registry, buyer, buyerWallet } = world;
    for (const epoch of [0n, 1n, 3n]) {
      const other = { ...certificate, epoch };
      await expect(registry.connect(buyerWallet).recordCertificate(other, await sign(buyerWallet, other)))
        .to.be.revertedWithCustomError(registry, "WrongEpoch")
        .withArgs(buyer, epoch, 2n);
    }
  });

  it("given an agent that has no wallet or doesn't exist, refuses", async () => {
    const { registry, buyer, buyerOwner, buyerWallet } = world;
    await registry.connect(buyerOwner).unsetAgentWallet(buyer);
    await expectRefused(await sign(buyerWallet), ethers.ZeroAddress, { ...certificate, epoch: 3n });
    const nobody = { ...certificate, agent: 99n, epoch: 0n };
    await expect(registry.connect(buyerWallet).recordCertificate(nobody, await sign(buyerWallet, nobody)))
      .to.be.revertedWithCustomError(registry, "BadCertificate")
      .withArgs(99n, ethers.ZeroAddress);
  });

  it("revives nothing when the token comes back or the same wallet is set again", async () => {
    const { registry, buyer, buyerOwner, buyerWallet, stranger } = world;
    const signature = await sign(buyerWallet);
    await registry.recordCertificate(certificate, signature);
    await registry.connect(buyerOwner).transferFrom(buyerOwner, stranger, buyer);
    await registry.connect(stranger).transferFrom(stranger, buyerOwner, buyer);
    await setWallet(registry, buyerOwner, buyer, buyerWallet);
    const epoch = await registry.keyEpoch(buyer);
    expect(epoch).to.equal(5n);
    expect(await registry.certified(buyer, epoch, hashOf(certificate))).to.equal(false);
    await expect(registry.recordCertificate(certificate, signature))
      .to.be.revertedWithCustomError(registry, "WrongEpoch")
      .withArgs(buyer, 2n, 5n);
    await expectRefused(signature, buyerWallet.address, { ...certificate, epoch });
  });

  it("stays known after its epoch, for liability", async () => {
    const { registry, buyer, buyerWallet } = world;
    await registry.connect(buyerWallet).recordCertificate(certificate, "0x");
    await registry.connect(buyerWallet).revokeKeys(buyer);
    expect(await registry.certified(buyer, 2n, hashOf(certificate))).to.equal(true);
  });

  describe("given a wallet that is a contract", () => {
    async function useContractWallet() {
      const { registry, buyer, buyerOwner, stranger } = world;
      const wallet = await ethers.deployContract("ContractWallet", [stranger]);
      await setWallet(registry, buyerOwner, buyer, stranger, wallet);
      certificate.epoch = 3n;
      return { wallet, address: await wallet.getAddress() };
    }

    it("records what it consents to by ERC-1271", async () => {
      const { registry, buyer, stranger } = world;
      await useContractWallet();
      await registry.recordCertificate(certificate, await sign(stranger));
      expect(await registry.certified(buyer, 3n, hashOf(certificate))).to.equal(true);
    });

    it("records what it sends itself", async () => {
      const { registry, buyer, stranger } = world;
      const { wallet } = await useContractWallet();
      await wallet.setManner(Manner.Refusing);
      const call = registry.interface.encodeFunctionData("recordCertificate", [certificate, "0x"]);
      await wallet.connect(stranger).execute(registry, 0, call);
      expect(await registry.certified(buyer, 3n, hashOf(certificate))).to.equal(true);
    });

    for (const manner of ["Refusing", "Reverting", "Short", "GasEating"] as const) {
      it(`refuses what it answers to by ${manner.toLowerCase()}`, async () => {
        const { wallet, address } = await useContractWallet();
        await wallet.setManner(Manner[manner]);
        await expectRefused(await sign(world.stranger), address);
      });
    }

    it("keeps what is recorded when it denies it later", async () => {
      const { registry, buyer, stranger } = world;
      const { wallet } = await useContractWallet();
      await registry.recordCertificate(certificate, await sign(stranger));
      await wallet.setManner(Manner.Refusing);
      expect(await registry.certified(buyer, 3n, hashOf(certificate))).to.equal(true);
    });

    it("doesn't let it speak for an agent that isn't its own", async () => {
      const { registry, seller, sellerWallet } = world;
      const { wallet } = await useContractWallet();
      await wallet.setManner(Manner.Approving);
      const other = { ...certificate, agent: seller, epoch: 2n };
      await expect(registry.recordCertificate(other, "0x"))
        .to.be.revertedWithCustomError(registry, "BadCertificate")
        .withArgs(seller, sellerWallet.address);
    });
  });

  it("given an EOA that delegates to code which denies (EIP-7702), records what its key signed", async () => {
    const { registry, buyer, buyerWallet } = world;
    const signature = await sign(buyerWallet);
    const liar = await ethers.deployContract("ContractWallet", [buyerWallet]);
    await networkHelpers.setCode(buyerWallet.address, `0xef0100${(await liar.getAddress()).slice(2)}`);
    const delegated = await ethers.getContractAt("ContractWallet", buyerWallet.address);
    await delegated.setManner(Manner.Refusing);
    await registry.recordCertificate(certificate, signature);
    expect(await registry.certified(buyer, 2n, hashOf(certificate))).to.equal(true);
  });
});
