import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  AgentTokens,
  ClientCertificates,
  Several,
} from "../../../../offchain/identity/authentication/authenticators.ts";
import { ReplayGuard } from "../../../../offchain/identity/token/replay-guard.ts";
import { issueToken } from "../../../../offchain/identity/token/token.ts";
import { TokenVerifier } from "../../../../offchain/identity/token/token-verifier.ts";
import { SimulatedClock } from "../../../../offchain/kernel/clock.ts";
import { SeededEntropy } from "../../../../offchain/kernel/random.ts";
import type { Credentials } from "../../../../offchain/ports/authenticator.ts";
import { actor, DEPLOYMENT, NOW } from "../../../vectors/actors.ts";
import { CRYPTO, keysOf, TwoAgents } from "../fixture.ts";

const FINGERPRINT = "ab".repeat(32);
const NOTHING: Credentials = { authorization: null, certificate: null };

function shows(fingerprint: string, ...names: string[]): Credentials {
  return { ...NOTHING, certificate: { fingerprint, names } };
}

function tokens(): AgentTokens {
  const common = { deployment: DEPLOYMENT, crypto: CRYPTO, replays: new ReplayGuard(), audience: "us" };
  const clock = new SimulatedClock(NOW * 1000);
  return new AgentTokens(new TokenVerifier({ ...common, clock, certificates: new TwoAgents().verifier }));
}

async function bearer(agent: 1n | 2n): Promise<Credentials> {
  const request = { agent, audience: "us", now: NOW };
  const token = await issueToken(keysOf(actor(agent)), DEPLOYMENT, new SeededEntropy(Number(agent)), request);
  return { ...NOTHING, authorization: `Bearer ${token}` };
}

describe("client certificates", () => {
  const colons = FINGERPRINT.toUpperCase().replace(/..(?=.)/g, "$&:");

  it("mean the agent that their fingerprint, or one of their names, is mapped to", async () => {
    const mapped = new ClientCertificates(
      new Map([
        [colons, 1n],
        ["DNS:Seller.Example", 2n],
        ["URI:spiffe://example/Agent", 2n],
      ]),
    );
    assert.equal(await mapped.authenticate(shows(FINGERPRINT)), 1n);
    assert.equal(await mapped.authenticate(shows("cd".repeat(32), "IP Address:10.0.0.1", "DNS:seller.example")), 2n);
    assert.equal(await mapped.authenticate(shows("cd".repeat(32), "URI:spiffe://example/Agent")), 2n);
    assert.equal(await mapped.authenticate(NOTHING), null);
  });

  it("that are nobody's, or several agents', are refused", async () => {
    const mapped = new ClientCertificates(
      new Map([
        [FINGERPRINT, 1n],
        ["DNS:seller.example", 2n],
      ]),
    );
    for (const one of [
      shows("cd".repeat(32)),
      shows("cd".repeat(32), "URI:seller.example", "DNS:seller.example.evil", "URI:DNS:seller.example"),
      shows(FINGERPRINT, "DNS:seller.example"),
    ]) {
      await assert.rejects(mapped.authenticate(one), { code: "Unauthenticated" });
    }
  });
});

describe("agents' own tokens", () => {
  it("come as bearer tokens; what is something else is left to others", async () => {
    const way = tokens();
    assert.equal(await way.authenticate(await bearer(1n)), 1n);
    for (const authorization of [null, "", "Bearer", "Basic YTpi", "Bearer x.y.z", "Bearer a b"]) {
      assert.equal(await way.authenticate({ ...NOTHING, authorization }), null);
    }
    const jwt = "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.e30.AA";
    assert.equal(await way.authenticate({ ...NOTHING, authorization: `Bearer ${jwt}` }), null);
  });

  it("are refused where they claim to be one and aren't good", async () => {
    const way = tokens();
    const { authorization } = await bearer(1n);
    await assert.rejects(way.authenticate({ ...NOTHING, authorization: `${authorization?.slice(0, -4)}AAAA` }), {
      code: "BadSignature",
    });
  });
});

describe("several ways to show who one is", () => {
  const certificates = new ClientCertificates(new Map([[FINGERPRINT, 1n]]));

  it("are each enough", async () => {
    const several = new Several([certificates, tokens()]);
    assert.equal(await several.authenticate(shows(FINGERPRINT)), 1n);
    assert.equal(await several.authenticate(await bearer(2n)), 2n);
    assert.equal(await several.authenticate(NOTHING), null);
    assert.equal(several.challenge, 'Bearer realm="parley"');
  });

  it("have to mean the same agent, where several are used", async () => {
    const both = async (agent: 1n | 2n) => ({
      ...shows(FINGERPRINT),
      authorization: (await bearer(agent)).authorization,
    });
    assert.equal(await new Several([certificates, tokens()]).authenticate(await both(1n)), 1n);
    await assert.rejects(new Several([certificates, tokens()]).authenticate(await both(2n)), {
      code: "Unauthenticated",
    });
    const stolen = { ...(await both(1n)), certificate: { fingerprint: "cd".repeat(32), names: [] } };
    await assert.rejects(new Several([certificates, tokens()]).authenticate(stolen), { code: "Unauthenticated" });
  });
});
