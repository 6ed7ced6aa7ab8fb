import { expect } from "chai";
import { gasChanges, measureGas, readSnapshot } from "../../scripts/lib/gas.ts";

describe("gas", () => {
  it("is what the snapshot says, operation by operation", () => {
    const changes = gasChanges(readSnapshot(), measureGas());
    const hint = "the gas of operations has changed; if that is meant, run `npm run gas -- --update` and say why";
    expect(changes, hint).to.deep.equal([]);
  });
});
