/** Solhint and Prettier over the contracts. (Mocks may use fewer words: contracts/mocks/.solhint.json.) */
import { runTools } from "../lib/tool.ts";

runTools([
  ["solhint", "solhint", ["--disc", "--noPoster", "--max-warnings", "0", "contracts/**/*.sol"]],
  ["prettier", "prettier", ["--check", "--log-level", "warn", "contracts/**/*.sol"]],
]);
