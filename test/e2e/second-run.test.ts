import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Bytes32 } from "../../offchain/kernel/ids.ts";
import { type PriceStrategy, strategyToJson } from "../../offchain/negotiation/price/strategy.ts";
import { parseAgentConfig } from "../../offchain/node/agent-config.ts";
import type { AgentEvent } from "../../offchain/node/agent-event.ts";
import { DEVELOPMENT_KEY, type EmbeddedChain, startEmbeddedChain } from "../../offchain/node/embedded-chain.ts";
import { gatherEvidence, readAccount } from "../../offchain/node/evidence.ts";
import { openJournal } from "../../offchain/node/journal.ts";
import { type Participant, prepareRehearsal, type Rehearsal } from "../../offchain/node/principal.ts";
import { verifier } from "../../offchain/node/verifier.ts";
import type { JsonObject } from "../../offchain/terms/canonical-json.ts";
import { encodeProposal } from "../../offchain/terms/proposal.ts";
import type { Bundle } from "../../offchain/transcript/evidence/bundle.ts";
import { examine, holds } from "../../offchain/transcript/evidence/examine.ts";
import { proposalFor } from "../proposal.ts";
import { makeKeys, startWithKeys } from "./keys.ts";

const DIGEST: Bytes32 = `0x${"d1".repeat(32)}`;

const BUYS: PriceStrategy = { kind: "time-dependent", from: 100n, limit: 1_000n, pace: 1 };
const SELLS: PriceStrategy = { kind: "time-dependent", from: 900n, limit: 200n, pace: 1 };
const NEVER_SELLS: PriceStrategy = { kind: "time-dependent", from: 9_000n, limit: 8_000n, pace: 1 };

