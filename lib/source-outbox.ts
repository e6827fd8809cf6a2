/**
 * What the sources of a partition have emitted and is not committed yet, and the transactions that commit it: every record,
 * and after them the position of each source they came from.
 */
import type { SourceState } from './connector.ts';
import { MillraceError } from './errors.ts';
import { isFenced, type TransactionalProducer } from './kafka.ts';
import { pause, withResolvers } from './lifecycle.ts';
import type { Counter } from './metrics.ts';
import { commit_pace, createPace } from './pace.ts';
import type { Serde } from './registry.ts';

export interface Outgoing {
  readonly topic: string;
  /** Null where the key decides. */
  readonly partition: number | null;
  readonly key: string;
  /** Null is a tombstone. */
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface SourceOutbox {
  /** `isAwaited` where somebody waits for its commit, as nobody does for a record of a backfill. Throws `source.moved` once closed. */
  put(record: Outgoing, isAwaited: boolean): void;
  /** The position goes with the next transaction; null takes it out of that again. */
  move(key: string, state: SourceState | null): void;
  /** The commit of all that is in it now. Rejects with `source.moved` where it is another process's to make. */
  committed(): Promise<void>;
  untilRoom(): Promise<void>;
  isClosed(): boolean;
  /** Resolves when what is in it is committed. */
  close(): Promise<void>;
}

export interface SourceOutboxOptions {
  readonly producer: TransactionalProducer;
  readonly positions: Serde<SourceState>;
  readonly partition: number;
  readonly commit_interval_ms: number;
  readonly transactions: Counter<'stage' | 'outcome'>;
  /** Aborted when sources are stopping: there is nothing to wait for. */
  readonly stopping: AbortSignal;
  /** Nothing more can be committed. */
  onFail(error: Error): void;
}

const buffered_bytes_max = 16 * 1024 * 1024;
const buffered_records_max = 5_000;
/** Nobody waits for a record of a backfill, and large transactions are cheap ones. */
const backfill_intervals = 5;

export function openSourceOutbox(options: SourceOutboxOptions): SourceOutbox {
  const { producer, positions, partition, commit_interval_ms, stopping } = options;
  const pace = createPace({ interval_ms: commit_interval_ms, ...commit_pace });
  const closed = new AbortController();
  const moves = new Map<string, SourceState>();
  let records: Outgoing[] = [];
  let bytes = 0;
  let awaited = false;
  let settled = withResolvers<void>();
  let filled = withResolvers<void>();
  // Not everybody who emits waits.
  settled.promise.catch(() => undefined);

  const isPending = (): boolean => records.length > 0 || moves.size > 0;
  const isFull = (): boolean => bytes >= buffered_bytes_max || records.length >= buffered_records_max;

  async function pump(): Promise<void> {
    while (!closed.signal.aborted || isPending()) {
      if (!isPending()) {
        await filled.promise;
        continue;
      }
      await untilDue();
      await commit();
    }
  }

  async function untilDue(): Promise<void> {
    await pause(pace.interval_ms(), closed.signal);
    for (let more = 1; more < backfill_intervals && !awaited && !isFull() && !stopping.aborted; more++) {
      await pause(commit_interval_ms, stopping);
    }
  }

  async function commit(): Promise<void> {
    const going = records;
    const moved = [...moves.values()];
    const waiting = settled;
    begin();
    try {
      await producer.begin();
      for (const { topic, partition: to, key, value, headers } of going) {
        producer.produce(topic, to, key, value, headers);
      }
      for (const state of moved) {
        producer.produce(positions.topic.name, partition, positions.topic.key(state), positions.serialize(state));
      }
      const began_at_ms = performance.now();
      await producer.commit();
      pace.took(performance.now() - began_at_ms);
      options.transactions.inc({ stage: 'ingest', outcome: 'commit' });
      waiting.resolve();
    } catch (error) {
      waiting.reject(reasonOf(error));
      throw error;
    }
  }

  function begin(): void {
    records = [];
    moves.clear();
    bytes = 0;
    awaited = false;
    settled = withResolvers();
    settled.promise.catch(() => undefined);
    filled = withResolvers();
    if (closed.signal.aborted) filled.resolve();
  }

  const pumping = pump().catch((error: Error) => {
    if (closed.signal.aborted) return;
    closed.abort();
    settled.reject(reasonOf(error));
    options.onFail(error);
  });

  return {
    put(record, isAwaited) {
      if (closed.signal.aborted) throw moved();
      records.push(record);
      awaited ||= isAwaited;
      bytes += record.value?.length ?? 0;
      filled.resolve();
    },
    move(key, state) {
      if (state === null) return void moves.delete(key);
      moves.set(key, state);
      filled.resolve();
    },
    committed: () => settled.promise,
    async untilRoom() {
      while (isFull()) await settled.promise;
    },
    isClosed: () => closed.signal.aborted,
    async close() {
      closed.abort();
      filled.resolve();
      await pumping;
    },
  };
}

const reasonOf = (error: unknown): unknown => (isFenced(error) ? moved() : error);

const moved = (): MillraceError =>
  new MillraceError('source.moved', 'another process reads this source from now on; send it again', {
    retryable: true,
  });
