#!/usr/bin/env node
import { enableCompileCache } from "node:module";

// Halves the time to start. It counts only for what is loaded after it, hence the imports at run time.
enableCompileCache();
const { endWithReaders } = await import("./readers.ts");
endWithReaders();
const { runCommandLine } = await import("./dispatch.ts");
process.exitCode = await runCommandLine(process.argv.slice(2));
