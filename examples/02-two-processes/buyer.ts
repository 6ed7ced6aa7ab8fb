/**
 * The buyer: connects, proposes what is to be bought and how to bargain for it, and verifies every word of what came of it.
 *
 *     node scripts/bootstrap.mjs examples/02-two-processes/buyer.ts [ws://127.0.0.1:7700] [buyer.sqlite] [SECONDS TO WAIT]
 */
import { randomBytes } from "node:crypto";
import {
  type PriceStrategy,
  type Proposal,
  toHex,
  verifyTranscript,
  WebSocketTransport,
} from "../../offchain/index.ts";
import { BUYER, crypto, makeAgent, SELLER, separator } from "./common.ts";

const [address = "ws://127.0.0.1:7700", journal, patience = "30"] = process.argv.slice(2);

const strategy: PriceStrategy = { kind: "time-dependent", from: 600n, limit: 1_100n, pace: 0.8 };

const proposal: Proposal = {
  role: "buyer",
  protocol: { name: "alternating-offers", rounds: 10 },
  deal: {
    token: `0x${"cc".repeat(20)}`,
    buyerBond: 50n,
    sellerBond: 100n,
    commitBy: Math.floor(Date.now() / 1000) + 600,
    deliverWithin: 3_600,
    reviewPeriod: 3_600,
    arbitrator: `0x${"00".repeat(20)}`,
    maxFee: 0n,
    rulingWithin: 0,
    lapseShare: 5_000,
    category: `0x${"00".repeat(32)}`,
  },
  // The salt keeps the terms' hash, which is all that goes on-chain, from being guessed.
  terms: {
    schema: "parley-terms/1",
    category: "data",
    lines: [{ what: "a week of weather data", amount: "10080", unit: "each" }],
    salt: toHex(randomBytes(32)),
  },
};

const buyer = await makeAgent(BUYER, journal, strategy);
const channel = new WebSocketTransport().connect(address, buyer.listener);
const session = await buyer.open({ peer: SELLER, address, proposal, strategy }, channel);
console.log(`waiting for the seller at ${address}`);
// The connection is tried again and again: a seller that is started now is found yet.
const tired = new Promise<null>((resolve) => setTimeout(() => resolve(null), Number(patience) * 1_000).unref());
const result = await Promise.race([session.settled, tired]);
if (result?.phase === "agreed") {
  console.log(`agreed at ${result.agreement.deal.price}, deal ${result.agreement.dealHash}`);
  const { signatures } = await verifyTranscript(crypto, separator, await session.transcript());
  console.log(`${signatures} signatures verified`);
} else {
  const why =
    result === null ? `nothing came of it in ${patience} s; does seller.ts run at ${address}?` : result.ending.code;
  console.error(`no deal: ${why}`);
  process.exitCode = 1;
}

channel.close();
await buyer.stop();
