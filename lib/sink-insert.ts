/**
 * Stores one range of a topic in one table, whatever happens on the way.
 *
 * The first INSERT of a range, acknowledged, has stored it. One that is repeated, after an error or by the successor of
 * a process that died, is sent under the same token, and the table drops what it has. That is not proof enough: a server
 * that is killed in the middle of an INSERT may have noted the token and not the rows (a table without replication notes
 * it before the part), and would drop the repetition too. So after a repetition the table is asked which offsets of the
 * range it has, and the missing ones are inserted under a token of their own. Nobody else can be inserting them: the
 * range's plan is fenced.
 */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ClickHouse } from './clickhouse.ts';
import { MillraceError, messageOf } from './errors.ts';
import type { TopicPartition } from './kafka.ts';
import { pause } from './lifecycle.ts';
import type { Logger } from './log.ts';
import type { RecordRange } from './record-range.ts';
import { insertStatement, type Sink } from './sink.ts';

export interface StoredRange extends TopicPartition {
  /** What tells the topic from its namesake recreated later. */
  readonly topic_id: string;
  readonly from: number;
  /** The offset after the last record. */
  readonly to: number;
  readonly records: RecordRange;
  /** Whether somebody may have begun to store it before. */
  readonly repeated: boolean;
}

export interface RangeStoreOptions {
  readonly clickhouse: ClickHouse;
  readonly log: Logger;
  /** Aborted where waiting for an absent server must end. */
  readonly signal: AbortSignal;
  onRetry(table: string): void;
}

const retry_ms_first = 250;
const retry_ms_max = 10_000;

/** Resolves when every record of the range is stored once. Throws what no repetition can mend. */
export async function storeRange(sink: Sink, range: StoredRange, options: RangeStoreOptions): Promise<void> {
  const { clickhouse, log, signal } = options;
  const token = `${range.topic_id}/${range.partition}/${range.from}-${range.to}/${sink.name}`;
  let repeated = range.repeated;
  for (let wait_ms = retry_ms_first; ; wait_ms = Math.min(wait_ms * 2, retry_ms_max)) {
    try {
      if (sink.needed && (await clickhouse.rows(sink.needed)).length === 0) return;
      // Where equal rows replace each other a repetition does no harm, and needs no token to be told by.
      await insert(null, repeated && sink.replacing ? `${token}/${randomUUID()}` : token);
      if (repeated && !sink.replacing) await insert(await missing(), `${token}/${randomUUID()}`);
      return;
    } catch (error) {
      if (!(error instanceof MillraceError && error.retryable) || signal.aborted) throw error;
      repeated = true;
      options.onRetry(sink.table);
      const { remedy } = error;
      log.warn({ table: sink.table, wait_ms, error: messageOf(error), remedy }, 'insert failed; trying again');
      await pause(wait_ms, signal);
    }
  }

  /** Of the records at these offsets; of all, without any. */
  async function insert(wanted: ReadonlySet<number> | null, insert_deduplication_token: string): Promise<void> {
    const body = range.records.container(wanted);
    if (body === null) return;
    const settings = { insert_deduplicate: 1, insert_deduplication_token, async_insert: 0 };
    await clickhouse.insert(insertStatement(sink, range.topic_id), Readable.from(body), settings);
  }

  async function missing(): Promise<Set<number>> {
    const rows = await clickhouse.rows<{ offset: number }>(
      `SELECT DISTINCT kafka_offset AS offset FROM ${sink.table} WHERE kafka_topic_id = {topic_id:String}
      AND kafka_partition = {partition:Int32} AND kafka_offset >= {from:Int64} AND kafka_offset < {to:Int64}`,
      { topic_id: range.topic_id, partition: range.partition, from: range.from, to: range.to },
    );
    const present = new Set(rows.map(row => row.offset));
    const absent = [...range.records.rowOffsets()].filter(offset => !present.has(offset));
    if (absent.length > 0)
      log.warn({ table: sink.table, token, rows: absent.length }, 'the token was noted, the rows were not');
    return new Set(absent);
  }
}
