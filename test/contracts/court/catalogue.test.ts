import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { ethers } from "../fixtures/chain.ts";

describe("the catalogue of the Court's errors", () => {
  const text = readdirSync(import.meta.dirname)
    .filter((name) => name !== "catalogue.test.ts")
    .map((name) => readFileSync(join(import.meta.dirname, name), "utf8"))
    .join("\n");

  it("is covered: some test names each of them", async () => {
    const { interface: catalogue } = await ethers.getContractAt("CourtErrors", ethers.ZeroAddress);
    const missing: string[] = [];
    catalogue.forEachError(({ name }) => {
      if (!text.includes(`"${name}"`)) missing.push(name);
    });
    expect(missing).to.deep.equal([]);
  });

  it("is complete in its ABI", async () => {
    const { interface: catalogue } = await ethers.getContractAt("CourtErrors", ethers.ZeroAddress);
    const { interface: court } = await ethers.getContractAt("Court", ethers.ZeroAddress);
    catalogue.forEachError(({ name, selector }) => expect(court.getError(name)?.selector, name).to.equal(selector));
  });
});
