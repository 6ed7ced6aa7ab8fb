// Vectors of journal records: one for each type of event.

import type { Brief } from "../../offchain/dealing/brief.ts";
import { encodeRecord } from "../../offchain/dealing/record.ts";
import type { Event } from "../../offchain/dealing/state.ts";
import { toHex } from "../../offchain/kernel/bytes.ts";
import { ZERO_32 } from "../../offchain/kernel/ids.ts";
import { encodeMessage, type Message } from "../../offchain/terms/message.ts";
import { encodeProposal } from "../../offchain/terms/proposal.ts";
import { NOW } from "./actors.ts";
import { BUYER, PROPOSAL, SELLER, wholeLife } from "./scene.ts";

const at = NOW * 1_000;

const BUYER_BRIEF: Brief = {
  self: BUYER.agent,
  peer: SELLER.agent,
  opener: true,
  role: "buyer",
  salt: BUYER.salt,
  proposal: encodeProposal(PROPOSAL),
  certificate: BUYER.certificate,
  strategy: { kind: "time-dependent", from: 80_000_000n, limit: 120_000_000n, pace: 0.5 },
  address: "ws://127.0.0.1:4102",
  intent: null,
  again: null,
};

const SELLER_BRIEF: Brief = {
  ...BUYER_BRIEF,
  self: SELLER.agent,
  peer: BUYER.agent,
  opener: false,
  role: "seller",
  salt: SELLER.salt,
  certificate: SELLER.certificate,
  strategy: { kind: "time-dependent", from: 130_000_000n, limit: 90_000_000n, pace: 1 },
  address: "",
};

function came(message: Message): { message: Message; frame: Uint8Array } {
  return { message, frame: encodeMessage(message) };
}

export function journalRecords() {
  const { opener, responder } = wholeLife();
  const [open, offer, , accept, receipt] = opener.messages as [Message, Message, Message, Message, Message];
  const [join, counter] = responder.messages as [Message, Message];
  const deal = accept.envelope.body;
  const records: [string, Event, readonly Message[]][] = [
    ["we open", { type: "opened", at, brief: BUYER_BRIEF }, [open]],
    ["we are invited", { type: "invited", at: at + 5, brief: SELLER_BRIEF, ...came(open) }, [join]],
    ["a message comes, and we answer it", { type: "received", at: at + 30, ...came(offer) }, [counter]],
    ["a message comes, and nothing is to be said", { type: "received", at: at + 75, ...came(accept) }, []],
    [
      "what came was refused",
      {
        type: "offended",
        at: at + 80,
        reason: { code: "Malformed", note: "message version 3 is not spoken here" },
        frame: Uint8Array.of(3, 1, 4, 1, 5),
      },
      [],
    ],
    ["we offer what somebody decided on", { type: "moved", at, move: { say: "offer", price: 80_000_000n } }, [offer]],
    ["we accept as somebody decided", { type: "moved", at: at + 60, move: { say: "accept" } }, [accept]],
    ["our journal may lack something", { type: "doubted", at: at + 90, note: "a backup was restored" }, []],
    ["we may sign what binds", { type: "granted", at: at + 10 }, []],
    [
      "we open for an intent that is negotiated elsewhere too",
      { type: "opened", at, brief: { ...BUYER_BRIEF, intent: { id: `0x${"99".repeat(32)}`, most: 2 } } },
      [open],
    ],
    [
      "we open what is asked for again where nothing comes of it",
      { type: "opened", at, brief: { ...BUYER_BRIEF, again: { afterMs: 3_600_000, times: 3, lastsS: 3_600 } } },
      [open],
    ],
    ["it was asked again elsewhere", { type: "reopened", at: at + 95 }, []],
    ["time ran out", { type: "expired", at: at + 3_600_001 }, []],
    ["we leave", { type: "spoken", at, body: { kind: "END", code: "Withdrawn", subject: ZERO_32, note: "bye" } }, []],
    ["we deliver", { type: "spoken", at, body: { kind: "DELIVER", deal, evidence: `0x${"d1".repeat(32)}` } }, []],
    ["we sign a receipt", { type: "spoken", at, body: { kind: "RECEIPT", deal, total: 52_500_000n } }, [receipt]],
  ];
  return records.map(([name, event, messages]) => {
    const sent = messages.map(encodeMessage);
    return { name, event: inWords(event), sent, record: toHex(encodeRecord({ event, sent })) };
  });
}

/** A message within an event is given once, as its bytes. */
export function inWords(event: Event) {
  if (!("message" in event)) return event;
  const { frame, ...rest } = event;
  return { ...rest, message: frame };
}
