import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { readAgentConfig } from "../../offchain/node/agent-config.ts";
import type { AgentEvent } from "../../offchain/node/agent-event.ts";
import { openJournal } from "../../offchain/node/journal.ts";
import { encodeProposal } from "../../offchain/terms/proposal.ts";
import { proposalFor } from "../proposal.ts";
import { Bureau } from "./bureau.ts";
import { startWithKeys } from "./keys.ts";

const DIGEST = `0x${"d1".repeat(32)}`;

const strategy = (from: string, limit: string) => ({ kind: "time-dependent", from, limit, pace: "0.9" });

describe("parley deal contract", () => {
  let bureau: Bureau;

  before(async () => {
    bureau = await Bureau.open();
  });

  after(() => bureau.close());

  it("puts into words what two agents have agreed, from the journal or a bundle, and nothing else", async () => {
    await bargain("yes", "both");
    const [{ deal }] = (await bureau.json("both-buyer", "deal", "list", "--all")).deals;
    const file = bureau.path("contract.md");
    const written = await bureau.as("both-buyer", "deal", "contract", "--deal", deal, "--out", file);
    assert.equal(written.code, 0, written.stderr);
    const document = readFileSync(file, "utf8");
    assert.match(document, new RegExp(`Deal \`${deal}\``));
    assert.match(document, /an hour of transcription/);
    assert.equal(
      (await bureau.as("both-seller", "deal", "contract", "--deal", deal)).stdout,
      document,
      "both read the same",
    );
    const again = () => bureau.as("both-buyer", "deal", "contract", "--deal", deal, "--out", file);
    await bureau.refuses("FileExists", 1, bureau.stage.buyer, again);

    const journal = openJournal({ journal: bureau.path("both-buyer.sqlite"), witness: null });
    const locked = () => bureau.as("both-buyer", "deal", "contract", "--deal", deal);
    await bureau.refuses("JournalLocked", 1, bureau.stage.buyer, locked);
    // All but the terms comes from the chain, and does while the agent runs.
    assert.equal((await bureau.json("both-buyer", "deal", "show", "--deal", deal)).status, "Settled");
    await journal.close();

    const bundle = await exported("both-buyer");
    const byBundle = await bureau.as("both-seller", "deal", "contract", "--bundle", bundle);
    assert.equal(byBundle.stdout, document, byBundle.stderr);
    const content = JSON.parse(readFileSync(bundle, "utf8"));
    writeFileSync(bundle, JSON.stringify({ ...content, terms: { ...content.terms, goods: "two hours" } }));
    const altered = await bureau.as("both-seller", "deal", "contract", "--bundle", bundle);
    assert.deepEqual([altered.code, altered.stdout], [1, ""]);
    writeFileSync(bundle, JSON.stringify({ ...content, deployment: { ...content.deployment, chainId: 5 } }));
    const other = () => bureau.as("both-seller", "deal", "contract", "--bundle", bundle);
    await bureau.refuses("OtherDeployment", 78, bureau.stage.seller, other);
  });

  it("accepts by hand while both agents run, what the buyer's agent doesn't take for what was agreed", async () => {
    const { buying, selling, saw } = await begin("yes", "hand", `0x${"d2".repeat(32)}`);
    await saw("trouble");
    const [{ deal, status }] = (await bureau.json("hand-buyer", "deal", "list")).deals;
    assert.equal(status, "Delivered");
    const locked = () => bureau.as("hand-buyer", "deal", "contract", "--deal", deal);
    await bureau.refuses("JournalLocked", 1, bureau.stage.buyer, locked);
    await bureau.json("hand-buyer", "deal", "accept", "--deal", deal);
    await saw("outcome");
    assert.equal((await bureau.json("hand-seller", "deal", "show", "--deal", deal)).payout.outcome, "Accepted");
    await Promise.all([buying.stop(), selling.stop()]);
  });

  it("shows an agreement before it is committed, which nobody can withdraw, and says when it has lapsed", async () => {
    const { stage } = bureau;
    await bargain("no", "early");
    const bundle = await exported("early-buyer");
    const shown = await bureau.json("early-buyer", "deal", "show", "--bundle", bundle);
    assert.deepEqual([shown.status, shown.turn.does, shown.acts], ["None", "commit it", []]);
    const contract = await bureau.as("early-seller", "deal", "contract", "--bundle", bundle);
    assert.match(contract.stdout, /## 7\. Signatures/, contract.stderr);
    const { buyer } = stage;
    const cancel = () =>
      bureau.as("early-buyer", "deal", "cancel", "--bundle", bundle, "--out", bureau.path("never.json"));
    await bureau.refuses("NotCommitted", 1, buyer, cancel);
    const accept = () => bureau.as("early-buyer", "deal", "accept", "--bundle", bundle);
    await bureau.refuses("NotCommitted", 1, buyer, accept);
    await stage.rehearsal.passTime(3_700);
    await bureau.refuses("AgreementExpired", 1, buyer, accept);
    await bureau.refuses("AgreementExpired", 1, buyer, cancel);
    assert.ok(!existsSync(bureau.path("never.json")));
  });

  /** Lets two agents agree, with journals on the disk, and stops them. */
  async function bargain(settle: "yes" | "no", prefix: string): Promise<void> {
    const { buying, selling, saw } = await begin(settle, prefix, DIGEST);
    await saw(settle === "yes" ? "outcome" : "agreed");
    if (settle === "yes") await selling.idle();
    await Promise.all([buying.stop(), selling.stop()]);
  }

  /** Starts a seller and a buyer, whose events can be waited for. */
  async function begin(settle: "yes" | "no", prefix: string, deliver: string | null) {
    const { rehearsal, buyer, seller } = bureau.stage;
    const { token } = rehearsal;
    const respond = { role: "seller", token, mostBond: "100", strategy: strategy("900", "200") };
    const listening = { settle, listen: "ws://127.0.0.1:0", respond, deliver };
    const sells = await readAgentConfig(await bureau.configure(`${prefix}-seller`, seller, listening));
    const selling = await startWithKeys(sells, () => undefined);
    const commitBy = (await rehearsal.chain.time()) + 3_600;
    const proposal = proposalFor({ rounds: 6, commitBy, token, terms: { digest: DIGEST } });
    const open = {
      ...{ peer: seller.agent.toString(), address: selling.address, strategy: strategy("100", "900") },
      proposal: JSON.parse(encodeProposal(proposal)),
    };
    const buys = await readAgentConfig(await bureau.configure(`${prefix}-buyer`, buyer, { settle, open }));
    const told = new EventEmitter();
    const seen = new Set<string>();
    const buying = await startWithKeys(buys, ({ event }) => {
      seen.add(event);
      told.emit(event);
    });
    const saw = async (event: AgentEvent["event"]) => void (seen.has(event) || (await once(told, event)));
    return { buying, selling, saw };
  }

  /** Takes the one negotiation of a journal out of it. */
  async function exported(name: string): Promise<string> {
    const listed = await bureau.as(name, "evidence", "export");
    const [negotiation = ""] = listed.stdout.split(" ");
    const file = bureau.path(`${name}.evidence.json`);
    const done = await bureau.as(name, "evidence", "export", "--negotiation", negotiation, "--offline", "--out", file);
    assert.equal(done.code, 0, done.stderr);
    return file;
  }
});
