import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { Holdings } from "../../offchain/adapters/chain/holdings.ts";
import { Operator } from "../../offchain/adapters/chain/operator.ts";
import { Sender } from "../../offchain/adapters/chain/sender.ts";
import { toHex } from "../../offchain/kernel/bytes.ts";
import { DEVELOPMENT_KEY } from "../../offchain/node/embedded-chain.ts";
import { walletAddress } from "../../offchain/terms/wallet-signature.ts";
import { Bureau } from "./bureau.ts";

describe("parley register", () => {
  let bureau: Bureau;

  before(async () => {
    bureau = await Bureau.open();
  });

  after(() => bureau.close());

  it("registers a key file's account once, and says what else an agent needs", async () => {
    const { rpc, rehearsal, buyer } = bureau.stage;
    const newcomer = { ...buyer, wallet: toHex(randomBytes(32)) };
    const address = walletAddress(newcomer.wallet);
    await bureau.configure("newcomer", newcomer);
    const register = (...flags: string[]) => bureau.as("newcomer", "register", ...flags);

    const poor = await register("--json");
    assert.deepEqual([poor.code, poor.stdout], [1, ""]);
    assert.match(poor.stderr, /\[NoCoin\]/);
    assert.equal(await bureau.sentBy(newcomer), 0);

    const principal = new Operator(rpc, new Sender(rpc, DEVELOPMENT_KEY));
    await principal.pay(address, 10n ** 17n);
    const { code, stdout, stderr } = await register();
    assert.equal(code, 0, stderr);
    const agent = BigInt(/"agent": "([0-9]+)"/.exec(stdout)?.[1] ?? "0");
    const holdings = new Holdings(rpc, rehearsal.deployment);
    assert.equal(await holdings.agentsOf(address), 1n);
    assert.equal((await rehearsal.chain.authority(agent)).wallet, address);

    await bureau.refuses("AlreadyRegistered", 1, newcomer, () => register());
    const { agent: second } = await bureau.json("newcomer", "register", "--another");
    assert.notEqual(BigInt(second), agent);
    assert.equal(await holdings.agentsOf(address), 2n);
  });

  it("sends nothing to contracts of another chain", async () => {
    const { buyer, rehearsal } = bureau.stage;
    await bureau.configure("elsewhere", buyer, { deployment: { ...rehearsal.deployment, chainId: 5 } });
    await bureau.refuses("WrongChain", 78, buyer, () => bureau.as("elsewhere", "register"));
    await bureau.refuses("Usage", 2, buyer, () => bureau.run("register"));
  });
});
