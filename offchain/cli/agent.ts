import { visible } from "../kernel/visible.ts";
import { startAgent } from "../node/agent.ts";
import { readAgentConfig } from "../node/agent-config.ts";
import type { AgentEvent } from "../node/agent-event.ts";
import { SystemClock } from "../node/clock.ts";
import { KeyStore } from "../node/keys/key-store.ts";
import { obtainPassphrase, PRESENT } from "../node/keys/passphrase.ts";
import { Reporter } from "../node/reporter.ts";
import { parseFlags } from "./args.ts";
import { type Command, EXIT, usageError } from "./command.ts";
import { jsonOf } from "./json-of.ts";
import { askHidden } from "./prompt.ts";

const HELP = `parley agent: run one agent

usage: parley agent --config FILE [--once] [--transcript] [--json]

  --config FILE   the agent's configuration (JSON, see below)
  --once          stop when the negotiations it took up are over; an agent that opens one does so anyway
  --transcript    tell every signed frame before it stops
  --json          one JSON object a line for each event

SIGTERM and SIGINT stop it; the next start goes on from its journal. Exits with 0 if nothing failed (no deal is no
failure), 1 otherwise, 69 where the chain can't be reached, 74 where its port is taken, 78 where the configuration can't be
used: a field, a file that it names, \`listen\`, another chain or contracts, an agent without a wallet or with another's keys.
What the events say: docs/operations/agent.md.

\`keys\` names a file of \`parley keys create\`. Its passphrase is asked for, or taken from the file that PARLEY_PASSPHRASE_FILE
names (/dev/fd/3 is a descriptor), or from PARLEY_PASSPHRASE. The agent must be registered, its wallet being that of the
key file or an ERC-1271 contract that takes its word, and its treasury funded, before it starts.

Agents reach each other at addresses such as ws://HOST:PORT, grpc://HOST:PORT (grpcs:// with TLS), or by a name at a broker:
nats://HOST:PORT/NAME, mqtt://HOST:PORT/NAME, amqp://HOST:PORT/NAME (with TLS: nats+tls://, mqtts://, amqps://).

A seller's configuration (\`rpc\` to \`journal\` are the same for a buyer):
  {
    "agent": "2",
    "rpc": "http://127.0.0.1:8545",
    "deployment": { "chainId": 31337, "registry": "0x5fbd…0aa3", "settlement": "0xe7f1…0512" },
    "keys": "seller.keys.json",
    "journal": "seller.sqlite",
    "listen": "ws://127.0.0.1:7700",
    "respond": {
      "role": "seller", "token": "0x9fe4…a6e0", "mostBond": "200000000",
      "leastDeliverWithin": 600, "mostReviewPeriod": 604800,
      "arbitrators": ["0xcafa…ddc9"], "mostRulingWithin": 5184000,   (optional) who may rule; without it only deals without any
      "strategy": { "kind": "time-dependent", "from": "1500000000", "limit": "950000000", "pace": "0.8" }
    },
    "deliver": "0x6f1c…"
  }
\`deliver\` is a digest; or a file, or an API, that is served to buyers by HTTP (docs/operations/delivery.md):
    "deliver": { "artifact": "goods.bin", "listen": "http://127.0.0.1:7710", "url": "https://files.seller.example" }
    "deliver": { "meter": { "upstream": "http://127.0.0.1:3000", "leastUnitPrice": "5", "mostCredit": "500" },
      "listen": "http://127.0.0.1:7711", "url": "https://api.seller.example" }
    "deliver": { "access": { "upstream": "http://127.0.0.1:3000", "mostCalls": 10000, "mostSeconds": 3600 },
      "listen": "http://127.0.0.1:7712", "url": "https://api.seller.example" }

Where a broker asks who we are, or for TLS other than a WebSocket's, both have (each part may be left out; "mutual" asks callers
for a certificate):
    "transport": { "username": "agent-2", "passwordFile": "broker.password", "virtualHost": "/",
      "tls": { "authorities": "ca.pem", "certificate": "agent.pem", "key": "agent.key.pem", "mutual": "yes" } }

Optional, for either; the first three are for WebSockets:
    "tls": { "key": "key.pem", "cert": "cert.pem", "ca": "ca.pem" }   then \`listen\` is a wss: address; \`ca\` asks clients for theirs
    "admit": { "tokens": "ws://seller.example:7700", "used": "used.sqlite", "certificates": { "DNS:buyer.example": "1" },
      "issuers": [ { "issuer": "https://login.example", "audience": "seller", "agents": { "client-1": "1" } } ] }
      who may connect: agents by their own tokens for that address, by TLS certificates, by an OpenID issuer's tokens
    "introduce": "yes"            show a token of our own when connecting
    "personal": "personal/"       keeps personal data of deals there, each under a key of its own (docs/privacy.md)
    "feedback": { "reputation": "0x…", "folder": "feedback", "uri": "https://files.example/feedback/" }
      rates the other side of settled deals, by what the chain tells; \`folder\` is what others find at \`uri\`
    "intake": { "folder": "bought/", "allow": [ "http://127.0.0.1:7710" ], "calls": "http://127.0.0.1:7801" }
      a buyer fetches files to the folder, and its applications make calls that were bought at \`calls\`
    "disputes": { "open": "auto", "share": 0, "asks": 10000, "evidence": { "folder": "evidence/", "uri": "https://files.example/evidence/" } }
      a buyer disputes by itself what is not as agreed ("people", the usual, tells how), and states that the seller is due
      \`share\` basis points (what the intake finds, if not given); a seller that is disputed asks for \`asks\` (all). With
      "least": 20 a buyer accepts what falls short by less than so many basis points; with "concedes": 50 a seller of access
      whose own readings show a breach takes the buyer's figure where its own is at most so much higher. The
      evidence is put into \`folder\`, which others find at \`uri\` (docs/operations/disputes.md)
    "faults": "file"              shows Settlement what a peer signed twice, or only tells it ("tell"), or shows
      what costs it so much: { "worth": "1000000" } (docs/operations/faults.md)
    "registryMaxAgeMs": 10000     so long a revoked key may go unnoticed
    "rpc": [ "https://…", "https://…" ]   several nodes of one chain: while one doesn't answer, the next is asked
    "live": "wss://…"             a node that tells of new blocks; without it one is asked every \`blockPollMs\` (1000)
    "batch": { "most": 50, "waitMs": 500 }   commits up to so many deals in one transaction; the first waits so long for others
    "relay": "https://relay.example"   lets a relay commit deals, at its own cost; the agent does where it doesn't (parley relay)
    "prices": { "0x9fe4…a6e0": "3000000000" }   what a native coin is worth, in the token's smallest unit: receipts that run out
      are claimed early only where that pays for the gas
    "accounts": { "listen": "http://127.0.0.1:7820", "mostShare": 200, "with": [ { "agent": "9", "token": "0x9fe4…a6e0",
      "salt": "0x<32 random bytes>", "ours": "1000", "theirs": "1000", "settleAt": "800",
      "url": "http://peer.example:7820", "address": "ws://peer.example:7700" } ] }
      running accounts: what is too small for its gas is signed for there, and paid together (docs/operations/accounts.md)
    "finalDepth": 12              blocks after which a deal's end is believed; 0 on development chains

A buyer has, instead of the last three (\`terms.digest\` is what it accepts, by the evidence of the delivery; \`commitBy\` is in seconds
since 1970, at most five days ahead; a token of 0x0000…0000 is the native coin):
    "open": {
      "peer": "2", "address": "ws://127.0.0.1:7700",
      "strategy": { "kind": "time-dependent", "from": "700000000", "limit": "1250000000", "pace": "0.9" },
      "proposal": { "version": 1, "role": "buyer", "protocol": { "name": "alternating-offers", "rounds": 20 },
        "deal": { "token": "0x9fe4…a6e0", "buyerBond": "50000000", "sellerBond": "150000000", "commitBy": 1800000000,
          "deliverWithin": 3600, "reviewPeriod": 86400, "arbitrator": "0x0000…0000", "maxFee": "0", "rulingWithin": 0,
          "lapseShare": 5000, "category": "0x00…00" },
        "terms": { "schema": "parley-terms/1", "category": "data", "digest": "0x6f1c…", "salt": "0x<32 random bytes>",
          "lines": [ { "what": "street scenes", "amount": "40000", "unit": "each" } ] } },
      "again": { "afterMs": 3600000, "times": 3 },   (optional) post it for later, where nothing comes of it
      "wanted": "0x<32 random bytes>"   (optional) opened once for this name; otherwise only where the journal is empty
    }

example: parley agent --config seller.json --json
`;

