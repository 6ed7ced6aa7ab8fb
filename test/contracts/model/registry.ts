// Who the agents are, and who speaks for them.
import { type Agent, max, NOBODY, refuse, type State } from "./state.ts";
import { LIABILITY, LOCK_AHEAD } from "./time.ts";

export function find(state: State, agent: bigint): Agent | undefined {
  return state.agents.find(({ id }) => id === agent);
}

/** For what Settlement asks about itself. */
export function requireAgent(state: State, agent: bigint): Agent {
  return find(state, agent) ?? refuse("AgentUnknown", agent, BigInt(state.agents.length));
}

/** For what the registry answers as a token contract. */
function owned(state: State, agent: bigint): Agent {
  return find(state, agent) ?? refuse("ERC721NonexistentToken", agent);
}

export function ownerOnly(state: State, by: string, agent: bigint): Agent {
  const found = owned(state, agent);
  if (by !== found.owner) refuse("NotOwner", agent, by);
  return found;
}

export function speaksFor(state: State, by: string, agent: bigint): boolean {
  const found = owned(state, agent);
  return by === found.wallet || by === found.owner;
}

export function ownerOrWalletOnly(state: State, by: string, agent: bigint): void {
  if (!speaksFor(state, by, agent)) refuse("NotOwnerOrWallet", agent, by);
}

export function lock(state: State, by: string, agent: bigint, until: bigint): void {
  const found = ownerOnly(state, by, agent);
  const present = max(found.lockedUntil, state.now);
  if (until <= present) refuse("LockNotExtended", agent, until, present);
  if (until > state.now + LOCK_AHEAD) refuse("LockTooFar", agent, until, state.now + LOCK_AHEAD);
  found.lockedUntil = until;
}

function endEpoch(state: State, agent: Agent, wallet: string): void {
  agent.ended.set(agent.epoch, { wallet: agent.wallet, endedAt: state.now });
  agent.epoch += 1n;
  agent.wallet = wallet;
}

export function transfer(state: State, by: string, agent: bigint, to: string): void {
  const found = owned(state, agent);
  if (by !== found.owner) refuse("ERC721InsufficientApproval", by, agent);
  if (to === found.owner) return;
  found.owner = to;
  found.tenure += 1n;
  endEpoch(state, found, NOBODY);
}

export function revokeKeys(state: State, by: string, agent: bigint): void {
  const found = owned(state, agent);
  ownerOrWalletOnly(state, by, agent);
  endEpoch(state, found, found.wallet);
}

/** The wallet's own consent is given. */
export function setWallet(state: State, by: string, agent: bigint, wallet: string): void {
  const found = owned(state, agent);
  if (by !== found.owner) refuse("NotOwnerOrApproved", agent, by);
  endEpoch(state, found, wallet);
}

/** A session key's word: who certified the key, in which epoch, and for how long. */
export interface Voice {
  epoch: bigint;
  signer: string;
  notBefore: bigint;
  notAfter: bigint;
}

/** Of an agent that isn't registered, nobody can say anything. */
const UNKNOWN: Pick<Agent, "epoch" | "wallet" | "ended"> = { epoch: 0n, wallet: NOBODY, ended: new Map() };

function requireWithin(state: State, agent: bigint, notBefore: bigint, notAfter: bigint): void {
  if (state.now < notBefore) refuse("CertificateNotYetValid", agent, state.now, notBefore);
  if (state.now > notAfter) refuse("CertificateExpired", agent, state.now, notAfter);
}

function requireEpoch(state: State, agent: bigint, epoch: bigint): string {
  const present = find(state, agent) ?? UNKNOWN;
  if (epoch !== present.epoch) refuse("WrongEpoch", agent, epoch, present.epoch);
  return present.wallet;
}

/** What gives authority now. */
export function requireSpeaks(state: State, agent: bigint, voice: Voice): void {
  const wallet = requireEpoch(state, agent, voice.epoch);
  requireWithin(state, agent, voice.notBefore, voice.notAfter);
  if (voice.signer !== wallet) refuse("BadCertificate", agent, wallet);
}

/** That the agent has an epoch behind it for which it still answers. */
export function requireEndedLately(state: State, agent: bigint, epoch: bigint): void {
  const { epoch: present, ended } = find(state, agent) ?? UNKNOWN;
  const past = ended.get(epoch);
  if (!past) refuse("WrongEpoch", agent, epoch, present);
  requireWithin(state, agent, 0n, past.endedAt + LIABILITY);
}

/** What obliges even a day after the key's end, by itself or by revocation. */
export function requireLiable(state: State, agent: bigint, voice: Voice): void {
  const { epoch, wallet, ended } = find(state, agent) ?? UNKNOWN;
  const past = ended.get(voice.epoch);
  if (voice.epoch !== epoch && !past) refuse("WrongEpoch", agent, voice.epoch, epoch);
  const end = past && past.endedAt < voice.notAfter ? past.endedAt : voice.notAfter;
  requireWithin(state, agent, voice.notBefore, end + LIABILITY);
  const speaker = past ? past.wallet : wallet;
  if (voice.signer !== speaker) refuse("BadCertificate", agent, speaker);
}

/** The same, but the certificate itself has to run still. */
export function requireGiven(state: State, agent: bigint, voice: Voice): void {
  requireWithin(state, agent, voice.notBefore, voice.notAfter);
  requireLiable(state, agent, voice);
}

/** A wallet's signature for an epoch. */
export function requireWallet(state: State, agent: bigint, epoch: bigint, signer: string): void {
  const wallet = requireEpoch(state, agent, epoch);
  if (signer !== wallet) refuse("BadWalletSignature", agent, wallet);
}
