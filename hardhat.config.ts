import { fileURLToPath } from "node:url";
import toolbox from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { configVariable, defineConfig } from "hardhat/config";

/** The compiler from the package `solc`; the more often a function is said to run, the more size is spent on its gas. */
function compiler(runs: number) {
  return {
    version: "0.8.37",
    path: fileURLToPath(import.meta.resolve("solc/soljson.js")),
    settings: { viaIR: true, evmVersion: "osaka", optimizer: { enabled: true, runs } },
  };
}

export default defineConfig({
  plugins: [toolbox],
  paths: { tests: { mocha: "test/contracts" } },
  // For tests that hang, not for slow ones: a busy machine takes many times as long.
  test: { mocha: { timeout: 300_000 } },
  solidity: {
    compilers: [compiler(1_000_000)],
    // what a deal that goes well never calls: it has to fit into one contract
    overrides: { "contracts/SettlementExtension.sol": compiler(1) },
  },
  networks: {
    // Both variables are asked for when somebody connects, from the environment or Hardhat's keystore.
    sepolia: {
      type: "http",
      chainType: "l1",
      chainId: 11_155_111,
      url: configVariable("SEPOLIA_RPC_URL"),
      accounts: [configVariable("SEPOLIA_PRIVATE_KEY")],
    },
  },
});
