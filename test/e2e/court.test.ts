import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { CourtClient } from "../../offchain/adapters/chain/court.ts";
import { CourtReader } from "../../offchain/adapters/chain/court-reader.ts";
import { type CourtTerms, Operator } from "../../offchain/adapters/chain/operator.ts";
import { connectRpc, type Rpc } from "../../offchain/adapters/chain/rpc.ts";
import { Sender } from "../../offchain/adapters/chain/sender.ts";
import { SqliteJournal } from "../../offchain/adapters/journal/sqlite/journal.ts";
import { toHex, utf8 } from "../../offchain/kernel/bytes.ts";
import { sha256 } from "../../offchain/kernel/hash.ts";
import type { Address, Bytes32 } from "../../offchain/kernel/ids.ts";
import { Secret } from "../../offchain/kernel/secret.ts";
import { Arbitrator } from "../../offchain/node/arbitrator.ts";
import { readArbitratorConfig } from "../../offchain/node/arbitrator-config.ts";
import { Ballots } from "../../offchain/node/ballots.ts";
import { DEVELOPMENT_KEY, type EmbeddedChain, startEmbeddedChain } from "../../offchain/node/embedded-chain.ts";
import { systemEntropy } from "../../offchain/node/entropy.ts";
import { KeyStore } from "../../offchain/node/keys/key-store.ts";
import { RANDOM_PASSPHRASE_COST } from "../../offchain/node/keys/scrypt.ts";
import { type Participant, prepareRehearsal, type Rehearsal } from "../../offchain/node/principal.ts";
import { parley } from "../offchain/cli/parley.ts";
import { type Grievance, Quarrel } from "./quarrel.ts";

const PASSPHRASE = "the keys of these tests are worth nothing";
const HOUR_S = 3_600;
const JURORS = 6;

const TERMS: CourtTerms = {
  ...{ seatStake: 10n ** 15n, feePerVote: 10n ** 13n, penaltyShare: 1_000, seedDelay: 2 },
  ...{ drawTime: HOUR_S, commitTime: HOUR_S, revealTime: HOUR_S, appealTime: HOUR_S },
  panelSizes: [3, 5, 7],
};
const LONGEST_S = 11 * HOUR_S;

const GOODS = utf8.encode("what was bought");
const AGREED = sha256(GOODS);
const OTHER: Bytes32 = `0x${"0d".repeat(32)}`;

interface Juror {
  readonly address: Address;
  readonly config: string;
}

/** Comes to its end just when the vote would be sent. */
class Dying extends CourtClient {
  override commitVote(): Promise<never> {
    return Promise.reject(new Error("died"));
  }
}

