import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { filesBelow } from "../scripts/bootstrap/files.mjs";
import { violations } from "../scripts/checks/architecture.ts";

const ROOT = join(import.meta.dirname, "..", "offchain");

/** What the rules say of a few planted files, a line each. */
function judge(files: Readonly<Record<string, string>>): string[] {
  return violations(new Map(Object.entries(files))).map(({ file, says }) => `${file} ${says}`);
}

describe("the architecture of offchain/", () => {
  it("holds in the tree", () => {
    const paths = [".ts", ".tsx"].flatMap((ending) => filesBelow(ROOT, ending));
    const files = new Map(paths.map((path) => [path, readFileSync(join(ROOT, path), "utf8")]));
    assert.deepEqual(
      violations(files).map(({ file, says }) => `offchain/${file} ${says}`),
      [],
    );
  });
});

describe("the rules of the architecture", () => {
  it("let a folder import itself and what stands before it", () => {
    const files = {
      "kernel/a.ts": "export const a = 1;",
      "kernel/b.ts": 'import { a } from "./a.ts"; export const b = a;',
      "terms/c.ts":
        'import { b } from "../kernel/b.ts"; import { keccak } from "@noble/hashes/sha3.js"; export const c = [b, keccak];',
      "adapters/chain/d.ts": 'import { c } from "../../terms/c.ts"; import "node:fs"; export const d = c;',
      "node/e.ts": 'import { d } from "../adapters/chain/d.ts"; export const e = d;',
      "index.ts": 'export { e } from "./node/e.ts";',
    };
    assert.deepEqual(judge(files), []);
  });

  it("refuse an upward import, of types and dynamic ones too", () => {
    const above = { "terms/deal.ts": "export interface Deal {}" };
    for (const text of [
      'import { Deal } from "../terms/deal.ts";',
      'import type { Deal } from "../terms/deal.ts";',
      'import {\n  type Deal, // from "nowhere"\n} from\n  "../terms/deal.ts";',
      'import "../terms/deal.ts";',
      'export const load = () => import("../terms/deal.ts");',
      'type Deal = import("../terms/deal.ts").Deal;',
      "export const load = () => `${await import('../terms/deal.ts')}`;",
    ]) {
      const expected = ["kernel/a.ts imports terms/deal.ts: terms stands above kernel"];
      assert.deepEqual(judge({ ...above, "kernel/a.ts": text }), expected, text);
    }
  });

  it("don't take comments, strings and regular expressions for imports", () => {
    const text = [
      '// import "../terms/deal.ts"',
      '/* import "../terms/deal.ts" */',
      "export const a = 'import \"../terms/deal.ts\"';",
      'export const b = /"/; export const c = 4 / 2; // "',
      'export const d = `import "../terms/deal.ts" ${"}"} import "../terms/deal.ts"`;',
    ];
    assert.deepEqual(judge({ "terms/deal.ts": "", "kernel/a.ts": text.join("\n") }), []);
  });

  it("refuse a cycle, also of types, however long", () => {
    const files = {
      "kernel/a.ts": 'import type { B } from "./b.ts"; export type A = B;',
      "kernel/b.ts": 'import type { C } from "./c.ts"; export type B = C;',
      "kernel/c.ts": 'import type { A } from "./a.ts"; export type C = A;',
    };
    assert.deepEqual(judge(files), [
      "kernel/a.ts is in a cycle: kernel/a.ts -> kernel/b.ts -> kernel/c.ts -> kernel/a.ts",
    ]);
  });

  it("refuse Node's modules in pure folders, with and without the prefix", () => {
    for (const specifier of ["node:fs", "fs", "node:crypto"]) {
      const expected = [`kernel/a.ts imports ${specifier}: kernel/ is pure, so that it runs anywhere`];
      assert.deepEqual(judge({ "kernel/a.ts": `import * as x from "${specifier}";` }), expected);
    }
    assert.equal(judge({ "coordination/a.ts": 'import "node:net";' }).length, 1);
    assert.deepEqual(judge({ "gateway/a.ts": 'import "node:net";' }), []);
  });

  it("refuse the clock, chance and I/O in pure folders", () => {
    const uses = {
      "Date.now": "export const a = Date.now();",
      "new Date()": "export const a = new Date();",
      "Math.random": "export const a = Math.random();",
      setTimeout: "setTimeout(() => {}, 1);",
      process: "export const a = process.env;",
      console: 'console.log("a");',
      fetch: 'export const a = await fetch("b");',
      performance: "export const a = globalThis.performance.now();",
    };
    for (const [name, text] of Object.entries(uses)) {
      assert.deepEqual(judge({ "dealing/a.ts": text }), [
        `dealing/a.ts uses ${name}: dealing/ is pure; take it through a port`,
      ]);
      assert.deepEqual(judge({ "cli/a.ts": text }), []);
    }
  });

  it("let pure folders name their own things like globals", () => {
    const text = `
      export interface Directory { fetch(id: string): Promise<string>; console: string }
      export const a = (directory: Directory) => directory.fetch("process");
      export const b = new Date(0);
      export const c = { process: 1 };
    `;
    assert.deepEqual(judge({ "ports/a.ts": text }), []);
  });

  it("refuse an adapter that imports another, or more than kernel, terms and ports", () => {
    const files = {
      "kernel/k.ts": "",
      "trust/t.ts": "",
      "adapters/transport/memory/m.ts": 'import "./own.ts"; import "../../../kernel/k.ts";',
      "adapters/transport/memory/own.ts": "",
      "adapters/transport/shared.ts": "",
      "adapters/transport/websocket/w.ts":
        'import "../memory/m.ts"; import "../shared.ts"; import "../../../trust/t.ts";',
    };
    const says = "an adapter imports only itself, what its port's adapters share, kernel, terms and ports";
    assert.deepEqual(judge(files), [
      `adapters/transport/websocket/w.ts imports adapters/transport/memory/m.ts: ${says}`,
      `adapters/transport/websocket/w.ts imports adapters/transport/shared.ts: ${says}`,
      `adapters/transport/websocket/w.ts imports trust/t.ts: ${says}`,
    ]);
  });

  it("let adapters import what those of their port share, and that none of them", () => {
    const files = {
      "kernel/k.ts": "",
      "adapters/transport/common/c.ts": 'import "../../../kernel/k.ts"; import "../nats/private.ts";',
      "adapters/transport/broker/b.ts": 'import "../common/c.ts";',
      "adapters/transport/nats/n.ts": 'import "../broker/b.ts"; import "../common/c.ts";',
      "adapters/transport/nats/private.ts": "",
      "adapters/journal/sqlite/j.ts": 'import "../../transport/common/c.ts"; import "../../outward/o.ts";',
      "adapters/outward/o.ts": 'import "../../kernel/k.ts";',
    };
    const says = "an adapter imports only itself, what its port's adapters share, kernel, terms and ports";
    assert.deepEqual(judge(files), [
      `adapters/transport/common/c.ts imports adapters/transport/nats/private.ts: ${says}`,
      `adapters/journal/sqlite/j.ts imports adapters/transport/common/c.ts: ${says}`,
    ]);
  });

  it("let only the composition know adapters", () => {
    const adapter = { "adapters/chain/a.ts": "" };
    const text = 'import "../adapters/chain/a.ts";';
    assert.deepEqual(judge({ ...adapter, "node/a.ts": text, "cli/a.ts": text }), []);
    assert.deepEqual(judge({ ...adapter, "gateway/a.ts": text }), [
      "gateway/a.ts imports adapters/chain/a.ts: only node/, cli/ and index.ts may know adapters",
    ]);
  });

  it("refuse unknown folders, files beside index.ts, and imports that leave offchain/", () => {
    const unknown = "lies in a folder that has no rank (see RANKS in scripts/checks/architecture.ts)";
    assert.deepEqual(judge({ "utils/a.ts": "", "helper.ts": "", "index.ts/a.ts": "", kernel: "" }), [
      `utils/a.ts ${unknown}`,
      `helper.ts ${unknown}`,
      `index.ts/a.ts ${unknown}`,
      `kernel ${unknown}`,
    ]);
    assert.deepEqual(judge({ "node/a.ts": 'import "../../scripts/x.ts";' }), [
      "node/a.ts imports ../../scripts/x.ts, which is no file of offchain/",
    ]);
  });

  it("refuse barrels other than index.ts, and imports that are computed", () => {
    const files = {
      "kernel/a.ts": "",
      "kernel/b.ts": 'export * from "./a.ts";',
      "node/c.ts": "export const c = import(name);",
    };
    assert.deepEqual(judge(files), [
      "kernel/b.ts re-exports another module: index.ts is the only barrel",
      "node/c.ts imports what it computes at run time",
    ]);
  });
});
