import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ParleyError } from "../../../offchain/kernel/errors.ts";
import {
  REFUSAL_CODES,
  Refusal,
  type RefusalCode,
  refusalName,
  refusalNumber,
} from "../../../offchain/terms/refusal.ts";

describe("reasons of an END", () => {
  it("keep their numbers", () => {
    assert.deepEqual(REFUSAL_CODES, {
      Withdrawn: 1,
      RoundsExhausted: 2,
      Expired: 3,
      ProposalRefused: 4,
      JournalLost: 5,
      Overloaded: 6,
      StakeTooSmall: 7,
      Malformed: 100,
      Oversized: 101,
      UnknownKind: 102,
      WrongNegotiation: 103,
      WrongAgent: 104,
      SeqGap: 105,
      PrevMismatch: 106,
      SeenMismatch: 107,
      BodyMismatch: 108,
      BadSignature: 109,
      CertificateInvalid: 110,
      CertificateNotYetValid: 111,
      CertificateExpired: 112,
      EpochEnded: 113,
      DealMismatch: 114,
      OutOfTurn: 115,
      Conflict: 116,
      TooManyRounds: 117,
    });
  });

  it("are found by number and by name", () => {
    for (const name of Object.keys(REFUSAL_CODES) as RefusalCode[]) {
      assert.equal(refusalName(refusalNumber(name)), name);
    }
  });

  it("that nobody knows are refused", () => {
    for (const number of [0, 8, 99, 118, 65_535]) assert.throws(() => refusalName(number), { code: "Malformed" });
  });
});

describe("Refusal", () => {
  it("is a ParleyError with a name of its own", () => {
    const refusal = new Refusal("SeqGap", "envelope 3 came where 2 was due");
    assert.ok(refusal instanceof ParleyError);
    assert.equal(refusal.name, "Refusal");
    assert.equal(refusal.code, "SeqGap");
  });
});
