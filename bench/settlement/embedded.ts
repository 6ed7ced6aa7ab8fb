/** The embedded chain in a process of its own, so that what it does is not done by those who use it. */
import { startEmbeddedChain } from "../../offchain/node/embedded-chain.ts";

const chain = await startEmbeddedChain();
process.once("disconnect", () => process.exit(0));
process.send?.(chain.url);
