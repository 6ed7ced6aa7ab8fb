/** Knip: files, exports and dependencies that nothing uses. */
import { runTools } from "../lib/tool.ts";

runTools([["knip", "knip", ["--no-progress", "--no-config-hints"]]]);
