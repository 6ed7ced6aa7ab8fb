import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { NodeCrypto } from "../../../../offchain/adapters/crypto/node/crypto.ts";
import { type Act, actOf } from "../../../../offchain/identity/mandate/act.ts";
import {
  decodeLinks,
  delegateMandate,
  holderPreimage,
  issueMandate,
  type Link,
  ownerDigest,
} from "../../../../offchain/identity/mandate/credential.ts";
import { type MandateTerms, MOST_LINKS, writeDocument } from "../../../../offchain/identity/mandate/document.ts";
import { verifyMandate } from "../../../../offchain/identity/mandate/verify.ts";
import { localWallet } from "../../../../offchain/identity/wallet.ts";
import { concat, fromHex, type Hex, utf8 } from "../../../../offchain/kernel/bytes.ts";
import { keccak256, keccakText, sha256 } from "../../../../offchain/kernel/hash.ts";
import { ZERO_ADDRESS } from "../../../../offchain/kernel/ids.ts";
import type { Ownership, Principals } from "../../../../offchain/ports/chain.ts";
import type { SessionSigner } from "../../../../offchain/ports/crypto.ts";
import { canonicalJson, hashJson, type JsonObject } from "../../../../offchain/terms/canonical-json.ts";
import { domainSeparator, registryDomain, typedDigest } from "../../../../offchain/terms/eip712.ts";
import { actor, DEPLOYMENT, flip } from "../../../vectors/actors.ts";
import { act, family, TOKENS } from "./fixture.ts";

const CRYPTO = new NodeCrypto();
const OWNER = actor(1n);
const AGENT = OWNER.agent;
const [TOKEN] = TOKENS as [`0x${string}`];

const holder = (): SessionSigner => CRYPTO.sessionSigner(CRYPTO.generateSessionSecret());

/** A registry in which one owner has the agent, for the third time that it changed hands. */
class OneOwner implements Principals {
  owned: Ownership = { owner: OWNER.wallet, tenure: 3 };
  /** Signatures that the owner's contract takes. */
  readonly taken = new Set<Hex>();

  async ownership(agent: bigint): Promise<Ownership> {
    return agent === AGENT ? this.owned : { owner: ZERO_ADDRESS, tenure: 0 };
  }

  async signedBy(_wallet: string, _digest: string, signature: Hex): Promise<boolean> {
    return this.taken.has(signature);
  }
}

function terms(by: SessionSigner, changes: Partial<MandateTerms> = {}): MandateTerms {
  const most = { type: "parley.price-most", most: { [TOKEN]: "100" } };
  return { holder: by.publicKey, constraints: [most], notBefore: 0, notAfter: 1_000, delegations: 3, ...changes };
}

function issue(changes: MandateTerms): Promise<string> {
  return issueMandate(localWallet(OWNER.walletSecret), DEPLOYMENT, AGENT, 3, changes);
}

function verify(text: string, principals: Principals = new OneOwner()) {
  return verifyMandate(text, { deployment: DEPLOYMENT, principals, crypto: CRYPTO });
}

function withLinks(text: string, change: (links: Link[]) => readonly Link[]): string {
  return canonicalJson(change([...decodeLinks(text)]).map(({ document, signature }) => ({ document, signature })));
}

const ACT: Act = {
  role: "buyer",
  token: TOKEN,
  category: `0x${"00".repeat(32)}`,
  counterparty: 2n,
  price: 100n,
  bond: 0n,
  outstanding: 0n,
  commitBy: 500,
};

