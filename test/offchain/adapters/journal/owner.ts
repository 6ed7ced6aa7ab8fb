import { spawn } from "node:child_process";
import { once } from "node:events";
import { PATIENT } from "../../../conformance/nats-cluster.ts";

/** A process that owns the stream "one" and appends to it until it is killed, saying how many it has. */
export function owner(options: { servers: readonly string[]; journal: string; bucket: string; lastsMs: number }) {
  const offchain = (path: string) => JSON.stringify(new URL(`../../../../offchain/${path}`, import.meta.url).href);
  const program = `
    import { JetStreamJournal } from ${offchain("adapters/journal/jetstream/journal.ts")};
    import { JetStreamCells } from ${offchain("adapters/leases/jetstream.ts")};
    import { CellLeases } from ${offchain("adapters/leases/leases.ts")};
    import { StreamOwnership } from ${offchain("coordination/stream-ownership.ts")};
    import { SteadyClock } from ${offchain("node/steady-clock.ts")};
    const { servers, journal: name, bucket, lastsMs, patient } = ${JSON.stringify({ ...options, patient: PATIENT })};
    const clock = new SteadyClock();
    const cells = await JetStreamCells.open({ connection: { servers }, bucket, ...patient });
    const leases = new CellLeases({ holder: "owner", cells, clock, lastsMs });
    const journal = await JetStreamJournal.open({ connection: { servers }, journal: name, ...patient });
    const ownership = new StreamOwnership({ leases, journal, clock, onLost: () => undefined, onTrouble: () => undefined });
    if (!(await ownership.claim("one"))) throw new Error("nobody else is there");
    for (let index = 0; ; index++) {
      await journal.append("one", index, Uint8Array.of(index, index >> 8), "machine");
      console.log(index + 1);
    }
  `;
  const node = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", program];
  const child = spawn(process.execPath, node, { stdio: ["ignore", "pipe", "inherit"] });
  return {
    kill: () => child.kill("SIGKILL"),
    async *lines() {
      const closed = once(child, "close");
      let rest = "";
      for await (const chunk of child.stdout) {
        rest += chunk;
        const lines = rest.split("\n");
        rest = lines.pop() ?? "";
        yield* lines;
      }
      await closed;
    },
  };
}
