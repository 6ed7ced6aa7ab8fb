import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { ethers } from "./fixtures/chain.ts";

const CONTRACTS = [
  "Settlement",
  "SettlementExtension",
  "AgentRegistry",
  "ReputationRegistry",
  "ValidationRegistry",
  "Anchor",
] as const;

/** Text of all contract tests but this one, and but for the model, which names every error to be like the contract. */
function tests(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== "catalogue.test.ts" && name !== "model")
    .map((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? tests(path) : readFileSync(path, "utf8");
    })
    .join("\n");
}

describe("the catalogue of errors", () => {
  const text = tests(import.meta.dirname);

  for (const name of ["Errors", "IRefusals", "IHandOver", "TestToken"] as const) {
    it(`of ${name} is covered: some test names each of them`, async () => {
      const { interface: catalogue } = await ethers.getContractAt(name, ethers.ZeroAddress);
      const missing: string[] = [];
      catalogue.forEachError((error) => {
        const own = !/^(ERC20|ERC2612|ECDSA|Invalid|StringTooLong)/.test(error.name);
        if (own && !text.includes(`"${error.name}"`)) missing.push(error.name);
      });
      expect(missing).to.deep.equal([]);
    });
  }

  it("is complete in the contracts' own ABIs", async () => {
    const abis = await Promise.all(
      CONTRACTS.map(async (name) => (await ethers.getContractAt(name, ethers.ZeroAddress)).interface),
    );
    for (const name of ["Errors", "IRefusals"] as const) {
      const { interface: catalogue } = await ethers.getContractAt(name, ethers.ZeroAddress);
      catalogue.forEachError((error) => {
        const known = abis.map((abi) => abi.getError(error.name)?.selector);
        expect(known, error.name).to.include(error.selector);
      });
    }
  });
});