describe("an agent that is started a second time", () => {
  let chain: EmbeddedChain;
  let rehearsal: Rehearsal;
  let buyer: Participant;
  let seller: Participant;
  let folder: string;

  before(async () => {
    chain = await startEmbeddedChain();
    rehearsal = await prepareRehearsal(chain.url, DEVELOPMENT_KEY);
    [buyer, seller] = [await rehearsal.enroll(10_000n), await rehearsal.enroll(10_000n)];
    folder = await mkdtemp(join(tmpdir(), "parley-second-"));
  });

  after(async () => {
    await chain.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("says that it opens nothing anew, and marks what it has told before", async () => {
    const selling = await start("seller", seller, sellerConfig(SELLS));
    const open = await openingOf(selling.agent.address);
    const first = await start("buyer", buyer, open);
    await first.event("outcome");
    await first.agent.idle();
    await first.agent.stop();
    assert.ok(first.told.every((event) => !("again" in event)));
    assert.ok(!first.told.some(({ event }) => event === "openSkipped"));
    const second = await start("buyer", buyer, open);
    await second.event("outcome");
    await second.agent.stop();
    assert.ok(second.told.some(({ event }) => event === "openSkipped"));
    const marked = second.told.filter((event) => "again" in event).map(({ event }) => event);
    assert.deepEqual(marked, ["agreed", "outcome"]);
    await selling.agent.stop();
  });

  it("opens what is wanted by another name, and each once", async () => {
    const selling = await start("namer", seller, sellerConfig(SELLS));
    const { open } = await openingOf(selling.agent.address);
    const runs: unknown[] = [];
    for (const wanted of ["01", "01", "02"]) {
      const named = { open: { ...(open as JsonObject), wanted: `0x${wanted.repeat(32)}` } };
      const run = await start("named", buyer, named);
      await run.event("outcome", wanted === "02" ? 2 : 1);
      await run.agent.stop();
      const skipped = run.told.some(({ event }) => event === "openSkipped");
      runs.push([skipped, run.told.filter(({ event }) => event === "joined").length]);
    }
    await selling.agent.stop();
    assert.deepEqual(runs, [
      [false, 1],
      [true, 0],
      [false, 1],
    ]);
  });

  it("shows by its evidence what is so on the chain, and what somebody else has written into it", async () => {
    const journal = openJournal({ journal: join(folder, "buyer.sqlite"), witness: null });
    const { deployment } = rehearsal;
    const [half = ""] = await journal.streams();
    const shown = { proposal: true, terms: true };
    const bundle = await gatherEvidence(journal, deployment, half as Bytes32, shown, rehearsal.chain, verifier);
    await journal.close();
    const asked = await readAccount(rehearsal.chain, verifier, bundle);
    const look = async (changed: Bundle) => await examine(verifier, changed, asked);
    const findings = await look(bundle);
    assert.deepEqual([findings.discrepancies, findings.opener.standing], [[], "confirmed"]);
    const byItself = await examine(verifier, bundle);
    assert.deepEqual([byItself.discrepancies, byItself.opener.standing, holds(byItself)], [[], "claimed", true]);
    if (bundle.chain === null || bundle.chain.payout === null) return assert.fail();
    const { payout } = bundle.chain;
    const forged = { ...bundle, chain: { ...bundle.chain, payout: { ...payout, toSeller: payout.toSeller + 1n } } };
    assert.equal(holds(await examine(verifier, forged)), false);
    const told = await look(forged);
    assert.deepEqual([told.discrepancies[0]?.at, holds(told)], ["chain.payout.toSeller", false]);
    // Whoever cuts the ACCEPT off, and what the file says of the chain, is found out by the chain.
    const { opener, responder } = bundle.transcript;
    const until = (side: typeof opener) => side.findIndex(({ body }) => body.kind === "ACCEPT");
    const [cutAt, other] = [until(opener), until(responder)];
    const cut = {
      ...bundle,
      chain: null,
      transcript: {
        opener: opener.slice(0, cutAt < 0 ? other : cutAt),
        responder: responder.slice(0, other < 0 ? cutAt : other),
      },
    };
    const { discrepancies } = await examine(verifier, cut, await readAccount(rehearsal.chain, verifier, cut));
    assert.deepEqual(
      discrepancies.map(({ at, kind }) => [at, kind]),
      [["chain.committed.transcript", "missing"]],
    );
  });

  it("isn't idle while it asks again, and waits for what an earlier offer may come to", async () => {
    const selling = await start("deaf", seller, sellerConfig(NEVER_SELLS));
    const again = { afterMs: 1_000, times: 1 };
    const buying = await start("again", buyer, await openingOf(selling.agent.address, again));
    await buying.event("waiting");
    let isIdle = false;
    const idle = buying.agent.idle().then(() => {
      isIdle = true;
    });
    // What is asked again may offer nothing as long as an offer of the first time can be committed.
    await buying.event("joined", 2);
    assert.equal(isIdle, false);
    await rehearsal.passTime(7_200);
    await buying.event("ended", 2);
    assert.equal(isIdle, false);
    await idle;
    await Promise.all([buying.agent.stop(), selling.agent.stop()]);
  });

  it("says what would tell how a deal ends, where it is stopped before, and goes on from there", async () => {
    const nodes = { rpc: ["http://127.0.0.1:9", chain.url], live: chain.url.replace("http", "ws") };
    const selling = await start("idle", seller, { ...sellerConfig(SELLS), deliver: null });
    const open = { ...(await openingOf(selling.agent.address)), ...nodes };
    const first = await start("patient", buyer, open);
    await first.event("act");
    await selling.agent.stop();
    await first.agent.stop();
    // Stopped at once it can say no more than that it has to look; given some time, what it has seen.
    let doubt = first.told.findLast((one) => one.event === "inDoubt");
    for (let waitMs = 100; doubt?.resolvedBy === "the next look at the chain" && waitMs < 10_000; waitMs *= 2) {
      const next = await start("patient", buyer, open);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      await next.agent.stop();
      doubt = next.told.findLast((one) => one.event === "inDoubt");
    }
    assert.equal(doubt?.resolvedBy, "the seller to deliver");
    const refundable = Number(doubt?.until) / 1_000 - (await rehearsal.chain.time());
    await rehearsal.passTime(refundable + 1);
    const second = await start("patient", buyer, open);
    await second.event("outcome");
    assert.deepEqual(
      second.told.flatMap((one) => (one.event === "outcome" ? [one.outcome] : [])),
      ["refunded"],
    );
    await second.agent.stop();
  });

  /** An agent, and what it tells. */
  async function start(name: string, { agent, wallet }: Participant, more: JsonObject) {
    const told: AgentEvent[] = [];
    const watchers = new Set<() => void>();
    const keys = join(folder, `${name}.keys.json`);
    await makeKeys(keys, wallet);
    const journal = join(folder, `${name}.sqlite`);
    const deployment = { ...rehearsal.deployment };
    const config = parseAgentConfig({ agent: agent.toString(), rpc: chain.url, deployment, keys, journal, ...more });
    const running = await startWithKeys(config, (event) => {
      told.push(event);
      for (const watcher of watchers) watcher();
    });
    const event = (what: AgentEvent["event"], count = 1) =>
      new Promise<void>((resolve) => {
        const watch = () => {
          if (told.filter((one) => one.event === what).length >= count) resolve();
        };
        watchers.add(watch);
        watch();
      });
    return { agent: running, told, event };
  }

  function sellerConfig(strategy: PriceStrategy): JsonObject {
    const respond = { role: "seller", token: rehearsal.token, mostBond: "100", strategy: strategyToJson(strategy) };
    return { listen: "ws://127.0.0.1:0", respond, deliver: DIGEST };
  }

  async function openingOf(address: string | null, again: JsonObject | null = null): Promise<JsonObject> {
    const commitBy = (await rehearsal.chain.time()) + 3_600;
    const proposal = proposalFor({ rounds: 6, commitBy, token: rehearsal.token, terms: { digest: DIGEST } });
    const open = {
      peer: seller.agent.toString(),
      address: address ?? "",
      proposal: JSON.parse(encodeProposal(proposal)) as JsonObject,
      strategy: strategyToJson(BUYS),
      ...(again === null ? {} : { again }),
    };
    return { open };
  }
});
