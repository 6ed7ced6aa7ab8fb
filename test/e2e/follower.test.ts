import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { privateKeyToAccount } from "viem/accounts";
import { ChainBlocks } from "../../offchain/adapters/chain/blocks.ts";
import { connectRpc, type Rpc } from "../../offchain/adapters/chain/rpc.ts";
import { MemoryJournal } from "../../offchain/adapters/journal/memory/journal.ts";
import type { ParleyError } from "../../offchain/kernel/errors.ts";
import { toAddress } from "../../offchain/kernel/ids.ts";
import { SeededEntropy } from "../../offchain/kernel/random.ts";
import { SystemClock } from "../../offchain/node/clock.ts";
import { DEVELOPMENT_KEY } from "../../offchain/node/embedded-chain.ts";
import { prepareRehearsal, type Rehearsal } from "../../offchain/node/principal.ts";
import { Follower } from "../../offchain/settlement/follower/follower.ts";
import { type Anvil, startAnvil } from "./anvil.ts";
import { History } from "./history/history.ts";
import { AnvilNode } from "./history/node.ts";
import { compare } from "./history/views.ts";

const SEED = Number(process.env["PARLEY_FUZZ_SEED"] ?? 20_261_122);
const PHASES = 8;
/** It goes on for so long at most until even the rarest events have happened. */
const MOST_PHASES = 18;
const ACTS = 45;
/** The chain takes back no more than the follower can. */
const DEEPEST = 60;

/** Every event that a history has to have had, or it proves little. */
const EVENTS = [
  ..."Deposited Withdrawn Staked Unstaking Released Committed Delivered ReceiptClaimed Settled".split(" "),
  ..."Disputed Answered Evidence Referred Ruled Declared Cured Defaulted Equivocated Penalised Paused".split(" "),
];

describe(`following random histories on anvil (PARLEY_FUZZ_SEED=${SEED})`, () => {
  const chance = new SeededEntropy(SEED);
  const clock = new SystemClock();
  const troubles: ParleyError[] = [];
  const seen = new Map<string, number>();
  let anvil: Anvil;
  let rpc: Rpc;
  let node: AnvilNode;
  let rehearsal: Rehearsal;
  let history: History;
  let from: number;
  let undone = 0;
  let running: Awaited<ReturnType<typeof start>>;

  before(async () => {
    anvil = await startAnvil();
    rpc = await connectRpc(anvil.url);
    node = new AnvilNode(rpc);
    from = (await node.height()) + 1;
    rehearsal = await prepareRehearsal(anvil.url, DEVELOPMENT_KEY);
    const guardian = toAddress(privateKeyToAccount(DEVELOPMENT_KEY).address);
    history = new History(node, rehearsal, chance, guardian);
    await history.prepare(4);
  });

  after(async () => {
    await running.stop();
    await anvil.stop();
  });

  it("knows what the contract's views say, through reorgs, reverts and restarts, live and by asking", async () => {
    let journal = new MemoryJournal();
    running = await start(journal);
    let snapshot: { id: string; height: number } | null = null;
    let highest = 0;
    for (let phase = 0; phase < PHASES || (missing().length > 0 && phase < MOST_PHASES); phase++) {
      for (let act = 0; act < ACTS; act++) {
        const { follower } = running;
        await history.act((hash) => follower.deal(hash));
        const height = await node.height();
        highest = Math.max(highest, height);
        const roll = chance.fraction();
        if (roll < 0.03) {
          await node.ask("anvil_reorg", [1 + Math.floor(chance.fraction() * 6), []]);
          snapshot = null;
        } else if (roll < 0.06) snapshot = { id: await node.ask("evm_snapshot"), height };
        else if (roll < 0.1 && snapshot !== null && snapshot.height > highest - DEEPEST) {
          await node.ask("evm_revert", [snapshot.id]);
          // A chain that only became shorter looks like one whose node lags behind.
          await node.mine(highest + 1 - snapshot.height);
          snapshot = null;
        } else if (roll < 0.12) {
          await running.stop();
          journal = new MemoryJournal(journal);
          running = await start(journal, chance.fraction() < 0.5 ? "ws" : "http");
        }
      }
      await agrees(running.follower);
    }
    await running.stop();
    running = await start(new MemoryJournal(), "http");
    await agrees(running.follower);
    assert.ok(missing().length <= 2, `without ${missing()}: ${counts()}`);
    assert.ok(undone > 0, "something was taken back");
    console.log(`${counts()}; ${undone} taken back; ${new Set(troubles.map(({ message }) => message)).size} troubles`);
  });

  it("follows no other chain than the deployment's", async () => {
    const deployment = { ...rehearsal.deployment, chainId: 5 };
    for (const scheme of ["http", "ws"]) {
      const url = anvil.url.replace(/^http/, scheme);
      await assert.rejects(ChainBlocks.connect(url, deployment), { code: "WrongChain" });
    }
  });

  async function start(journal: MemoryJournal, scheme: "http" | "ws" = "ws") {
    const blocks = await ChainBlocks.connect(anvil.url.replace(/^http/, scheme), rehearsal.deployment, {
      firstSpan: 7,
    });
    const onTrouble = (error: ParleyError) => troubles.push(error);
    const follower = await Follower.open({ blocks, journal, clock, from, pollMs: 20, compactAfter: 40, onTrouble });
    follower.listen({
      onEvent: ({ event }) => seen.set(event.type, (seen.get(event.type) ?? 0) + 1),
      onRollback: (events) => {
        undone += events.length;
      },
    });
    const stop = new AbortController();
    const ended = follower.run(stop.signal);
    return {
      follower,
      stop: async () => {
        stop.abort();
        await ended;
        await blocks.close();
      },
    };
  }

  function missing(): string[] {
    return EVENTS.filter((event) => !seen.has(event));
  }

  function counts(): string {
    return [...seen].map(([name, count]) => `${count} ${name}`).join(", ");
  }

  async function agrees(follower: Follower): Promise<void> {
    const { number, hash } = await rpc.reads.getBlock();
    for (let looks = 0; follower.tip?.hash !== hash; looks++) {
      assert.ok(
        looks < 1_000,
        `the follower stands at ${follower.tip?.number}, not ${number}: ${troubles.at(-1)?.message}`,
      );
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await compare(follower, { rpc, settlement: rehearsal.deployment.settlement, blockNumber: number }, history);
  }
});
