/**
 * Replays dead letters, each once. A replayed letter is a record of the source `replay` of its organisation:
 *
 *   1. mark     a letter that was replayed before is answered as such, and nothing happens
 *   2. reread   its bytes, as they came or mended, by what read them first; what is still refused stays as it was
 *   3. keep     the bytes, in the content store
 *   4. commit   one Kafka transaction: the record, the position with its number, and the letter's mark
 *
 * A crash before 4 leaves nothing but bytes that nobody refers to. After it all is there, and whoever asks again, after a
 * restart too, finds the mark. Letters are gone through one at a time, so that two requests cannot both pass 1. Of several
 * instances the one that has the first of the sources' partitions replays, and it reads the marks after it was given that:
 * a predecessor can write none any more.
 */
import type { Emitter, SourceDefinition } from '../../lib/connector.ts';
import type { Rejection } from '../../lib/dead-letter.ts';
import type { KafkaConfig } from '../../lib/kafka.ts';
import { readLatest } from '../../lib/latest.ts';
import { createMutex } from '../../lib/mutex.ts';
import { type Registry, serdeOf } from '../../lib/registry.ts';
import type { ConnectorRuntime } from '../../lib/source-group.ts';
import type { Store } from '../../lib/store.ts';
import type { Owner, Replay } from '../../schemas/generated.ts';
import { topics } from '../../schemas/topics.ts';
import type { HookSettings } from '../hooks/settings.ts';
import { type LetterToReplay, type RereadRecord, refused } from './letter.ts';
import { bytesMax, createRereader, tooLarge } from './reread.ts';

export type { LetterToReplay } from './letter.ts';

export interface ReplayRequest {
  readonly letter: LetterToReplay;
  /** What to replay in place of its original bytes; null for these. */
  readonly bytes: Buffer | null;
}

export type ReplayOutcome = { readonly dead_letter_id: string; readonly organization_id: string } & (
  | { readonly status: 'refused'; readonly cause: string; readonly message: string }
  | { readonly status: 'acceptable'; readonly topic: string; readonly form?: string }
  | ({ readonly status: 'replayed' | 'already_replayed' } & Marked)
);

type Marked = Pick<Replay, 'replayed_sha256' | 'replay_organization_id' | 'replay_sequence' | 'replayed_at_ms'>;

export interface Replayer {
  /** What would become of it; nothing is written. */
  preview(request: ReplayRequest): Promise<ReplayOutcome>;
  /** Settles when all of them are durable. */
  replay(requests: readonly ReplayRequest[]): Promise<ReplayOutcome[]>;
}

export interface ReplayerOptions {
  readonly kafka: KafkaConfig;
  readonly registry: Registry;
  readonly store: Store;
  readonly hooks: Readonly<Record<string, HookSettings>>;
  readonly runtime: Pick<ConnectorRuntime, 'first' | 'sourceOf'>;
}

export const replay_source = 'replay';

