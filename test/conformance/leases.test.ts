import { after, before, describe } from "node:test";
import { JetStreamCells } from "../../offchain/adapters/leases/jetstream.ts";
import { CellLeases } from "../../offchain/adapters/leases/leases.ts";
import { MemoryCells } from "../../offchain/adapters/leases/memory.ts";
import { SimulatedClock } from "../../offchain/kernel/clock.ts";
import { leasesConformance } from "./leases.ts";
import { NatsCluster, PATIENT, SKIP_NATS } from "./nats-cluster.ts";

const LASTS_MS = 10_000;

leasesConformance("memory", async () => {
  const [cells, clock] = [new MemoryCells(), new SimulatedClock()];
  const make = (holder: string) => new CellLeases({ holder, cells, clock, lastsMs: LASTS_MS });
  return {
    ours: make("ours"),
    theirs: make("theirs"),
    advance: (milliseconds) => clock.advance(milliseconds),
    dispose: () => cells.close(),
  };
});

describe("with three NATS servers", { skip: SKIP_NATS }, () => {
  let cluster: NatsCluster;
  let buckets = 0;

  before(async () => {
    cluster = await NatsCluster.start();
  });

  after(() => cluster?.stop());

  leasesConformance("jetstream", async () => {
    const bucket = `leases-${buckets++}`;
    // Their clock is an hour ahead of ours: no two are ever compared.
    const clocks = [new SimulatedClock(0), new SimulatedClock(3_600_000)];
    const [ours, theirs] = await Promise.all(
      clocks.map(async (clock, which) => {
        const cells = await JetStreamCells.open({ connection: { servers: cluster.addresses }, bucket, ...PATIENT });
        return new CellLeases({ holder: `node ${which}`, cells, clock, lastsMs: LASTS_MS });
      }),
    );
    if (ours === undefined || theirs === undefined) throw new Error("there are two clocks");
    return {
      ours,
      theirs,
      advance: (milliseconds) => {
        for (const clock of clocks) clock.advance(milliseconds);
      },
      dispose: async () => {
        await Promise.all([ours.close(), theirs.close()]);
      },
    };
  });
});
