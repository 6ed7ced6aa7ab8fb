import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { AgentId } from "../../../../offchain/kernel/ids.ts";
import { decodeTabMessage, encodeTabMessage, type TabMessage } from "../../../../offchain/settlement/tab/message.ts";
import { nettingOf } from "../../../../offchain/settlement/tab/netting.ts";
import { balanceOf, totalOf } from "../../../../offchain/settlement/tab/state.ts";
import { Tab } from "../../../../offchain/settlement/tab/tab.ts";
import { FrailJournal, HIGHER, LOWER, TERMS, TwoSides } from "./two-sides.ts";

type Act =
  | { readonly act: "owe"; readonly side: 0 | 1; readonly amount: number }
  /** What becomes of one of the messages that are under way. */
  | { readonly act: "arrive" | "lose" | "double"; readonly which: number }
  | { readonly act: "greet"; readonly side: 0 | 1 }
  | { readonly act: "close"; readonly side: 0 | 1 }
  /** The process dies, with whatever it was about to write. */
  | { readonly act: "die"; readonly side: 0 | 1; readonly write: "unacknowledged" | "lost"; readonly amount: number };

const side = fc.constantFrom(0 as const, 1 as const);
const amount = fc.integer({ min: 0, max: 300 });
const which = fc.nat(1_000);

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ act: fc.constant("owe" as const), side, amount }) },
  {
    weight: 8,
    arbitrary: fc.record({ act: fc.constantFrom("arrive" as const, "lose" as const, "double" as const), which }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("greet" as const), side }) },
  {
    weight: 2,
    arbitrary: fc.record({
      ...{ act: fc.constant("die" as const), side, amount },
      write: fc.constantFrom("unacknowledged" as const, "lost" as const),
    }),
  },
);

const AGENTS = [LOWER, HIGHER] as const;

/** Two sides and what is on the wire between them. */
class Play {
  readonly #sides: TwoSides;
  readonly #journals = [new FrailJournal(), new FrailJournal()] as const;
  readonly tabs: [Tab, Tab];
  /** By the side that each is for; in any order. */
  wire: { readonly to: 0 | 1; readonly text: string }[] = [];
  /** What each side's journal has taken of what it was to owe. */
  readonly owed = [0n, 0n];

  private constructor(sides: TwoSides, tabs: [Tab, Tab]) {
    this.#sides = sides;
    this.tabs = tabs;
  }

  static async begin(): Promise<Play> {
    const play = new Play(await TwoSides.make(), [] as never);
    for (const one of [0, 1] as const) play.tabs[one] = await play.#open(one);
    return play;
  }

  async perform(one: Act): Promise<void> {
    if (one.act === "owe") return await this.#owe(one.side, BigInt(one.amount));
    if (one.act === "greet") return this.#send(one.side, [this.tabs[one.side].greet()]);
    if (one.act === "close") return this.#send(one.side, [await this.tabs[one.side].close()]);
    if (one.act === "die") return await this.#die(one.side, one.write, BigInt(one.amount));
    const place = one.which % Math.max(1, this.wire.length);
    const message = this.wire[place];
    if (message === undefined) return;
    if (one.act !== "double") this.wire = this.wire.toSpliced(place, 1);
    if (one.act !== "lose") await this.#arrive(message);
  }

  /** Everything gets through from now on. */
  async calm(): Promise<void> {
    for (let quiet = false; !quiet; ) {
      for (const one of [0, 1] as const) this.#send(one, [this.tabs[one].greet()]);
      const before = this.tabs.map(({ state }) => state.ours.entries.length + state.theirs.entries.length).join();
      for (let next = this.wire.shift(); next !== undefined; next = this.wire.shift()) await this.#arrive(next);
      quiet = before === this.tabs.map(({ state }) => state.ours.entries.length + state.theirs.entries.length).join();
    }
  }

