// The extension's code runs on Settlement's storage: both have to mean the same by every slot that both use.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import solc from "solc";

const BUILDS = join(import.meta.dirname, "../../../artifacts/build-info");

interface Variable {
  label: string;
  slot: string;
  offset: number;
  type: string;
}

interface Layout {
  storage: Variable[];
  types: Record<string, { label: string; numberOfBytes: string; members?: Variable[] }> | null;
}

interface Layouts {
  storageLayout: Layout;
  transientStorageLayout: Layout;
}

/** Where the compiler puts the contract's variables, from the very sources and settings that it was built with. */
function layoutsOf(name: string): Layouts {
  const source = `project/contracts/${name}.sol`;
  for (const file of readdirSync(BUILDS).filter((each) => !each.endsWith(".output.json"))) {
    const { input } = JSON.parse(readFileSync(join(BUILDS, file), "utf8"));
    const { output } = JSON.parse(readFileSync(join(BUILDS, file.replace(".json", ".output.json")), "utf8"));
    if (!output.contracts[source]?.[name]) continue;
    const outputSelection = { [source]: { [name]: ["storageLayout", "transientStorageLayout"] } };
    const answer = solc.compile(JSON.stringify({ ...input, settings: { ...input.settings, outputSelection } }));
    return JSON.parse(answer).contracts[source][name];
  }
  throw new Error(`${name} was not built`);
}

/** Each variable on a line, with its place and all that its type is made of; ids of the syntax tree left out. */
function describeLayout({ storage, types }: Layout): string[] {
  return storage.map(
    ({ label, slot, offset, type }) => `${slot}+${offset} ${label}: ${describeType(type, types ?? {})}`,
  );
}

function describeType(type: string, types: NonNullable<Layout["types"]>): string {
  const known = types[type];
  if (!known) throw new Error(`no type ${type}`);
  const members = known.members?.map(
    (each) => `${each.slot}+${each.offset} ${each.label}: ${describeType(each.type, types)}`,
  );
  const inner = Object.keys(types).filter(
    (each) => each !== type && type.startsWith("t_mapping") && type.endsWith(`,${each})`),
  );
  const values = inner.map((each) => describeType(each, types));
  return `${known.label} (${known.numberOfBytes}) ${[...(members ?? []), ...values].join("; ")}`;
}

describe("the storage of the two halves", () => {
  let settlement: Layouts;
  let extension: Layouts;

  before(function () {
    this.timeout(120_000);
    settlement = layoutsOf("Settlement");
    extension = layoutsOf("SettlementExtension");
  });

  for (const kind of ["storageLayout", "transientStorageLayout"] as const) {
    it(`is laid out alike as far as Settlement's goes: ${kind}`, () => {
      const [ours, theirs] = [describeLayout(settlement[kind]), describeLayout(extension[kind])];
      expect(ours).not.to.deep.equal([]);
      expect(theirs.slice(0, ours.length)).to.deep.equal(ours);
      expect(theirs.length).to.be.above(ours.length);
    });
  }

  it("is compared down to the members of what mappings hold", () => {
    const [stakes] = describeLayout(settlement.storageLayout).filter((line) => line.includes("_stakes"));
    expect(stakes).to.match(/0\+0 bonded: uint128 .*0\+16 leaving: uint128 .*1\+0 leavesAt: uint40/);
  });
});