describe("a dispute, by the command line from its opening to its ruling", () => {
  const folder = mkdtempSync(join(tmpdir(), "parley-court-"));
  const jurors: Juror[] = [];
  const files = new Map<string, Uint8Array>();
  let chain: EmbeddedChain;
  let rpc: Rpc;
  let rehearsal: Rehearsal;
  let court: Address;
  let otherCourt: Address;
  let reader: CourtReader;
  let parties: { readonly buyer: Participant; readonly seller: Participant };
  let server: Server;
  let web: string;

  before(async () => {
    const passphrase = join(folder, "passphrase");
    writeFileSync(passphrase, PASSPHRASE, { mode: 0o600 });
    process.env["PARLEY_PASSPHRASE_FILE"] = passphrase;
    chain = await startEmbeddedChain();
    rpc = await connectRpc(chain.url);
    rehearsal = await prepareRehearsal(chain.url, DEVELOPMENT_KEY);
    parties = { buyer: await rehearsal.enroll(10_000n), seller: await rehearsal.enroll(10_000n) };
    const principal = new Operator(rpc, new Sender(rpc, DEVELOPMENT_KEY));
    court = await principal.deployCourt(TERMS);
    otherCourt = await principal.deployCourt(TERMS);
    reader = new CourtReader(rpc, court);
    server = createServer(({ url }, response) => {
      const file = files.get(url ?? "");
      response.writeHead(file === undefined ? 404 : 200).end(file);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    web = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (let seat = 0; seat < JURORS; seat++) jurors.push(await seatJuror(principal, seat));
    for (const side of ["buyer", "seller"] as const) await partyConfig(side);
  });

  after(async () => {
    server.close();
    await chain.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function seatJuror(principal: Operator, seat: number): Promise<Juror> {
    const keys = join(folder, `juror${seat}.keys.json`);
    const wallet = toHex(systemEntropy.bytes(32));
    const { address } = await KeyStore.create(keys, new Secret(PASSPHRASE), {
      wallet: new Secret(wallet),
      cost: RANDOM_PASSPHRASE_COST,
    });
    await principal.pay(address, 10n ** 17n);
    mkdirSync(join(folder, "files"), { recursive: true });
    const config = join(folder, `juror${seat}.json`);
    const evidence = { folder: join(folder, "files"), allowPrivate: "yes" };
    const journal = join(folder, `juror${seat}.sqlite`);
    const content = { rpc: chain.url, deployment: rehearsal.deployment, court, keys, journal, evidence };
    writeFileSync(config, JSON.stringify(content));
    await done("court", "register", "--config", config);
    return { address, config };
  }

  async function partyConfig(side: "buyer" | "seller"): Promise<void> {
    const { agent, wallet } = parties[side];
    const keys = join(folder, `${side}.keys.json`);
    await KeyStore.create(keys, new Secret(PASSPHRASE), {
      wallet: new Secret(wallet),
      cost: RANDOM_PASSPHRASE_COST,
    });
    writeFileSync(
      join(folder, `${side}.json`),
      JSON.stringify({
        ...{ agent: agent.toString(), rpc: chain.url, deployment: rehearsal.deployment, keys },
        journal: join(folder, `${side}.sqlite`),
      }),
    );
  }

  async function done(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await parley(...args);
    assert.equal(code, 0, `${args.join(" ")}: ${stderr}${stdout}`);
    return stdout;
  }

  function quarrel(changes: Partial<Grievance> = {}): Promise<Quarrel> {
    return Quarrel.over(rpc, rehearsal, parties, {
      ...{ arbitrator: court, maxFee: TERMS.feePerVote * 3n, rulingWithin: LONGEST_S + 3 * HOUR_S },
      ...{ terms: { salt: OTHER, goods: "a file", digest: AGREED }, delivered: OTHER, ...changes },
    });
  }

  const asParty = (side: "buyer" | "seller", act: string, { dealHash }: Quarrel, ...more: readonly string[]) =>
    parley("dispute", act, "--config", join(folder, `${side}.json`), "--deal", dealHash, ...more);

  /** A file that lies on the web, and here. */
  function publish(name: string, content: Uint8Array | string): { readonly file: string; readonly uri: string } {
    const bytes = typeof content === "string" ? utf8.encode(content) : content;
    files.set(`/${name}`, bytes);
    writeFileSync(join(folder, name), bytes);
    return { file: join(folder, name), uri: `${web}/${name}` };
  }

  async function opened(about: Quarrel, name: string): Promise<void> {
    const { file, uri } = publish(`${name}.json`, about.bundle());
    const opening = await asParty("buyer", "open", about, "--share", "1000", "--bundle", file, "--uri", uri);
    assert.equal(opening.code, 0, opening.stderr);
  }

  async function panel(dispute: bigint): Promise<Juror[]> {
    const { panel: members } = await reader.find(dispute);
    return members.map(({ holder }) => jurors.find(({ address }) => address === holder) as Juror);
  }

  async function vote(dispute: bigint, share: string): Promise<void> {
    const members = await panel(dispute);
    const all = (act: string, ...more: readonly string[]) =>
      Promise.all(members.map(({ config }) => done("court", act, "--config", config, `${dispute}`, ...more)));
    await all("vote", "--share", share);
    await rehearsal.passTime(1);
    for (const said of await all("reveal")) assert.match(said, /revealed/);
    await rehearsal.passTime(1);
  }

  const anyone = () => (jurors[0] as Juror).config;

  async function draw(dispute: bigint): Promise<void> {
    await rehearsal.passTime(1, TERMS.seedDelay + 1);
    await done("court", "draw", "--config", anyone(), `${dispute}`);
  }

  it("goes from the parties to a panel of three, and by an appeal to one of five", async () => {
    const about = await quarrel();
    await opened(about, "appealed");
    assert.match(readFileSync(join(folder, "appealed.json.erc1497.json"), "utf8"), /"fileHash":"Qm/);
    const answer = await asParty("seller", "answer", about, "--share", "9000");
    assert.equal(answer.code, 0, answer.stderr);
    const referred = await asParty("buyer", "refer", about);
    assert.equal(referred.code, 0, referred.stderr);
    const dispute = await reader.count();
    const early = await parley("court", "draw", "--config", anyone(), `${dispute}`);
    assert.match(
      early.stderr,
      /the panel is drawn from block [0-9]+, the chain is at [0-9]+ \[SeedBlockMissing\]\n {2}/,
    );
    assert.equal(early.code, 1);
    await draw(dispute);
    const shown = await done("court", "show", "--config", anyone(), `${dispute}`);
    assert.match(shown, /named on the chain, filed at .*appealed\.json.*: verified: 5 signatures, all of this deal/);
    assert.match(shown, /NOT the digest that the signed terms name/);
    assert.match(shown, /buys of agent \d+ for 0\.0001 \w+ \(token 0x/);
    assert.equal(
      JSON.parse(await done("court", "show", "--config", anyone(), "--json", `${dispute}`)).deal.price,
      "100",
    );
    assert.match(shown, /Now \(committing\): panel to commit its votes by 20/);
    const [member] = await panel(dispute);
    assert.match(await done("court", "list", "--config", member?.config ?? ""), /it takes YOU to vote/);
    await vote(dispute, "8000");
    await done("court", "appeal", "--config", anyone(), `${dispute}`);
    await draw(dispute);
    assert.equal((await panel(dispute)).length, 5);
    await vote(dispute, "2000");
    await rehearsal.passTime(HOUR_S + 1);
    await done("court", "execute", "--config", anyone(), `${dispute}`);
    const executed = await asParty("seller", "execute", about);
    assert.equal(executed.code, 0, executed.stderr);
    assert.deepEqual(await rehearsal.chain.payout(about.deal), { outcome: "Ruled", toBuyer: 110n, toSeller: 20n });
    const after = JSON.parse((await asParty("buyer", "show", about, "--json")).stdout);
    assert.deepEqual([after.status, after.ruling, after.clock.stage], ["Settled", 2_003, "settled"]);
  });

  it("is decided by rules where it is clear, once by each seat, and left to people where it isn't", async () => {
    const clear = await quarrel();
    await opened(clear, "clear");
    const unclear = await quarrel({ delivered: AGREED });
    await opened(unclear, "unclear");
    await rehearsal.passTime(24 * HOUR_S + 1);
    for (const about of [clear, unclear]) {
      const referred = await asParty("buyer", "refer", about);
      assert.equal(referred.code, 0, referred.stderr);
    }
    const [first, second] = [(await reader.count()) - 1n, await reader.count()];
    await rehearsal.passTime(1, TERMS.seedDelay + 1);
    const said: { readonly dispute: string; readonly did: string; readonly vote: number | null }[] = [];
    const look = async (seats: readonly Juror[]) => {
      const looks = seats.map(({ config }) => done("court", "auto", "--config", config, "--once", "--json"));
      const lines = (await Promise.all(looks)).flatMap((told) => told.trim().split("\n"));
      said.push(...lines.filter((line) => line !== "").map((line) => JSON.parse(line)));
    };
    await look(jurors.slice(0, 1));
    const [judges, others] = [await panel(first), await panel(second)];
    await look([...new Set([...judges, ...others])]);
    // Whoever looks again does nothing twice.
    await look(judges.slice(0, 1));
    assert.equal(said.filter(({ did, dispute }) => did === "voted" && dispute === `${first}`).length, 3);
    assert.ok(said.every(({ did, vote }) => did !== "voted" || vote === 0));
    await rehearsal.passTime(1);
    await look(judges);
    await rehearsal.passTime(HOUR_S + 1);
    await look(judges.slice(0, 1));
    const ruled = await reader.find(first);
    assert.deepEqual([ruled.stage, ruled.ruling], ["Executed", 1n]);
    const left = said.filter(({ dispute }) => dispute === `${second}`);
    assert.ok(left.some(({ did }) => did === "left") && left.every(({ did }) => did !== "voted"));
  });

  it("reveals a vote whose process died before anything of it was sent, and never shows its salt", async () => {
    const about = await quarrel();
    await opened(about, "died");
    await rehearsal.passTime(24 * HOUR_S + 1);
    assert.equal((await asParty("buyer", "refer", about)).code, 0);
    const dispute = await reader.count();
    await draw(dispute);
    const [member] = await panel(dispute);
    assert.ok(member);
    const config = readArbitratorConfig(member.config);
    const keys = await KeyStore.open(config.keys, new Secret(PASSPHRASE));
    const place = { chainId: rpc.chainId, court, dispute, round: 0n, voter: member.address };
    const withBallots = async <T>(use: (ballots: Ballots, journal: SqliteJournal) => Promise<T>): Promise<T> => {
      const journal = new SqliteJournal(config.journal);
      try {
        return await use(new Ballots(journal), journal);
      } finally {
        await journal.close();
      }
    };
    await withBallots(async (ballots, journal) => {
      const client = new Dying(rpc, new Sender(rpc, keys.wallet.reveal(), { journal }), court);
      const arbitrator = new Arbitrator(client, reader, rpc.chainId, ballots, systemEntropy);
      await assert.rejects(arbitrator.vote(await reader.find(dispute), 4_000, "to die with"), /died/);
    });
    assert.equal((await reader.find(dispute)).panel.find(({ holder }) => holder === member.address)?.ballot, "None");
    const act = (...args: readonly string[]) => done("court", ...args, "--config", member.config, `${dispute}`);
    const told = [await act("vote", "--share", "4000")];
    await rehearsal.passTime(HOUR_S + 1);
    told.push(await act("reveal"));
    const { panel: members } = await reader.find(dispute);
    assert.equal(members.find(({ holder }) => holder === member.address)?.vote, 4_000);
    const kept = await withBallots((ballots) => ballots.of(place));
    assert.equal(kept.length, 1);
    assert.ok(!told.join().includes(kept[0]?.salt.slice(2) ?? ""));
  });

  it("refuses evidence that is altered or of another deal, and sends nothing", async () => {
    const [about, other] = [await quarrel(), await quarrel()];
    const before = await rpc.reads.getBlockNumber({ cacheTime: 0 });
    const bundle = about.bundle();
    const altered = publish("altered.json", bundle.replace(/"0x02([0-9a-f])/, '"0x03$1').replace("a file", "another"));
    const foreign = publish("foreign.json", other.bundle());
    const good = publish("good.json", bundle);
    const opening = (side: "buyer" | "seller", file: string) =>
      asParty(side, "open", about, "--share", "0", "--bundle", file, "--uri", good.uri);
    for (const [side, file, code] of [
      ["buyer", altered.file, "EvidenceUnverified"],
      ["buyer", foreign.file, "EvidenceOfOtherDeal"],
      ["seller", good.file, "NotParty"],
    ] as const) {
      const { code: exit, stderr } = await opening(side, file);
      assert.match(stderr, new RegExp(`\\[${code}\\]\n {2}[^\n]+\n$`));
      assert.equal(exit, 1);
    }
    assert.equal((await opening("buyer", join(folder, "none.json"))).code, 66);
    const unshown = await asParty("buyer", "show", about);
    assert.match(unshown.stdout, /What is sold: nobody has shown the terms yet\n/);
    const given = await asParty("buyer", "show", about, "--bundle", good.file);
    assert.match(given.stdout, /: verified: \d+ signatures, all of this deal/);
    assert.deepEqual([unshown.code, given.code], [0, 0]);
    assert.equal((await asParty("buyer", "show", about, "--bundle", altered.file)).code, 1);
    assert.match(await done("evidence", "show", good.file, "--rpc", chain.url), /Agreed: .* for 0\.0001 [A-Za-z]+;/);
    assert.match(await done("evidence", "show", good.file), /Agreed: .* for 100;/);
    const elsewhere = join(folder, "elsewhere.json");
    const config = JSON.parse(readFileSync(anyone(), "utf8"));
    writeFileSync(elsewhere, JSON.stringify({ ...config, court: otherCourt }));
    const strange = await parley("court", "show", "--config", elsewhere, "--deal", about.dealHash);
    assert.match(strange.stderr, /\[ArbitratorNotInDeal\]/);
    assert.equal(strange.code, 1);
    writeFileSync(elsewhere, JSON.stringify({ ...config, court: `0x${"0a".repeat(20)}` }));
    const nowhere = await parley("court", "list", "--config", elsewhere);
    assert.match(nowhere.stderr, /`court`: there is no contract .*\[NoContract\]\n {2}/);
    assert.equal(nowhere.code, 78);
    writeFileSync(elsewhere, JSON.stringify({ ...config, court: rehearsal.token }));
    const none = await parley("court", "list", "--config", elsewhere);
    assert.match(none.stderr, /`court`: the contract at 0x\w+ is no Court \[UnverifiedContract\]\n {2}/);
    assert.equal(none.code, 78);
    assert.equal(await rpc.reads.getBlockNumber({ cacheTime: 0 }), before);
  });
});
