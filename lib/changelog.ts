/**
 * State between Kafka and the disk: the changelog is the truth, the copy on disk (state-file.ts) saves reading it again.
 *
 * A checkpoint is taken between two transactions:
 *
 *   1. ask       the changelog partitions' ends: everything committed so far lies below
 *   2. prove     a transaction with nothing but the group's offsets is committed: at 1 the partitions were still ours, so
 *                nobody else's changes lie below those ends
 *   3. save      the values changed since the last one, and the ends, in one local transaction
 *
 * A crash before 3 leaves the checkpoint before, and the tail after it is read again. A copy is thrown away when its
 * changelog is another one, no longer goes as far back, or may have forgotten deletions meanwhile.
 */
import type { KafkaConfig, TopicPartition } from './kafka.ts';
import { readBatchesToEnd, watermarksOf } from './kafka.ts';
import { type OffsetReader, openOffsetReader, topicIds } from './kafka-admin.ts';
import type { Serde } from './registry.ts';
import { schemaIdOf } from './registry.ts';
import { createPartitionState, type PartitionState, type StateCodec } from './state.ts';
import type { Change, Checkpoint, LocalPartition, StateFile } from './state-file.ts';
import { deletions_kept_ms } from './topic.ts';

export interface Changelog {
  /** Brings the copies up to the changelog's end. Waits out transactions that are still open; throws after a minute without progress. */
  restore(partitions: readonly number[], onProgress?: () => void): Promise<Restored>;
  /** The changelog's end in each partition: step 1 of a checkpoint. */
  ends(): Promise<ReadonlyMap<number, number>>;
  /** Step 3, of one partition. */
  save(state: PartitionState, end: number): void;
  close(): Promise<void>;
}

export interface Restored {
  readonly states: Map<number, PartitionState>;
  /** How many of the changelog's records the copies did not have. */
  readonly replayed: number;
}

export interface ChangelogOptions {
  readonly kafka: KafkaConfig;
  readonly file: StateFile;
  readonly serde: Serde<unknown>;
  /** Of the processor: a later one may wake its keys at other times. */
  readonly version: number;
  due_ms: ((value: unknown) => number | null) | null;
}

const batch_records_max = 4_000;

export async function openChangelog({ kafka, file, serde, version, due_ms }: ChangelogOptions): Promise<Changelog> {
  const topic = serde.topic.name;
  const topic_id = (await topicIds(kafka)).get(topic) ?? '';
  // The copy has each key's time as it was when it was written.
  const layout = due_ms ? `timed by version ${version}` : 'plain';
  let offsets: OffsetReader | null = null;
  const codec: StateCodec = {
    encode: serde.serialize,
    // The cast: each schema id among the values was learnt when the copy was opened or restored.
    decode: bytes => serde.deserialize(bytes) as unknown,
    due_ms: due_ms ?? (() => null),
  };

  const checkpointAt = (next_offset: number): Omit<Checkpoint, 'schema_ids'> => ({
    topic_id,
    next_offset,
    layout,
    at_ms: Date.now(),
  });

  /** Where reading goes on; a copy that is not to be trusted is thrown away. */
  function resume(local: LocalPartition, { low, high }: { low: number; high: number }): number {
    const found = local.checkpoint();
    const usable =
      found !== null &&
      found.topic_id === topic_id &&
      found.layout === layout &&
      found.next_offset >= low &&
      found.next_offset <= high &&
      Date.now() - found.at_ms < deletions_kept_ms;
    if (usable) return found.next_offset;
    local.clear();
    return low;
  }

  async function restore(partitions: readonly number[], onProgress?: () => void): Promise<Restored> {
    let replayed = 0;
    const places: TopicPartition[] = partitions.map(partition => ({ topic, partition }));
    const bounds = await watermarksOf(kafka, places);
    const locals = new Map(partitions.map(partition => [partition, file.partition(topic, partition, due_ms !== null)]));
    const from: Record<number, number> = {};
    for (const [i, partition] of partitions.entries()) {
      from[partition] = resume(locals.get(partition) as LocalPartition, bounds[i] as { low: number; high: number });
    }
    const ahead = bounds.some(({ high }, i) => high > (from[partitions[i] as number] as number));
    const known = new Set([...locals.values()].flatMap(local => local.checkpoint()?.schema_ids ?? []));
    await Promise.all([...known].map(serde.learn));
    if (ahead)
      await readBatchesToEnd(kafka, places, { [topic]: from }, batch_records_max, async (batch, next) => {
        const changes = new Map<number, Change[]>();
        if (batch.count > 0) onProgress?.();
        replayed += batch.count;
        for (let i = 0; i < batch.count; i++) {
          const value = batch.value(i);
          const id = value && schemaIdOf(value);
          if (id !== null && !known.has(id)) {
            await serde.learn(id);
            known.add(id);
          }
          const due = value && due_ms ? due_ms(codec.decode(value)) : null;
          const of = changes.get(batch.partition(i)) ?? [];
          changes.set(batch.partition(i), of);
          of.push({ key: batch.key(i), value, due_ms: due });
        }
        for (const [partition, of] of changes) {
          const reached = checkpointAt(next[topic]?.[partition] ?? 0);
          locals.get(partition)?.write(of, { ...reached, schema_ids: [...known] });
        }
      });
    const states = new Map([...locals].map(([partition, local]) => [partition, createPartitionState(local, codec)]));
    return { states, replayed };
  }

  return {
    restore,
    async ends() {
      try {
        offsets ??= await openOffsetReader(kafka);
        const ends = await offsets.ends([topic]);
        return new Map([...ends].map(([place, end]) => [Number(place.slice(topic.length + 1)), end]));
      } catch (error) {
        // A connection that broke is opened again the next time.
        await close();
        throw error;
      }
    },
    save: (state, end) => state.save(checkpointAt(end), serde.schema_id),
    close,
  };

  async function close(): Promise<void> {
    const open = offsets;
    offsets = null;
    await open?.close().catch(() => undefined);
  }
}
