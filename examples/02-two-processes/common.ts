/** What both agents know: the contracts, who holds which wallet, and how an agent is put together. */
import {
  type AgentId,
  CertificateVerifier,
  Dealer,
  type Deployment,
  domainSeparator,
  fixedKey,
  issueCertificate,
  localWallet,
  MemoryJournal,
  NodeCrypto,
  type PriceStrategy,
  type Registry,
  type Session,
  SqliteJournal,
  type Stakes,
  SystemClock,
  settlementDomain,
  systemEntropy,
} from "../../offchain/index.ts";

const deployment: Deployment = { chainId: 31337, registry: `0x${"aa".repeat(20)}`, settlement: `0x${"bb".repeat(20)}` };

export const BUYER: AgentId = 1n;
export const SELLER: AgentId = 2n;
export const crypto = new NodeCrypto();
export const separator = domainSeparator(settlementDomain(deployment.chainId, deployment.settlement));

const wallets = new Map([
  [BUYER, localWallet(`0x${"01".repeat(32)}`)],
  [SELLER, localWallet(`0x${"02".repeat(32)}`)],
]);

function walletOf(agent: AgentId) {
  const wallet = wallets.get(agent);
  if (wallet === undefined) throw new Error(`there is no agent ${agent}`);
  return wallet;
}

// On a chain this is the AgentRegistry contract: new CachedRegistry(new SettlementChain(...)).
const registry: Registry = {
  authority: async (agent) => ({ wallet: walletOf(agent).address, epoch: 1 }),
  certified: async () => false,
};

// And this is Settlement: what an agent would lose if it broke its word.
const stakes: Stakes = { staked: async () => 1_000n };

/** An agent whose every word is signed, and written to the file `journal` before it is sent; without one it is forgotten at the end. */
export async function makeAgent(
  agent: AgentId,
  journal: string | undefined,
  strategy: PriceStrategy,
  onInvited: (session: Session) => void = () => undefined,
): Promise<Dealer> {
  const signer = crypto.sessionSigner(crypto.generateSessionSecret());
  const now = Math.floor(Date.now() / 1000);
  const validity = { notBefore: now - 600, notAfter: now + 86_400, epoch: 1 };
  const certificate = await issueCertificate(walletOf(agent), deployment, agent, signer.publicKey, validity);
  return new Dealer({
    agent,
    certificates: new CertificateVerifier(registry, deployment),
    stakes,
    clock: new SystemClock(),
    crypto,
    entropy: systemEntropy,
    journal: !journal ? new MemoryJournal() : new SqliteJournal(journal),
    paceMs: 0,
    respond: () => strategy,
    separator,
    keys: fixedKey(signer, certificate),
    observe: (session, { type }) => {
      if (type === "invited") onInvited(session);
    },
    fail: (_session, error) => console.error(error),
  });
}
