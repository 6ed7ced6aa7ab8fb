import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { Operator } from "../../offchain/adapters/chain/operator.ts";
import { Sender } from "../../offchain/adapters/chain/sender.ts";
import { toHex } from "../../offchain/kernel/bytes.ts";
import { DEVELOPMENT_KEY } from "../../offchain/node/embedded-chain.ts";
import type { Participant } from "../../offchain/node/principal.ts";
import { walletAddress } from "../../offchain/terms/wallet-signature.ts";
import { Bureau } from "./bureau.ts";

/** The participants' key files open with the passphrase of `Bureau`; the new wallet's with this one. */
const OTHER_PASSPHRASE = "and the new wallet's file has its own";

describe("parley keys on the chain", () => {
  let bureau: Bureau;
  let seller: Participant;
  let stranger: Participant;

  before(async () => {
    bureau = await Bureau.open();
    seller = bureau.stage.seller;
    stranger = bureau.stage.buyer;
  });

  after(() => bureau.close());

  const authority = () => bureau.stage.rehearsal.chain.authority(seller.agent);
  const revoke = (file: string, ...flags: string[]) =>
    bureau.as("seller", "keys", "revoke", "--file", bureau.path(`${file}.keys.json`), ...flags);
  const wallet = (owner: string, next: string, passphrase = OTHER_PASSPHRASE) =>
    bureau.with(
      { PARLEY_PASSPHRASE: bureau.passphrase, PARLEY_NEW_PASSPHRASE: passphrase },
      ...["keys", "wallet", "--file", bureau.path(`${owner}.keys.json`), "--new", bureau.path(`${next}.keys.json`)],
      ...["--config", bureau.path("seller.json"), "--json"],
    );

  it("ends all session keys of an agent, at the word of whoever may", async () => {
    const before = await authority();
    await bureau.refuses("NotOwnerOrWallet", 1, stranger, () => revoke("buyer"));
    assert.match((await revoke("buyer")).stderr, /: --file FILE\n$/, "named as this command takes it");
    const { code, stdout, stderr } = await revoke("seller", "--json");
    assert.equal(code, 0, stderr);
    const { epoch } = await authority();
    assert.equal(epoch, before.epoch + 1);
    assert.equal(JSON.parse(stdout).epoch, epoch);
  });

  it("puts the account of another key file in the wallet's place, by the owner's key and its own", async () => {
    const fresh = toHex(randomBytes(32));
    const address = walletAddress(fresh);
    await bureau.keyFile(bureau.path("fresh.keys.json"), fresh, OTHER_PASSPHRASE);
    const before = await authority();
    await bureau.refuses("NotOwner", 1, stranger, () => wallet("buyer", "fresh"));
    await bureau.refuses("WrongPassphrase", 78, seller, () => wallet("seller", "fresh", bureau.passphrase));
    const { code, stdout, stderr } = await wallet("seller", "fresh");
    assert.equal(code, 0, stderr);
    assert.deepEqual(await authority(), { ...before, wallet: address, epoch: before.epoch + 1 });
    assert.match(stderr, /stays the owner: if its key is stolen, withdraw all/);
    const { done, wallet: told } = JSON.parse(stdout);
    assert.deepEqual([done, told], ["wallet", address]);
    await bureau.refuses("WalletUnchanged", 1, seller, () => wallet("seller", "fresh"));

    // The owner is still the former wallet's account, and the new one may end keys by itself.
    const principal = new Operator(bureau.stage.rpc, new Sender(bureau.stage.rpc, DEVELOPMENT_KEY));
    await principal.pay(address, 10n ** 16n);
    const keys = ["keys", "revoke", "--file", bureau.path("fresh.keys.json"), "--config", bureau.path("seller.json")];
    const own = await bureau.with({ PARLEY_PASSPHRASE: OTHER_PASSPHRASE }, ...keys);
    assert.equal(own.code, 0, own.stderr);
    assert.equal((await authority()).epoch, before.epoch + 2);
  });

  it("says what is missing", async () => {
    const keys = bureau.path("seller.keys.json");
    await bureau.refuses("Usage", 2, seller, () => bureau.run("keys", "revoke", "--file", keys));
    await bureau.refuses("Usage", 2, seller, () => bureau.as("seller", "keys", "wallet", "--file", keys));
    await bureau.refuses("Usage", 2, seller, () => bureau.as("seller", "keys", "rotate", "--file", keys));
  });
});
