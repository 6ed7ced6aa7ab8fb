import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { agentRegistryAbi, settlementAbi } from "../../offchain/adapters/chain/abis.ts";
import { Holdings } from "../../offchain/adapters/chain/holdings.ts";
import { Operator } from "../../offchain/adapters/chain/operator.ts";
import { Sender } from "../../offchain/adapters/chain/sender.ts";
import { Tokens } from "../../offchain/adapters/chain/tokens.ts";
import { ZERO_32, ZERO_ADDRESS } from "../../offchain/kernel/ids.ts";
import { DEVELOPMENT_KEY } from "../../offchain/node/embedded-chain.ts";
import type { Participant } from "../../offchain/node/principal.ts";
import { walletAddress } from "../../offchain/terms/wallet-signature.ts";
import { Bureau } from "./bureau.ts";

const WEEK = 7 * 86_400;

describe("parley treasury", () => {
  let bureau: Bureau;
  let agent: Participant;
  let operator: Operator;

  before(async () => {
    bureau = await Bureau.open();
    agent = bureau.stage.seller;
    operator = new Operator(bureau.stage.rpc, new Sender(bureau.stage.rpc, DEVELOPMENT_KEY));
    await operator.mintTestToken(token(), walletAddress(agent.wallet), 5_000_000n);
  });

  after(() => bureau.close());

  const token = () => bureau.stage.rehearsal.token;
  const change = (name: string, ...flags: string[]) =>
    bureau.json("seller", "treasury", name, "--token", token(), ...flags);
  const attempt =
    (name: string, ...flags: string[]) =>
    () =>
      bureau.as("seller", "treasury", name, "--token", token(), ...flags);
  const balance = async () => (await bureau.json("seller", "treasury", "balance", "--token", token())).balances[0];

  it("brings tokens in, puts them at stake, gets them back after the week, and takes them out", async () => {
    const before = await balance();
    assert.deepEqual([before.facts.decimals, before.inWallet], [6, "5000000"]);
    await change("deposit", "--amount", "2.5");
    const { bonded } = await change("deposit", "--amount", "0.5", "--stake");
    assert.equal(bonded, "1500000");
    const { stage } = bureau;
    const tokens = new Tokens(stage.rpc);
    const { settlement } = stage.rehearsal.deployment;
    assert.equal(await tokens.allowance(token(), walletAddress(agent.wallet), settlement), 0n, "approved no more");
    await change("stake", "--amount", "1");
    const asked = await change("unstake", "--amount", "2");
    assert.deepEqual([asked.bonded, asked.leaving], ["500000", "2000000"]);
    await bureau.refuses("StakeNotReleasable", 1, agent, attempt("release"));
    await stage.rehearsal.passTime(WEEK + 1);
    const { free, leaving } = await change("release");
    assert.deepEqual([free, leaving], ["4500000", "0"]);
    const receiver = `0x${"0a".repeat(20)}` as const;
    await change("withdraw", "--amount", "4.5", "--to", receiver);
    assert.equal(await tokens.balance(token(), receiver), 4_500_000n);
    const after = await balance();
    assert.deepEqual([after.free, after.bonded, after.inWallet], ["0", "500000", "2000000"]);
  });

  it("takes the chain's native coin, and gives it back", async () => {
    const native = async (name: string, ...flags: string[]) =>
      await bureau.json("seller", "treasury", name, "--token", "native", ...flags);
    const { free } = await native("deposit", "--amount", "0.01");
    assert.equal(free, "10000000000000000");
    assert.equal((await native("withdraw", "--amount", "0.004")).free, "6000000000000000");
    const shown = await bureau.as("seller", "treasury", "balance");
    assert.match(shown.stdout, /0x0{40} {2}0\.006 native coin {2}0 native coin {2}- /);
    const much = () => bureau.as("seller", "treasury", "deposit", "--token", "native", "--amount", "1000");
    await bureau.refuses("InsufficientBalance", 1, agent, much);
  });

  it("goes on where an earlier attempt has left an allowance", async () => {
    const { stage } = bureau;
    const wallet = new Operator(stage.rpc, stage.sender(agent));
    await wallet.approve(stage.rehearsal.deployment.settlement, token(), 3n);
    const before = await balance();
    await bureau.refuses("InsufficientAllowance", 1, agent, attempt("deposit", "--amount", "1", "--approved"));
    const { free } = await change("deposit", "--amount", "1");
    assert.equal(BigInt(free) - BigInt(before.free), 1_000_000n);
  });

  it("refuses by name what can't be, and sends nothing", async () => {
    const { stage } = bureau;
    await bureau.refuses("InsufficientBalance", 1, agent, attempt("deposit", "--amount", "1000"));
    await bureau.refuses("InsufficientBalance", 1, agent, attempt("withdraw", "--amount", "1000"));
    await bureau.refuses("InsufficientBalance", 1, agent, attempt("stake", "--amount", "1000"));
    await bureau.refuses("StakeTooLow", 1, agent, attempt("unstake", "--amount", "1000"));
    await bureau.refuses("NothingLeaving", 1, agent, attempt("release"));
    await bureau.refuses("RecipientInvalid", 1, agent, attempt("withdraw", "--amount", "0.1", "--to", ZERO_ADDRESS));
    for (const amount of ["0", "-1", "1e3", "0.0000001", "1,5", ""]) {
      await bureau.refuses("Usage", 2, agent, attempt("deposit", `--amount=${amount}`));
    }
    await bureau.refuses("Usage", 2, agent, attempt("withdraw", "--amount", "1", "--to", "0x12"));
    await bureau.refuses("Usage", 2, agent, attempt("withdraw", "--amount", "1", "--stake"));
    const nothing = () =>
      bureau.as("seller", "treasury", "deposit", "--token", `0x${"0b".repeat(20)}`, "--amount", "1");
    await bureau.refuses("TokenUnreadable", 1, agent, nothing);
    await bureau.configure("gone", { ...agent, agent: 999n });
    const gone = () => bureau.as("gone", "treasury", "deposit", "--token", token(), "--amount", "1");
    await bureau.refuses("AgentUnknown", 78, agent, gone);
    const keys = bureau.path("buyer.keys.json");
    const { buyer } = stage;
    await bureau.refuses("NotOwner", 1, buyer, attempt("withdraw", "--amount", "0.1", "--keys", keys));
    await bureau.configure("elsewhere", agent, { deployment: { ...stage.rehearsal.deployment, chainId: 5 } });
    const elsewhere = () => bureau.as("elsewhere", "treasury", "deposit", "--token", token(), "--amount", "1");
    await bureau.refuses("WrongChain", 78, agent, elsewhere);
  });

  it("leaves what is locked where it is", async () => {
    const { rehearsal } = bureau.stage;
    await change("deposit", "--amount", "0.1");
    const until = (await rehearsal.chain.time()) + 3_600;
    const lock = { address: rehearsal.deployment.registry, abi: agentRegistryAbi, functionName: "lock" } as const;
    await bureau.stage.sender(agent).send("locking", { ...lock, args: [agent.agent, until] });
    await bureau.refuses("AgentLocked", 1, agent, attempt("withdraw", "--amount", "0.1"));
    await bureau.refuses("AgentLocked", 1, agent, attempt("stake", "--amount", "0.1"));
    await rehearsal.passTime(3_700);
    await change("withdraw", "--amount", "0.1");
  });

  it("gives the agent's keys a mandate, by the chain's clock, and none that wouldn't count", async () => {
    const { rpc, rehearsal } = bureau.stage;
    const { deployment } = rehearsal;
    const holdings = new Holdings(rpc, deployment);
    await change("mandate", "--amount", "0.5", "--daily", "2", "--days", "3");
    const { mandate } = await holdings.mandate(agent.agent, token(), ZERO_32);
    assert.deepEqual([mandate.limit, mandate.budget, mandate.threshold], [500_000n, 2_000_000n, 500_000n]);
    const left = mandate.expiry - (await rehearsal.chain.time());
    assert.ok(left > 2 * 86_400 && left <= 3 * 86_400, `${left} s are left of three days`);
    await change("mandate", "--amount", "1");
    const renewed = (await holdings.mandate(agent.agent, token(), ZERO_32)).mandate;
    assert.deepEqual([renewed.limit, renewed.budget], [1_000_000n, 1_000_000n]);
    for (const days of ["0", "3651", "1.5", "-1"]) {
      await bureau.refuses("Usage", 2, agent, attempt("mandate", "--amount", "1", `--days=${days}`));
    }
    await bureau.refuses("Usage", 2, agent, attempt("stake", "--amount", "1", "--daily", "1"));
    const keys = bureau.path("buyer.keys.json");
    await bureau.refuses("NotOwner", 1, bureau.stage.buyer, attempt("mandate", "--amount", "1", "--keys", keys));
    const unlimited = { address: deployment.settlement, abi: settlementAbi, functionName: "setUnlimited" } as const;
    const sender = bureau.stage.sender(agent);
    await sender.send("lifting limits", { ...unlimited, args: [agent.agent, true] });
    await bureau.refuses("AgentUnlimited", 1, agent, attempt("mandate", "--amount", "1"));
    await sender.send("setting limits", { ...unlimited, args: [agent.agent, false] });
  });
});