export function createReplayer({ kafka, registry, store, hooks, runtime }: ReplayerOptions): Replayer {
  const serde = serdeOf(registry, topics.replay);
  let known: { readonly tenure: Tenure; readonly marks: Map<string, Replay> } | null = null;
  const reread = createRereader({ registry, hooks, sourceOf: runtime.sourceOf });
  const exclusive = createMutex();
  /** Settles when the newest record is durable: whatever was emitted before it is by then too. */
  let committed: Promise<void> = Promise.resolve();

  async function marksOf(tenure: Tenure): Promise<Map<string, Replay>> {
    if (known?.tenure !== tenure) known = { tenure, marks: (await readLatest(kafka, serde, 0)).latest };
    return known.marks;
  }

  // The cast: a mark's key is made of what its letter has.
  const markOf = (letter: LetterToReplay, marks: ReadonlyMap<string, Replay>): Replay | undefined =>
    marks.get(topics.replay.key(letter as unknown as Replay));

  /** `into` is where attachments go. */
  async function read({ letter, bytes }: ReplayRequest, into: Pick<Store, 'put'>): Promise<ReadAnew> {
    const original = bytes === null ? await originalOf(letter, store) : { bytes };
    if ('refusal' in original) return original;
    const record = await reread(letter, original.bytes, into);
    return 'refusal' in record ? record : { bytes: original.bytes, record };
  }

  async function preview(request: ReplayRequest): Promise<ReplayOutcome> {
    const { letter } = request;
    const mark = markOf(letter, await marksOf(runtime.first()));
    if (mark) return alreadyReplayed(letter, mark);
    const anew = await read(request, nowhere);
    if ('refusal' in anew) return { ...nameOf(letter), status: 'refused', ...anew.refusal };
    const { topic, form } = anew.record;
    return { ...nameOf(letter), status: 'acceptable', topic: topic.name, ...(form === undefined ? {} : { form }) };
  }

  async function replayOne(request: ReplayRequest): Promise<ReplayOutcome> {
    const { letter } = request;
    const tenure = runtime.first();
    const marks = await marksOf(tenure);
    const before = markOf(letter, marks);
    if (before) return alreadyReplayed(letter, before);
    const anew = await read(request, store);
    if ('refusal' in anew) return { ...nameOf(letter), status: 'refused', ...anew.refusal };
    const { sha256 } = await store.put(anew.bytes);
    const emitter = await tenure.emitter(replaySource(anew.record.organization_id));
    const mark = await emit(emitter, letter, anew.record, sha256);
    marks.set(topics.replay.key(mark), mark);
    return { ...nameOf(letter), status: 'replayed', ...toldOf(mark) };
  }

  async function emit(
    emitter: Emitter,
    letter: LetterToReplay,
    record: RereadRecord,
    replayed_sha256: string,
  ): Promise<Replay> {
    const { topic, draft, organization_id } = record;
    const markAt = (sequence: number): Replay => ({
      dead_letter_id: letter.dead_letter_id,
      owner: letter.owner,
      original_sha256: letter.original_sha256,
      replayed_sha256,
      replay_organization_id: organization_id,
      replay_sequence: sequence,
      replayed_at_ms: Date.now(),
    });
    const emitted = await emitter.emit(topic, draft, null, sequence => {
      const mark = markAt(sequence);
      return { topic: topics.replay.name, key: topics.replay.key(mark), value: serde.serialize(mark) };
    });
    committed = emitted.committed;
    return markAt(emitted.sequence);
  }

  return {
    preview,
    async replay(requests) {
      const outcomes: ReplayOutcome[] = [];
      for (const request of requests) outcomes.push(await exclusive(() => replayOne(request)));
      await committed;
      return outcomes;
    },
  };
}

type Tenure = ReturnType<ConnectorRuntime['first']>;

type ReadAnew = { readonly refusal: Rejection } | { readonly bytes: Buffer; readonly record: RereadRecord };

/** A preview keeps nothing. */
const nowhere: Pick<Store, 'put'> = {
  put: async (bytes, sha256 = '') => ({ sha256, size_bytes: bytes.byteLength }),
};

async function originalOf(
  letter: LetterToReplay,
  store: Store,
): Promise<{ readonly bytes: Buffer } | { readonly refusal: Rejection }> {
  const { original_size_bytes, original_sha256 } = letter;
  // One that nobody would take is not worth the memory it needs.
  if (original_size_bytes > bytesMax(letter)) return tooLarge(original_size_bytes, letter);
  try {
    return { bytes: await store.get(original_sha256) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return refused('no-original', 'the content store of the ingest process does not have its bytes');
  }
}

const nameOf = ({ dead_letter_id, owner: { organization_id } }: LetterToReplay) => ({
  dead_letter_id,
  organization_id,
});

const toldOf = ({ replayed_sha256, replay_organization_id, replay_sequence, replayed_at_ms }: Replay): Marked => ({
  replayed_sha256,
  replay_organization_id,
  replay_sequence,
  replayed_at_ms,
});

const alreadyReplayed = (letter: LetterToReplay, mark: Replay): ReplayOutcome => ({
  ...nameOf(letter),
  status: 'already_replayed',
  ...toldOf(mark),
});

/** What is mended is no news of now: it neither moves the watermark nor is late for it. */
function replaySource(organization_id: string): SourceDefinition {
  const owner: Owner = { organization_id, mailbox: '', owner_id: '', team_id: '' };
  return {
    source: replay_source,
    connector: replay_source,
    owner,
    origin: 'backfill',
    config: '{}',
    created_at_ms: Date.now(),
  };
}
