import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, afterEach, beforeEach, describe, it } from "node:test";
import { MemoryTransport } from "../../offchain/adapters/transport/memory/transport.ts";
import type { Session } from "../../offchain/dealing/session.ts";
import { AnyTransport } from "../../offchain/node/transports.ts";
import type { Channel, Transport } from "../../offchain/ports/transport.ts";
import { World } from "../offchain/dealing/fixture.ts";
import { type BrokerKind, findBroker } from "./brokers.ts";
import { Detour } from "./detour.ts";

const QUICK = { firstRetryMs: 2, lastRetryMs: 20, heartbeatMs: 200 };

const ROUNDS = 8;

/** More than a few negotiations on one channel. */
const MANY = 20;

const BUYER = { kind: "time-dependent", from: 100n, limit: 1_000n, pace: 1 } as const;

interface Rehearsal {
  readonly world: World;
  readonly address: string;
  /** Opens a negotiation of its own through a channel. */
  open(channel: Channel): Promise<Session>;
  /** A channel that is open. */
  connect(address: string): Promise<Channel>;
}

function negotiations(name: string, transport: () => Transport, address: () => string, skip?: string): void {
  describe(`two dealers over ${name}`, { skip: skip ?? false }, () => {
    let opened: (() => unknown)[];

    beforeEach(() => {
      opened = [];
    });

    afterEach(async () => {
      for (const close of opened.reverse()) await close();
    });

    async function rehearse(): Promise<Rehearsal> {
      const world = await World.create({ rounds: ROUNDS });
      const { buyer, seller } = world.dealers;
      const door = await transport().listen(address(), seller.listener);
      opened.push(() => door.close());
      const connect = (to: string) => {
        return new Promise<Channel>((resolve) => {
          const onOpen = (channel: Channel) => {
            buyer.listener.onOpen?.(channel);
            resolve(channel);
          };
          const channel = transport().connect(to, { ...buyer.listener, onOpen });
          opened.push(() => channel.close());
        });
      };
      const open = (channel: Channel) => {
        const proposal = world.proposal();
        return buyer.open({ peer: 2n, address: channel.peer, proposal, strategy: BUYER }, channel);
      };
      return { world, address: door.address, connect, open };
    }

    /** Both sides hold the same agreement, and nothing went wrong on the way. */
    async function checkAgreed({ world }: Rehearsal, session: Session): Promise<void> {
      const state = await session.settled;
      assert.equal(state.phase, "agreed");
      const theirs = world.dealers.seller.session(session.state.negotiation);
      assert.ok(theirs);
      await theirs.settled;
      assert.equal(theirs.state.phase, "agreed");
      const { dealHash, transcript } = state.agreement;
      assert.deepEqual([theirs.state.agreement.dealHash, theirs.state.agreement.transcript], [dealHash, transcript]);
      assert.deepEqual(world.troubles, []);
    }

    it("come to the same agreement", async () => {
      const rehearsal = await rehearse();
      const session = await rehearsal.open(await rehearsal.connect(rehearsal.address));
      await checkAgreed(rehearsal, session);
    });

    it("come to many on one channel", async () => {
      const rehearsal = await rehearse();
      const channel = await rehearsal.connect(rehearsal.address);
      const sessions = await Promise.all(Array.from({ length: MANY }, () => rehearsal.open(channel)));
      for (const session of sessions) await checkAgreed(rehearsal, session);
      assert.equal(new Set(sessions.map(({ state }) => state.negotiation)).size, MANY);
    });

    if (name === "memory") return;

    it("come to it though the network breaks in between", async () => {
      const rehearsal = await rehearse();
      const detour = await Detour.to(rehearsal.address);
      opened.push(() => detour.close());
      const channel = await rehearsal.connect(detour.address);
      const breaking = setInterval(() => detour.cut(), 40);
      opened.push(() => clearInterval(breaking));
      const sessions = await Promise.all(Array.from({ length: 3 }, () => rehearsal.open(channel)));
      setTimeout(() => clearInterval(breaking), 400);
      for (const session of sessions) await checkAgreed(rehearsal, session);
    });
  });
}

const memory = new MemoryTransport();
negotiations(
  "memory",
  () => memory,
  () => randomBytes(8).toString("hex"),
);

for (const scheme of ["ws", "grpc"]) {
  negotiations(
    scheme,
    () => new AnyTransport(QUICK),
    () => `${scheme}://127.0.0.1:0`,
  );
}

for (const kind of ["nats", "mqtt", "amqp"] satisfies BrokerKind[]) {
  const broker = await findBroker(kind);
  after(() => broker.stop());
  negotiations(
    kind,
    () => new AnyTransport(QUICK),
    () => `${kind}://${broker.place ?? "127.0.0.1:1"}/test.${randomBytes(8).toString("hex")}`,
    broker.place === null ? broker.missing : undefined,
  );
}