describe("a mandate", () => {
  it("that the owner signed lets its holder do what it says, and no more", async () => {
    const first = holder();
    const mandate = await verify(await issue(terms(first)));
    assert.equal(mandate.agent, AGENT);
    assert.deepEqual(mandate.holder, { ...first.publicKey });
    assert.equal(mandate.depth, 0);
    mandate.requireAllowed(ACT, 400);
    const over = { ...ACT, price: 101n };
    assert.throws(() => mandate.requireAllowed(over, 400), {
      code: "MandateForbids",
      facts: { constraint: "parley.price-most" },
    });
  });

  it("counts within its time only, and for what can be committed within it only", async () => {
    const mandate = await verify(await issue(terms(holder(), { notBefore: 100, notAfter: 600 })));
    mandate.requireAllowed(ACT, 100);
    mandate.requireAllowed({ ...ACT, commitBy: 600 }, 600);
    for (const [one, now] of [
      [ACT, 99],
      [ACT, 601],
      [{ ...ACT, commitBy: 601 }, 400],
    ] as const) {
      assert.throws(() => mandate.requireAllowed(one, now), { code: "MandateOutOfTime" });
    }
  });

  it("ends with its owner's tenure, even where the same one buys the agent back", async () => {
    const text = await issue(terms(holder()));
    const principals = new OneOwner();
    principals.owned = { owner: OWNER.wallet, tenure: 5 };
    await assert.rejects(verify(text, principals), { code: "MandateEnded" });
    principals.owned = { owner: actor(2n).wallet, tenure: 3 };
    await assert.rejects(verify(text, principals), { code: "MandateInvalid" });
  });

  it("may be signed by an owner that is a contract", async () => {
    const text = await issueMandate(localWallet(actor(9n).walletSecret), DEPLOYMENT, AGENT, 3, terms(holder()));
    const principals = new OneOwner();
    await assert.rejects(verify(text, principals), { code: "MandateInvalid" });
    principals.taken.add((decodeLinks(text)[0] as Link).signature);
    assert.equal((await verify(text, principals)).agent, AGENT);
  });

  it("is passed on by its holder, through as many hands as it allows", async () => {
    const hands = Array.from({ length: 4 }, holder);
    let text = await issue(terms(hands[0] as SessionSigner));
    for (const [index, next] of hands.slice(1).entries()) {
      const narrower = terms(next, { delegations: 2 - index, notAfter: 900 - index });
      text = await delegateMandate(text, hands[index] as SessionSigner, DEPLOYMENT, narrower);
    }
    const mandate = await verify(text);
    assert.deepEqual([mandate.depth, mandate.notAfter], [3, 898]);
    assert.deepEqual(mandate.holder, { ...(hands[3] as SessionSigner).publicKey });
    const further = delegateMandate(text, hands[3] as SessionSigner, DEPLOYMENT, terms(holder(), { delegations: 0 }));
    await assert.rejects(further, { code: "MandateWider" });
  });

  it("can't be passed on by who doesn't hold it, nor wider", async () => {
    const first = holder();
    const text = await issue(terms(first));
    const narrower = terms(holder(), { delegations: 0 });
    await assert.rejects(delegateMandate(text, holder(), DEPLOYMENT, narrower), { code: "MandateInvalid" });
    const wider = { ...narrower, constraints: [{ type: "parley.price-most", most: { [TOKEN]: "101" } }] };
    await assert.rejects(delegateMandate(text, first, DEPLOYMENT, wider), { code: "MandateWider" });
    await assert.rejects(delegateMandate(text, first, DEPLOYMENT, { ...narrower, constraints: [] }), {
      code: "MandateWider",
    });
  });

  it("is verified as a whole: a link that is forged, wider, foreign, left out or moved spoils it", async () => {
    const [first, second, third] = [holder(), holder(), holder()];
    const root = await issue(terms(first));
    const one = await delegateMandate(root, first, DEPLOYMENT, terms(second, { delegations: 1 }));
    const two = await delegateMandate(one, second, DEPLOYMENT, terms(third, { delegations: 0 }));
    await verify(two);
    /** Signs a link as only its holder could, without looking at what it says. */
    const forge = async (by: SessionSigner, document: JsonObject): Promise<Link> => ({
      document,
      signature: await by.sign(holderPreimage(DEPLOYMENT, document)),
    });
    const [rootLink] = decodeLinks(root) as [Link];
    const parent = hashJson(rootLink.document);
    const wider = terms(third, { delegations: 0, notAfter: 2_000 });
    const spoilt: readonly (readonly [what: string, text: string, code: string])[] = [
      ["a link left out", withLinks(two, (links) => links.toSpliced(1, 1)), "MandateInvalid"],
      ["two links exchanged", withLinks(two, ([a, b, c]) => [a, c, b] as Link[]), "MandateInvalid"],
      ["no owner", withLinks(two, (links) => links.slice(1)), "MandateInvalid"],
      [
        "a signature with a bit turned over",
        withLinks(two, (links) => links.map((link) => ({ ...link, signature: flip(link.signature) }))),
        "MandateInvalid",
      ],
      [
        "another owner's signature",
        withLinks(root, ([link]) => [{ ...(link as Link), signature: actor(2n).certificate.signature }]),
        "MandateInvalid",
      ],
      ["no signature", withLinks(root, ([link]) => [{ ...(link as Link), signature: "0x" }]), "MandateInvalid"],
      [
        "terms that were changed after they were signed",
        withLinks(root, ([link]) => [{ ...(link as Link), document: { ...(link as Link).document, notAfter: 5_000 } }]),
        "MandateInvalid",
      ],
      [
        "a wider link that its holder signed all the same",
        canonicalJson([{ ...rootLink }, { ...(await forge(first, writeDocument(AGENT, { parent }, wider))) }]),
        "MandateWider",
      ],
      [
        "a link of another agent",
        canonicalJson([
          { ...rootLink },
          { ...(await forge(first, writeDocument(2n, { parent }, terms(third, { delegations: 0 })))) },
        ]),
        "MandateWider",
      ],
      [
        "a link that was derived from another mandate of the same holder",
        canonicalJson([
          { ...rootLink },
          {
            ...(await forge(
              first,
              writeDocument(AGENT, { parent: hashJson({ other: "mandate" }) }, terms(third, { delegations: 0 })),
            )),
          },
        ]),
        "MandateInvalid",
      ],
      [
        "a constraint further down that isn't known",
        canonicalJson([
          { ...rootLink },
          {
            ...(await forge(
              first,
              writeDocument(AGENT, { parent }, terms(third, { constraints: [{ type: "parley.moon-phase" }] })),
            )),
          },
        ]),
        "UnresolvedConstraint",
      ],
    ];
    for (const [what, text, code] of spoilt) {
      await assert.rejects(verify(text), { code }, what);
    }
  });

  it("is worth nothing at another registry or on another chain", async () => {
    const text = await issue(terms(holder()));
    for (const changes of [{ chainId: 1 }, { registry: DEPLOYMENT.settlement }]) {
      const deployment = { ...DEPLOYMENT, ...changes };
      const verifying = verifyMandate(text, { deployment, principals: new OneOwner(), crypto: CRYPTO });
      await assert.rejects(verifying, { code: "MandateInvalid" });
    }
  });

  it("is refused without a look at any signature where it is too long, too deep, or no list", async () => {
    const [link] = decodeLinks(await issue(terms(holder()))) as [Link];
    const long = canonicalJson(Array.from({ length: MOST_LINKS + 1 }, () => ({ ...link })));
    const texts = ["", "null", "[]", "{}", "[[]]", "[1]", " []", long, `["${"x".repeat(200_000)}"]`, "[".repeat(5_000)];
    for (const text of texts) await assert.rejects(verify(text), { code: "Malformed" }, text.slice(0, 20));
    await assert.rejects(verify(`[{"document":{"a":1,"a":2},"signature":"0x"}]`), { code: "Malformed" });
  });

  it("that is passed on never allows what the one before it doesn't, whatever both say", async () => {
    let passed = 0;
    const property = fc.asyncProperty(family, fc.array(act, { minLength: 6, maxLength: 6 }), async (both, acts) => {
      const first = holder();
      const root = await issue(terms(first, { constraints: both.parent, notAfter: 60 }));
      const narrower = terms(holder(), { constraints: both.child, notAfter: 50, delegations: 0 });
      const text = await delegateMandate(root, first, DEPLOYMENT, narrower).catch(() => null);
      if (text === null) return;
      passed++;
      const [outer, inner] = [await verify(root), await verify(text)];
      for (const one of acts) {
        if (isAllowed(() => inner.requireAllowed(one, 10))) outer.requireAllowed(one, 10);
      }
    });
    await fc.assert(property, { numRuns: 120 });
    assert.ok(passed > 10, `${passed} were passed on`);
  });
});

