import { fileURLToPath } from "node:url";
import toolbox from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { defineConfig } from "hardhat/config";

export default defineConfig({
  plugins: [toolbox],
  paths: { tests: { mocha: "test/contracts" } },
  solidity: {
    version: "0.8.37",
    path: fileURLToPath(import.meta.resolve("solc/soljson.js")),
    settings: { viaIR: true, evmVersion: "osaka", optimizer: { enabled: true, runs: 1_000_000 } },
  },
});
