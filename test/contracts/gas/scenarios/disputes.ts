import { TRANSCRIPT } from "../../fixtures/agreements.ts";
import { ethers } from "../../fixtures/chain.ts";
import { consentToSplit } from "../../fixtures/splits.ts";
import type { World } from "../../fixtures/world.ts";
import { committed, deliver, EVIDENCE, passHours, receipt, type Scenarios, START } from "../scenario.ts";

const FEE = 1_000_000n;

async function disputed(world: World) {
  const arbitrator = await ethers.deployContract("CentralArbitrator", [world.deployer, FEE]);
  const deal = await committed(world, { arbitrator: await arbitrator.getAddress(), maxFee: FEE });
  await deliver(world, deal);
  const dispute = () =>
    receipt(world.settlement.connect(world.buyerWallet).dispute(deal, TRANSCRIPT, 2_000n, EVIDENCE, { value: FEE }));
  const answer = () => receipt(world.settlement.connect(world.sellerWallet).answer(deal, TRANSCRIPT, 9_000n, EVIDENCE));
  const refer = () => receipt(world.settlement.refer(deal, TRANSCRIPT));
  return { arbitrator, deal, dispute, answer, refer };
}

/** A deal that ends otherwise. */
export const disputeScenarios: Scenarios = {
  /** By both wallets. */
  split: {
    async run(world) {
      const deal = await committed(world);
      const until = START * 2;
      const signed = await consentToSplit(world, deal, 60_000_000n, until);
      return await receipt(world.settlement.split(deal, TRANSCRIPT, 60_000_000n, until, ...signed));
    },
  },
  dispute: { run: async (world) => await (await disputed(world)).dispute() },
  answer: {
    async run(world) {
      const { dispute, answer } = await disputed(world);
      await dispute();
      return await answer();
    },
  },
  /** To an arbitrator that stores next to nothing. */
  refer: {
    async run(world) {
      const { dispute, answer, refer } = await disputed(world);
      await dispute();
      await answer();
      return await refer();
    },
  },
  /** With the arbitrator's own part of it. */
  rule: {
    async run(world) {
      const { arbitrator, dispute, answer, refer } = await disputed(world);
      await dispute();
      await answer();
      await refer();
      return await receipt(arbitrator.giveRuling(0n, 3n + 4_000n));
    },
  },
  execute: {
    async run(world) {
      const { arbitrator, deal, dispute, answer, refer } = await disputed(world);
      await dispute();
      await answer();
      await refer();
      await arbitrator.giveRuling(0n, 3n + 4_000n);
      return await receipt(world.settlement.execute(deal, TRANSCRIPT));
    },
  },
  /** Never referred, so that the fee goes back. */
  lapse: {
    async run(world) {
      const { deal, dispute } = await disputed(world);
      await dispute();
      await passHours(240);
      return await receipt(world.settlement.lapse(deal, TRANSCRIPT));
    },
  },
};
