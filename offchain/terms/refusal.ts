import { ParleyError } from "../kernel/errors.ts";

/**
 * Why a negotiation ended without a deal: numbers on the wire, names everywhere else. Below 100 nobody is
 * at fault; from 100 on the envelope named as subject broke the protocol.
 */
const CODES = {
  /** The sender no longer wants a deal. */
  Withdrawn: 1,
  /** The last round passed without agreement. */
  RoundsExhausted: 2,
  /** `commitBy` passed, or is too near to still be kept. */
  Expired: 3,
  /** The proposal is not one that the responder negotiates. */
  ProposalRefused: 4,
  /** The sender's journal has a gap, so it may sign nothing else any more. */
  JournalLost: 5,
  /** The sender takes no more negotiations at present. */
  Overloaded: 6,
  /** The other side has less at stake than the bond that the deal names for it. */
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
  /** Two different envelopes under one `seq`. */
  Conflict: 116,
  TooManyRounds: 117,
} as const;

export type RefusalCode = keyof typeof CODES;

const NAMES = new Map<number, RefusalCode>((Object.keys(CODES) as RefusalCode[]).map((name) => [CODES[name], name]));

export const REFUSAL_CODES: Readonly<Record<RefusalCode, number>> = CODES;

export function refusalNumber(code: RefusalCode): number {
  return CODES[code];
}

export function refusalName(number: number): RefusalCode {
  const name = NAMES.get(number);
  if (name === undefined) throw new ParleyError("Malformed", `there is no reason ${number} for an END`);
  return name;
}

/** Thrown where something received can't stand; the code is also what an END tells the other side. */
export class Refusal extends ParleyError<RefusalCode> {
  override readonly name = "Refusal";
}