export const agentCommand: Command = {
  help: HELP,
  async run(args) {
    const flags = parseFlags("agent", args, {
      config: { type: "string" },
      once: { type: "boolean", default: false },
      transcript: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    });
    if (flags.config === undefined) throw usageError("--config FILE is missing", "agent");
    const print = flags.json ? printJson : printLine;
    try {
      return await run({ ...flags, config: flags.config }, print);
    } catch (thrown) {
      // Programs that read the events learn of it there; people by the lines that follow.
      if (flags.json) new Reporter(print, new SystemClock()).trouble(thrown, false);
      throw thrown;
    }
  },
};

interface Flags {
  readonly config: string;
  readonly once: boolean;
  readonly transcript: boolean;
}

async function run(flags: Flags, print: (event: AgentEvent) => void): Promise<number> {
  const config = await readAgentConfig(flags.config);
  const keys = await KeyStore.open(config.keys, await obtainPassphrase(PRESENT, process.env, askHidden));
  let troubled = false;
  let recovered = 0;
  const over = Promise.withResolvers<void>();
  const stop = Promise.withResolvers<void>();
  const tell = (event: AgentEvent) => {
    print(event);
    if (event.event === "trouble" && !event.retried) troubled = true;
    // Nothing of its deals goes on in this process: another one may do better.
    if (event.event === "trouble" && event.code === "ChainLost") stop.resolve();
    if (event.event === "ended" || event.event === "outcome") over.resolve();
    if (event.event === "recovered") recovered++;
    // Nothing was opened, and nothing of before could be brought back: nothing will come.
    if (event.event === "openSkipped" && recovered === 0) over.resolve();
    if (event.event === "agreed" && !config.settle) over.resolve();
  };
  process.once("SIGTERM", () => stop.resolve()).once("SIGINT", () => stop.resolve());
  const agent = await startAgent(config, keys, tell);
  const finished = flags.once || config.open !== null ? over.promise.then(() => agent.idle()) : stop.promise;
  await Promise.race([finished, stop.promise]);
  if (flags.transcript) agent.tellTranscripts();
  await agent.stop();
  return troubled ? EXIT.failed : EXIT.ok;
}

function printJson(event: AgentEvent): void {
  process.stdout.write(`${jsonOf(event)}\n`);
}

/** Milliseconds since 1970, in JSON. */
const TIMES = ["againAt", "until"];

function printLine(event: AgentEvent): void {
  const { event: name, ...details } = event;
  const words = Object.entries(details)
    .filter(([, value]) => !Array.isArray(value) && value !== null)
    .map(([key, value]) => `${key}=${TIMES.includes(key) ? new Date(Number(value)).toISOString() : String(value)}`);
  // Some of it are a peer's own words.
  process.stdout.write(`${visible(`${name.padEnd(10)} ${words.join(" ")}`)}\n`);
}
