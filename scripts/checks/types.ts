/** TypeScript in its strict setting over everything, type tests (`test/types/*.test-d.ts`) included; contract tests apart, as TypeChain's types need it. */
import { runTools } from "../lib/tool.ts";

runTools([
  ["typescript", "tsc", ["--project", "tsconfig.json"]],
  ["typescript", "tsc", ["--project", "tsconfig.contracts.json"]],
]);
