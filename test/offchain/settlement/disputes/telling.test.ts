import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { utf8 } from "../../../../offchain/kernel/bytes.ts";
import { sha256 } from "../../../../offchain/kernel/hash.ts";
import type { DisputeRecord } from "../../../../offchain/ports/dispute-record.ts";
import type { Exhibit } from "../../../../offchain/settlement/disputes/exhibit.ts";
import { summarise } from "../../../../offchain/settlement/disputes/summary.ts";
import { tell } from "../../../../offchain/settlement/disputes/telling.ts";
import { withholdProposal } from "../../../../offchain/transcript/evidence/bundle.ts";
import { agreedScene, bundleOf, exhibit, recordOf } from "./trial.ts";

const telling = (record: DisputeRecord, ...exhibits: readonly Exhibit[]) =>
  tell(summarise(record, exhibits, null), String).join("\n");

describe("a dispute told for people", () => {
  it("says whether the terms are shown, withheld, or not there yet, and how to have them", async () => {
    const scene = agreedScene();
    const record = recordOf(scene);
    const nothing = telling(record);
    assert.match(nothing, /What is sold: nobody has shown the terms yet\n {2}ask either side .*parley evidence export/);
    const transcript = withholdProposal(scene.transcript, (proposal) => sha256(utf8.encode(proposal)));
    const withheld = telling(record, await exhibit("buyer", record, bundleOf(scene, { transcript })));
    assert.match(withheld, /What is sold: the evidence withholds the terms\n {2}ask either side/);
    assert.ok(withheld.includes(record.deal.terms), "by their hash they can be told from others");
    assert.match(withheld, /can't be compared: the terms aren't shown/);
    const shown = telling(record, await exhibit("buyer", record, bundleOf(scene)));
    assert.doesNotMatch(shown, /withh|nobody has shown|can't be compared/);
    assert.match(shown, /which is the digest that the signed terms name/);
  });

  it("says of a deal that is over how it ended, and that nothing is left to do", () => {
    const payout = { outcome: "Split", toBuyer: 90n, toSeller: 30n } as const;
    const over = telling(recordOf(agreedScene(), { status: "Settled", payout }));
    assert.match(over, /Now \(settled\): nothing is left to do; both sides can be rated/);
    assert.match(over, /ended Split: 90 to the buyer, 30 to the seller/);
    assert.doesNotMatch(over, /nobody to/);
  });
});
