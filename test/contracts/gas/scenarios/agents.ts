import { agree, TRANSCRIPT } from "../../fixtures/agreements.ts";
import { ethers } from "../../fixtures/chain.ts";
import { fixedDeal, receipt, type Scenarios } from "../scenario.ts";

const URI = "https://agent.example/agent-registration.json";

/** The registries of ERC-8004. */
export const agentScenarios: Scenarios = {
  /** An agent's second registration, without a URI. */
  register: {
    run: ({ registry, buyerOwner }) => receipt(registry.connect(buyerOwner)["register()"]()),
  },
  registerWithURI: {
    run: ({ registry, buyerOwner }) => receipt(registry.connect(buyerOwner)["register(string)"](URI)),
  },
  /** Ten at once; the figure is of each. */
  registerMany: {
    each: 10,
    run: ({ registry, buyerOwner }) => receipt(registry.connect(buyerOwner).registerMany(new Array(10).fill(URI))),
  },
  /** A client's first. */
  giveFeedback: {
    async run({ settlement, seller, stranger }) {
      const reputation = await ethers.deployContract("ReputationRegistry", [settlement]);
      const words = ["starred", "week", "https://agent.example/a2a", "ipfs://feedback"] as const;
      return await receipt(reputation.connect(stranger).giveFeedback(seller, 90n, 0n, ...words, ethers.ZeroHash));
    },
  },
  /** Over a settled deal. */
  giveDealFeedback: {
    async run(world) {
      const { settlement, buyerWallet } = world;
      const reputation = await ethers.deployContract("ReputationRegistry", [settlement]);
      const deal = await fixedDeal(world);
      await settlement.commit(...(await agree(world, deal)));
      await settlement.connect(buyerWallet).accept(deal, TRANSCRIPT);
      const rating = {
        value: 90n,
        valueDecimals: 0n,
        tag1: "starred",
        tag2: "week",
        endpoint: "https://agent.example/a2a",
        feedbackURI: "ipfs://feedback",
        feedbackHash: ethers.ZeroHash,
      };
      return await receipt(reputation.connect(buyerWallet).giveDealFeedback(deal, TRANSCRIPT, rating));
    },
  },
};
