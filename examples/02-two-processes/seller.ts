/**
 * The seller: listens on a WebSocket, and bargains with whoever comes. Start it first, then buyer.ts in another terminal.
 *
 *     node scripts/bootstrap.mjs examples/02-two-processes/seller.ts [ws://127.0.0.1:7700] [seller.sqlite]
 */
import { ParleyError, type PriceStrategy, WebSocketTransport } from "../../offchain/index.ts";
import { makeAgent, SELLER } from "./common.ts";

const [address = "ws://127.0.0.1:7700", journal] = process.argv.slice(2);

// Begins at 1,500, never goes below 900, and gives way evenly over the rounds.
const strategy: PriceStrategy = { kind: "time-dependent", from: 1_500n, limit: 900n, pace: 1 };
const seller = await makeAgent(SELLER, journal, strategy, (session) => {
  void session.settled.then((result) => {
    const agreed = result.phase === "agreed";
    const came = agreed ? `agreed at ${result.agreement.deal.price}` : `no deal: ${result.ending.code}`;
    console.log(`${came}, with agent ${session.state.brief.peer}`);
  });
});
try {
  const listening = await new WebSocketTransport().listen(address, seller.listener);
  console.log(`listening at ${listening.address}`);
} catch (thrown) {
  // The port is taken, as a rule.
  console.error(thrown instanceof ParleyError ? `${thrown.message}: ${thrown.hint}` : thrown);
  process.exitCode = 1;
}
