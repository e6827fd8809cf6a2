/**
 * One writer at a time, however many instances there are, and each whenever it has something to write:
 *
 *   1. take     open a producer under the one transactional id: whoever held it is fenced, and what he left open is aborted
 *   2. catch up by `onTaken`: all that was ever committed lies before the end that is asked for now
 *   3. decide   by what is known by then; what would write nothing is decided again by all there is, since no commit shows
 *               whether somebody else has written meanwhile
 *   4. commit   in one transaction; a writer that was fenced meanwhile has written nothing, and begins at 1; so does one whose
 *               commit failed, who is told in 2 whether it came through all the same
 *
 * A crash before the commit leaves nothing. After it, all is there, and the next writer finds it in 2.
 */
import {
  isAbortable,
  isFenced,
  type KafkaConfig,
  openTransactionalProducer,
  type TransactionalProducer,
} from './kafka.ts';
import { createMutex } from './mutex.ts';

export interface ToWrite {
  readonly topic: string;
  readonly key: string;
  /** Null deletes the key. */
  readonly value: Uint8Array | null;
}

export interface FencedWriter {
  /**
   * `decide` may be asked more than once; what it throws is thrown, and nothing is written. `is_unclear` says that a commit has
   * failed with what it answered last, and may have come through all the same.
   */
  write(decide: (is_unclear: boolean) => readonly ToWrite[] | Promise<readonly ToWrite[]>): Promise<void>;
  close(): Promise<void>;
}

export interface FencedWriterOptions {
  readonly kafka: KafkaConfig;
  readonly transactional_id: string;
  /** Settles when all that was committed until now is known. */
  onTaken?(): Promise<void>;
}

type Decide = () => Promise<readonly ToWrite[]>;

/** Others may take it at the same moment; they are few. */
const attempts_max = 8;

export function createFencedWriter({ kafka, transactional_id, onTaken }: FencedWriterOptions): FencedWriter {
  let held: TransactionalProducer | null = null;
  const exclusive = createMutex();

  async function take(): Promise<TransactionalProducer> {
    if (held) return held;
    const producer = await openTransactionalProducer(kafka, transactional_id);
    try {
      await onTaken?.();
    } catch (error) {
      await producer.close().catch(() => undefined);
      throw error;
    }
    held = producer;
    return producer;
  }

  /** By a writer that held the producer already, and may have been fenced without knowing. */
  async function decided(decide: Decide): Promise<readonly ToWrite[]> {
    const records = await decide().catch(() => []);
    if (records.length > 0) return records;
    await onTaken?.();
    return decide();
  }

  async function release(): Promise<void> {
    const producer = held;
    held = null;
    await producer?.close().catch(() => undefined);
  }

  async function attempt(decide: Decide): Promise<void> {
    const isTaken = held === null;
    const producer = await take();
    const records = isTaken ? await decide() : await decided(decide);
    if (records.length === 0) return;
    await producer.begin();
    for (const { topic, key, value } of records) producer.produce(topic, null, key, value);
    await producer.commit();
  }

  return {
    write: decide =>
      exclusive(async () => {
        let is_unclear = false;
        for (let attempts = 1; ; attempts++) {
          let decided = false;
          try {
            return await attempt(async () => {
              decided = false;
              const records = await decide(is_unclear);
              decided = true;
              return records;
            });
          } catch (error) {
            // What was decided against says nothing of the producer.
            if (held !== null && !decided) throw error;
            await release();
            is_unclear = isAbortable(error);
            if (!(isFenced(error) || is_unclear) || attempts === attempts_max) throw error;
          }
        }
      }),
    close: () => exclusive(release),
  };
}
