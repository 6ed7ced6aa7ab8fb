import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { readAgentConfig } from "../../offchain/node/agent-config.ts";
import { type EmbeddedChain, startEmbeddedChain } from "../../offchain/node/embedded-chain.ts";
import { openJournal } from "../../offchain/node/journal.ts";
import { encodeProposal } from "../../offchain/terms/proposal.ts";
import { proposalFor } from "../proposal.ts";
import { Bureau } from "./bureau.ts";
import { startWithKeys } from "./keys.ts";

const DIGEST = `0x${"d1".repeat(32)}`;

const strategy = (from: string, limit: string) => ({ kind: "time-dependent", from, limit, pace: "0.9" });

describe("parley deal contract", () => {
  let embedded: EmbeddedChain;
  let bureau: Bureau;

  before(async () => {
    embedded = await startEmbeddedChain();
    bureau = await Bureau.open(embedded.url);
  });

  after(async () => {
    bureau.close();
    await embedded.close();
  });

  it("puts into words what two agents have agreed, from the journal or a bundle, and nothing else", async () => {
    await bargain("yes");
    const [{ deal }] = (await bureau.json("buyer", "deal", "list", "--all")).deals;
    const file = bureau.path("contract.md");
    const written = await bureau.as("buyer", "deal", "contract", "--deal", deal, "--out", file);
    assert.equal(written.code, 0, written.stderr);
    const document = readFileSync(file, "utf8");
    assert.match(document, new RegExp(`Deal \`${deal}\``));
    assert.match(document, /an hour of transcription/);
    assert.equal(
      (await bureau.as("seller", "deal", "contract", "--deal", deal)).stdout,
      document,
      "both read the same",
    );
    const again = () => bureau.as("buyer", "deal", "contract", "--deal", deal, "--out", file);
    await bureau.refuses("FileExists", 1, bureau.stage.buyer, again);

    const journal = openJournal({ journal: bureau.path("buyer.sqlite"), witness: null });
    const locked = () => bureau.as("buyer", "deal", "contract", "--deal", deal);
    await bureau.refuses("JournalLocked", 1, bureau.stage.buyer, locked);
    // All but the terms comes from the chain, and does while the agent runs.
    assert.equal((await bureau.json("buyer", "deal", "show", "--deal", deal)).status, "Settled");
    await journal.close();

    const bundle = await exported("buyer", deal);
    const byBundle = await bureau.as("seller", "deal", "contract", "--bundle", bundle);
    assert.equal(byBundle.stdout, document, byBundle.stderr);
    const content = JSON.parse(readFileSync(bundle, "utf8"));
    writeFileSync(bundle, JSON.stringify({ ...content, terms: { ...content.terms, goods: "two hours" } }));
    const altered = await bureau.as("seller", "deal", "contract", "--bundle", bundle);
    assert.deepEqual([altered.code, altered.stdout], [1, ""]);
    writeFileSync(bundle, JSON.stringify({ ...content, deployment: { ...content.deployment, chainId: 5 } }));
    const other = () => bureau.as("seller", "deal", "contract", "--bundle", bundle);
    await bureau.refuses("OtherDeployment", 78, bureau.stage.seller, other);
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
  async function bargain(settle: "yes" | "no", prefix = ""): Promise<void> {
    const { rehearsal, buyer, seller } = bureau.stage;
    const [asBuyer, asSeller] = prefix === "" ? ["buyer", "seller"] : [`${prefix}-buyer`, `${prefix}-seller`];
    const { token } = rehearsal;
    const respond = { role: "seller", token, mostBond: "100", strategy: strategy("900", "200") };
    const selling = await startWithKeys(
      await readAgentConfig(
        await bureau.configure(asSeller, seller, { settle, listen: "ws://127.0.0.1:0", respond, deliver: DIGEST }),
      ),
      () => undefined,
    );
    const commitBy = (await rehearsal.chain.time()) + 3_600;
    const proposal = proposalFor({ rounds: 6, commitBy, token, terms: { digest: DIGEST } });
    const open = {
      ...{ peer: seller.agent.toString(), address: selling.address, strategy: strategy("100", "900") },
      proposal: JSON.parse(encodeProposal(proposal)),
    };
    const over = Promise.withResolvers<void>();
    const buying = await startWithKeys(
      await readAgentConfig(await bureau.configure(asBuyer, buyer, { settle, open })),
      ({ event }) => {
        if (event === (settle === "yes" ? "outcome" : "agreed")) over.resolve();
      },
    );
    await over.promise;
    if (settle === "yes") await selling.idle();
    await Promise.all([buying.stop(), selling.stop()]);
  }

  /** Takes the one negotiation of a journal out of it. */
  async function exported(name: string, suffix = "one"): Promise<string> {
    const listed = await bureau.as(name, "evidence", "export");
    const [negotiation = ""] = listed.stdout.split(" ");
    const file = bureau.path(`${name}-${suffix}.evidence.json`);
    const done = await bureau.as(name, "evidence", "export", "--negotiation", negotiation, "--offline", "--out", file);
    assert.equal(done.code, 0, done.stderr);
    return file;
  }
});
