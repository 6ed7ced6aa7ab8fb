import { isHex } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import { toAddress } from "../kernel/ids.ts";
import { formatCoin } from "../kernel/money.ts";
import type { Arbitrator } from "../node/arbitrator.ts";
import { asArbitrator } from "../node/court-office.ts";
import type { Inclusion } from "../ports/chain.ts";
import { REFUSAL } from "../ports/court.ts";
import { tellVote } from "../settlement/disputes/telling.ts";
import { parseFlags, wholeNumber } from "./args.ts";
import { EXIT, usageError } from "./command.ts";
import { COURT_FLAGS, openKeys, openOffice, requireDispute } from "./court-access.ts";
import { jsonOf } from "./json-of.ts";
import { print } from "./screen.ts";
import { warn } from "./warn.ts";

const FLAGS = { ...COURT_FLAGS, json: { type: "boolean", default: false } } as const;

interface Common {
  readonly config?: string;
  readonly json: boolean;
}

/** Does one thing as the account whose keys are configured, and says what came of it. */
async function act(
  { config, json }: Common,
  does: (arbitrator: Arbitrator) => Promise<{ readonly inclusion: Inclusion; readonly says: string }>,
): Promise<number> {
  const office = await openOffice(config);
  const keys = await openKeys(office.config.keys);
  const trouble = (error: ParleyError) => warn(`${error.message} [${error.code}]; it is tried again`);
  const { inclusion, says } = await asArbitrator(office, keys, does, trouble);
  const { transaction, block } = inclusion;
  print(json ? jsonOf({ says, transaction, block, account: keys.address }) : `${says}: transaction ${transaction}`);
  return EXIT.ok;
}

async function register(args: readonly string[]): Promise<number> {
  return await act(parseFlags("court", args, FLAGS), async ({ court, reader }) => {
    const [price, seat] = await Promise.all([reader.seatStake(), reader.seat(court.address)]);
    if (seat.taken) {
      throw new ParleyError("SeatTakenAlready", `${court.address} has a seat at ${reader.address} already`, {
        hint: "watch for disputes: parley court list, or parley court auto",
      });
    }
    const lacks = price - seat.stake;
    return { inclusion: await court.takeSeat(lacks), says: `${court.address} has a seat, for ${formatCoin(lacks)}` };
  });
}

async function vote(args: readonly string[]): Promise<number> {
  const { dispute, rest } = requireDispute(args);
  const flags = parseFlags("court", rest, {
    ...FLAGS,
    share: { type: "string" },
    refuse: { type: "boolean", default: false },
    because: { type: "string", default: "" },
  });
  if ((flags.share === undefined) !== flags.refuse) {
    throw usageError("a vote is either --share N, in basis points to the seller, or --refuse", "court");
  }
  const share = flags.share === undefined ? REFUSAL : wholeNumber("court", "share", flags.share, 0, 10_000);
  return await act(flags, async (arbitrator) => {
    const inclusion = await arbitrator.vote(await arbitrator.reader.find(dispute), share, flags.because);
    return { inclusion, says: `voted in dispute ${dispute}: ${tellVote(share)}; reveal it when its time comes` };
  });
}

async function reveal(args: readonly string[]): Promise<number> {
  const { dispute, rest } = requireDispute(args);
  return await act(parseFlags("court", rest, FLAGS), async (arbitrator) => {
    const inclusion = await arbitrator.reveal(await arbitrator.reader.find(dispute));
    return { inclusion, says: `revealed in dispute ${dispute}: ${tellVote(inclusion.vote)}` };
  });
}

/** What anybody may push on; the Court itself says whether it is time. */
function pushing(says: string, push: (arbitrator: Arbitrator, dispute: bigint) => Promise<Inclusion>) {
  return async (args: readonly string[]): Promise<number> => {
    const { dispute, rest } = requireDispute(args);
    return await act(parseFlags("court", rest, FLAGS), async (arbitrator) => {
      // Refused by a name of ours where there is no such dispute.
      await arbitrator.reader.find(dispute);
      return { inclusion: await push(arbitrator, dispute), says: `dispute ${dispute}: ${says}` };
    });
  };
}

async function appeal({ court, reader }: Arbitrator, dispute: bigint): Promise<Inclusion> {
  const { stage, appealCost } = await reader.find(dispute);
  if (stage === "Appealable" && appealCost !== null) return await court.appeal(dispute);
  throw new ParleyError("StageMismatch", `dispute ${dispute} is ${stage.toLowerCase()}, and can't be appealed`, {
    hint: "an appeal is possible after the votes, for as long as parley court show tells, and twice at most",
  });
}

async function withdraw(args: readonly string[]): Promise<number> {
  const flags = parseFlags("court", args, { ...FLAGS, to: { type: "string" } });
  const { to } = flags;
  if (to !== undefined && !isHex(to, 20)) throw usageError(`--to takes an address, not '${to}'`, "court");
  return await act(flags, async ({ court, reader }) => {
    const { credit } = await reader.seat(court.address);
    const receiver = to === undefined ? court.address : toAddress(to);
    return { inclusion: await court.withdraw(receiver), says: `${formatCoin(credit)} is paid to ${receiver}` };
  });
}

export const ACTIONS = {
  register,
  vote,
  reveal,
  draw: pushing("the panel is drawn", ({ court }, dispute) => court.draw(dispute)),
  pass: pushing("the round is counted", ({ court }, dispute) => court.pass(dispute)),
  execute: pushing("the ruling is passed on", ({ court }, dispute) => court.executeRuling(dispute)),
  appeal: pushing("a larger panel is asked", appeal),
  leave: async (args: readonly string[]) =>
    await act(parseFlags("court", args, FLAGS), async ({ court }) => {
      return { inclusion: await court.leaveSeat(), says: "the seat is given up; older disputes can still draw it" };
    }),
  release: async (args: readonly string[]) =>
    await act(parseFlags("court", args, FLAGS), async ({ court }) => {
      return { inclusion: await court.releaseStake(), says: "the stake can be withdrawn" };
    }),
  withdraw,
} as const;
