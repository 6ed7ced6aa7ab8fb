import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { hashJson } from "../../../offchain/terms/canonical-json.ts";
import { dealAt, decodeProposal, encodeProposal, otherRole, type Proposal } from "../../../offchain/terms/proposal.ts";
import { PROPOSAL } from "../../vectors/scene.ts";
import * as anything from "../arbitraries.ts";

const proposal: fc.Arbitrary<Proposal> = anything.record({
  role: fc.constantFrom("buyer" as const, "seller" as const),
  protocol: anything.record({
    name: fc.constant("alternating-offers" as const),
    rounds: fc.integer({ min: 1, max: 10_000 }),
  }),
  deal: fc.tuple(anything.deal, fc.integer({ min: 0, max: 10_000 })).map(([deal, lapseShare]) => {
    const {
      buyer: _buyer,
      seller: _seller,
      price: _price,
      terms: _terms,
      negotiation: _negotiation,
      ...template
    } = deal;
    return { ...template, lapseShare };
  }),
  terms: anything.record({ salt: anything.bytes32, title: anything.text(20) }),
});

describe("proposals", () => {
  it("come back as the same", () => {
    fc.assert(fc.property(proposal, (value) => assert.deepEqual(decodeProposal(encodeProposal(value)), value)));
  });

  it("name the field that is wrong", () => {
    const text = encodeProposal(PROPOSAL).replace('"rounds":5', '"rounds":0');
    assert.throws(() => decodeProposal(text), { code: "Malformed", facts: { path: "protocol.rounds" } });
  });

  it("take addresses in either case, and keep one", () => {
    const token = PROPOSAL.deal.token;
    const text = encodeProposal(PROPOSAL).replace(token, `0x${token.slice(2).toUpperCase()}`);
    assert.equal(decodeProposal(text).deal.token, token);
  });

  it("are completed by parties, id and price", () => {
    const [buyer, seller, negotiation] = [7n, 9n, `0x${"12".repeat(32)}` as const];
    const deal = dealAt(PROPOSAL, { buyer, seller }, negotiation, 5n);
    const terms = hashJson(PROPOSAL.terms);
    assert.deepEqual(deal, { ...PROPOSAL.deal, buyer, seller, negotiation, price: 5n, terms });
  });

  it("leave the other role to the responder", () => {
    assert.equal(otherRole("buyer"), "seller");
    assert.equal(otherRole("seller"), "buyer");
  });
});