describe("a mandate's format", () => {
  it("is frozen: what is signed is the same to the byte as docs/credentials.md has it", async () => {
    const { x, y } = OWNER.session;
    const root = writeDocument(AGENT, { tenure: 3 }, terms(CRYPTO.sessionSigner(OWNER.session)));
    const text =
      `{"agent":"1","constraints":[{"most":{"${TOKEN}":"100"},"type":"parley.price-most"}],"delegations":3,` +
      `"holder":{"x":"${x}","y":"${y}"},"notAfter":1000,"notBefore":0,"tenure":3,"type":"parley.mandate","version":1}`;
    assert.equal(canonicalJson(root), text);
    const hash = sha256(utf8.encode(text));
    const separator = domainSeparator(registryDomain(DEPLOYMENT.chainId, DEPLOYMENT.registry));
    const type = keccakText("MandateCredential(uint256 agent,bytes32 credential)");
    const struct = keccak256(concat(fromHex(type), fromHex(`0x${"00".repeat(31)}01`), fromHex(hash)));
    assert.equal(ownerDigest(DEPLOYMENT, AGENT, root), typedDigest(separator, struct));
    const preimage = concat(utf8.encode("parley mandate, version 1\n"), fromHex(separator), fromHex(hash));
    assert.deepEqual(holderPreimage(DEPLOYMENT, root), preimage);
  });
});

describe("an act", () => {
  it("is an agent's own part in a deal", () => {
    const deal = {
      buyer: 1n,
      seller: 2n,
      token: TOKEN,
      price: 100n,
      buyerBond: 10n,
      sellerBond: 20n,
      commitBy: 500,
      deliverWithin: 1,
      reviewPeriod: 1,
      arbitrator: ZERO_ADDRESS,
      maxFee: 0n,
      rulingWithin: 0,
      lapseShare: 0,
      category: `0x${"00".repeat(32)}`,
      terms: `0x${"00".repeat(32)}`,
      negotiation: `0x${"00".repeat(32)}`,
    } as const;
    assert.deepEqual(actOf(deal, "buyer", 7n), { ...ACT, bond: 10n, outstanding: 7n });
    assert.deepEqual(actOf(deal, "seller", 7n), {
      ...ACT,
      role: "seller",
      counterparty: 1n,
      bond: 20n,
      outstanding: 7n,
    });
  });
});

function isAllowed(check: () => void): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}
