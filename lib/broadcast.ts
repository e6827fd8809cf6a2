/**
 * Broadcast tables: small compacted topics that every instance reads whole, whatever its partitions, and then follows.
 *
 *   1. read      all of it, before the first record is stepped
 *   2. advance   between two transactions: what was committed meanwhile
 *
 * So a table stands still within a transaction. One that is aborted and repeated may see a newer table; what it had written
 * with the older one was never committed. There is nothing to restore: the topic is the table.
 */
import { MillraceError } from './errors.ts';
import { type Batch, type KafkaConfig, openRawReader, type ReadFrom, readBatchesToEnd } from './kafka.ts';
import { partitionsOf } from './kafka-admin.ts';
import type { Logger } from './log.ts';
import type { Tables, Topics } from './processor.ts';
import { type Registry, type Serde, serdeOf } from './registry.ts';
import { createTable, type Table } from './table.ts';

export interface Broadcast {
  readonly tables: Tables<Topics>;
  /** Takes up what has arrived, without waiting for more. Throws MillraceError `table.full`. */
  advance(): Promise<void>;
  close(): Promise<void>;
}

export interface BroadcastOptions {
  readonly kafka: KafkaConfig;
  readonly registry: Registry;
  readonly tables: Topics;
  readonly log: Logger;
}

/** Also how many changes one transaction's tables can be ahead of the last one's. */
const batch_records_max = 1_000;

export async function openBroadcast({ kafka, registry, tables, log }: BroadcastOptions): Promise<Broadcast> {
  const names = Object.values(tables).map(topic => topic.name);
  const followed = new Map<string, Followed>();
  for (const topic of Object.values(tables)) {
    followed.set(topic.name, { serde: serdeOf<unknown>(registry, topic), table: createTable(topic.name) });
  }

  async function take(batch: Batch): Promise<void> {
    for (let i = 0; i < batch.count; i++) {
      const { serde, table } = followed.get(batch.topic(i)) as Followed;
      const value = batch.value(i);
      try {
        table.put(batch.key(i), value && (await serde.deserialize(value)), value?.length ?? 0);
      } catch (error) {
        if (!(error instanceof MillraceError && error.code.startsWith('avro.'))) throw error;
        const place = { topic: batch.topic(i), partition: batch.partition(i), offset: batch.offset(i) };
        log.error(
          { ...place, error: error.message },
          'what is no record of the table is passed over: its key keeps its value',
        );
      }
    }
  }

  const partitions = await partitionsOf(kafka, names);
  let from: ReadFrom = 'earliest';
  await readBatchesToEnd(kafka, partitions, 'earliest', batch_records_max, async (batch, next) => {
    await take(batch);
    from = next;
  });
  const reader = await openRawReader({ kafka, partitions, from, batch_records_max });
  const records = Object.entries(tables).map(([name, topic]) => [name, followed.get(topic.name)?.table.records]);
  return {
    // The cast: each table's records were read by its own topic's serde.
    tables: Object.fromEntries(records) as Tables<Topics>,
    advance: async () => take(await reader.poll(0)),
    close: reader.close,
  };
}

interface Followed {
  readonly serde: Serde<unknown>;
  readonly table: Table;
}
