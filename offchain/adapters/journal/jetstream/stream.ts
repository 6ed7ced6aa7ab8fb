import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import { misconfigured } from "./errors.ts";
import type { Subjects } from "./names.ts";

/** For how long JetStream recognises a repeated message by itself; after that, the journal does by reading. */
const RECOGNISED_MS = 120_000;

/** Makes the journal's stream where it doesn't exist, and refuses one that could lose records. */
export async function ensureStream(
  manager: JetStreamManager,
  journal: string,
  subjects: Subjects,
  replicas: number,
): Promise<void> {
  const wanted = {
    name: journal,
    subjects: [subjects.all],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    // What finds no room is refused. The default would remove the oldest records for it.
    discard: DiscardPolicy.New,
    num_replicas: replicas,
    duplicate_window: nanos(RECOGNISED_MS),
  };
  const found = await manager.streams.info(journal).then(
    ({ config }) => config,
    (thrown: unknown) => {
      if (thrown instanceof JetStreamApiError && thrown.code === JetStreamApiCodes.StreamNotFound) return null;
      throw thrown;
    },
  );
  const { config } = found === null ? await manager.streams.add(wanted) : { config: found };
  const fault = faultOf(config, subjects, replicas);
  if (fault !== null) throw misconfigured(journal, fault);
}

/** What is wrong with a stream's configuration; null where it keeps everything that it acknowledges. */
function faultOf(config: StreamConfig, subjects: Subjects, replicas: number): string | null {
  const rules: readonly (readonly [boolean, string])[] = [
    [config.subjects.length === 1 && config.subjects[0] === subjects.all, `its subject is not ${subjects.all}`],
    [config.retention === RetentionPolicy.Limits, "it removes messages that were consumed"],
    [config.storage === StorageType.File, "it is kept in memory"],
    [config.discard === DiscardPolicy.New, "it removes old messages when it is full"],
    [config.max_age === 0, "it removes messages that are old"],
    [config.max_msgs_per_subject <= 0, "it removes messages of long subjects"],
    [config.num_replicas >= replicas, `it has ${config.num_replicas} replicas, not ${replicas}`],
    [config.deny_purge !== true, "nothing can be purged from it"],
  ];
  return rules.find(([isKept]) => !isKept)?.[1] ?? null;
}
