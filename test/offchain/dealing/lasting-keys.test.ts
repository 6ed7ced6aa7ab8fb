import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SigningKeys } from "../../../offchain/identity/signing-keys.ts";
import { fixedKey } from "../../../offchain/identity/signing-keys.ts";
import type { JsonObject } from "../../../offchain/terms/canonical-json.ts";
import { Refusal } from "../../../offchain/terms/refusal.ts";
import { type Side, World } from "./fixture.ts";

const SALT = `0x${"5a".repeat(32)}`;

const ACCESS: JsonObject = {
  ...{ schema: "parley-terms/1", category: "api", salt: SALT, levels: [] },
  lines: [{ what: "translations", amount: "100", unit: "call" }],
  delivery: { by: "access", url: "https://api.example", calls: 100, seconds: 86_400 },
};

const [DELIVERY_S, REVIEW_S] = [3_600, 90_000];

describe("a session key", () => {
  for (const [what, terms, more] of [
    ["access, until its review ends", ACCESS, DELIVERY_S + REVIEW_S],
    ["anything else, until it has to be committed", { salt: SALT }, 0],
  ] as const) {
    it(`bears a deal about ${what}`, async () => {
      const asked: { readonly side: Side; readonly until: number }[] = [];
      const world = await worldWith(asked, Number.POSITIVE_INFINITY);
      const proposal = world.proposal({ terms });
      const deal = { ...proposal.deal, deliverWithin: DELIVERY_S, reviewPeriod: REVIEW_S };
      await world.open({ ...proposal, deal });
      await world.quiet();
      const until = deal.commitBy + more;
      assert.deepEqual(asked, [
        { side: "buyer", until },
        { side: "seller", until },
      ]);
    });
  }

  it("that doesn't bear it leaves access unopened, or refused", async () => {
    const asked: { readonly side: Side; readonly until: number }[] = [];
    const world = await worldWith(asked, 86_400, ["seller"]);
    const proposal = world.proposal({ terms: ACCESS });
    await world.open({ ...proposal, deal: { ...proposal.deal, reviewPeriod: REVIEW_S } });
    await world.quiet();
    const { state } = world.session("buyer");
    assert.ok(state.phase === "ended" && state.ending.code === "ProposalRefused", state.phase);
    const own = await worldWith([], 86_400, ["buyer"]);
    await assert.rejects(own.open({ ...proposal, deal: { ...proposal.deal, reviewPeriod: REVIEW_S } }), {
      code: "ProposalRefused",
    });
  });
});

/** Two sides whose keys tell what is asked of them; those of `weak` ones last for so many seconds from now. */
async function worldWith(
  asked: { readonly side: Side; readonly until: number }[],
  lastsS: number,
  weak: readonly Side[] = [],
): Promise<World> {
  const plain = await World.create();
  const keysOf = async (side: Side): Promise<SigningKeys> => {
    const fixed = fixedKey(plain.signer(side), await plain.certificate(side));
    return {
      signer: fixed.signer,
      certificate: (until) => {
        asked.push({ side, until });
        if (weak.includes(side) && until > plain.seconds + lastsS)
          throw new Refusal("ProposalRefused", "it ends before");
        return fixed.certificate(until);
      },
    };
  };
  const more = { buyer: { keys: await keysOf("buyer") }, seller: { keys: await keysOf("seller") } };
  return await World.create({ more });
}