  async #arrive({ to, text }: { readonly to: 0 | 1; readonly text: string }): Promise<void> {
    this.#send(to, await this.tabs[to].hear(decodeTabMessage(text)));
  }

  async #owe(by: 0 | 1, more: bigint): Promise<void> {
    try {
      const message = await this.tabs[by].owe(more);
      this.owed[by] = (this.owed[by] ?? 0n) + more;
      this.#send(by, [message]);
    } catch (thrown) {
      assert.equal((thrown as { code?: string }).code, "CreditExceeded");
    }
  }

  async #die(by: 0 | 1, write: "unacknowledged" | "lost", more: bigint): Promise<void> {
    this.#journals[by].next = write;
    const before = this.tabs[by].state;
    const failure = await this.tabs[by].owe(more).then(
      () => null,
      (thrown: unknown) => thrown as Error,
    );
    assert.notEqual(failure, null);
    this.#journals[by].next = "kept";
    this.tabs[by] = await this.#open(by);
    const after = this.tabs[by].state;
    assert.ok(after.ours.entries.length >= before.ours.entries.length, "nothing that was given out is forgotten");
    this.owed[by] = totalOf(after.ours);
  }

  #open(one: 0 | 1): Promise<Tab> {
    return Tab.open(this.#sides.options(AGENTS[one] as AgentId, this.#journals[one]));
  }

  #send(from: 0 | 1, messages: readonly TabMessage[]): void {
    for (const message of messages) this.wire.push({ to: from === 0 ? 1 : 0, text: encodeTabMessage(message) });
  }
}

describe("a running account over a wire that loses, doubles and disorders, with processes that die", () => {
  it("comes to the same on both sides, to the sum of what was owed, and never beyond the credit", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 60 }), async (acts) => {
        const play = await Play.begin();
        for (const one of acts) {
          await play.perform(one);
          for (const { state } of play.tabs) {
            assert.ok(totalOf(state.ours) - totalOf(state.theirs) <= state.ours.credit);
            assert.ok(totalOf(state.theirs) - totalOf(state.ours) <= state.theirs.credit);
          }
        }
        await play.calm();
        const [lower, higher] = play.tabs.map(({ state }) => state) as [Tab["state"], Tab["state"]];
        assert.deepEqual([totalOf(lower.ours), totalOf(lower.theirs)], play.owed);
        assert.deepEqual([totalOf(higher.theirs), totalOf(higher.ours)], play.owed);
        assert.equal(balanceOf(lower), -balanceOf(higher));
        assert.deepEqual([lower.halt, higher.halt, lower.fork, higher.fork], [null, null, null, null]);
        for (const [mine, yours] of [
          [lower.ours, higher.theirs],
          [higher.ours, lower.theirs],
        ] as const) {
          assert.deepEqual(
            mine.entries.map(({ hash }) => hash),
            yours.entries.map(({ hash }) => hash),
          );
        }
      }),
      { numRuns: 150 },
    );
  });

  it("is closed by both once one has, and both know the same statement", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 20 }), side, async (acts, closer) => {
        const play = await Play.begin();
        for (const one of acts) await play.perform(one);
        await play.perform({ act: "close", side: closer });
        await play.calm();
        const [one, other] = play.tabs.map(({ state }) => nettingOf(state));
        assert.deepEqual(one, other);
        const balance = (play.owed[0] ?? 0n) - (play.owed[1] ?? 0n);
        assert.equal(one?.amount ?? 0n, balance < 0n ? -balance : balance);
        if (one != null) assert.equal(one.debtor, balance > 0n ? LOWER : HIGHER);
        for (const tab of play.tabs) await assert.rejects(tab.owe(0n), { code: "TabClosed" });
      }),
      { numRuns: 60 },
    );
  });

  it("is one account for each salt and each credit", async () => {
    const sides = await TwoSides.make();
    const [lower, higher] = TERMS.parties;
    const variants = [
      TERMS,
      { ...TERMS, salt: `0x${"5b".repeat(32)}` as const },
      { ...TERMS, parties: [lower, { ...higher, credit: 401n }] as const },
    ];
    const tabs = await Promise.all(variants.map((one) => Tab.open(sides.options(LOWER, new FrailJournal(), one))));
    assert.equal(new Set(tabs.map(({ state }) => state.id)).size, variants.length);
  });
});
