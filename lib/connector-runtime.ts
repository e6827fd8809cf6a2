/**
 * Runs the connectors of one partition of the sources so that a record and its source's position are one fact. Which
 * partitions are whose says the group (source-group.ts). All sources of a partition share one transactional producer:
 *
 *   1. emit      gives the record the source's next sequence number and puts it in the outbox (source-outbox.ts)
 *   2. commit    one Kafka transaction: every record in it, and each of their sources' positions
 *   3. settle    whoever waits for durability (a webhook's answer) is told
 *
 * A crash before 2 leaves nothing, and the source is read again from its last position. After 2 both are there. The
 * producer is initialised before positions are read: a predecessor's open transaction is aborted first, so that what is
 * read is final, and a predecessor that still runs is fenced. Whoever finds himself fenced gives the partition up, and
 * does not fence his successor in turn.
 */
import type {
  Connector,
  ConnectorContext,
  Emitted,
  Emitter,
  Encoded,
  KnownSource,
  SourceDefinition,
  SourceState,
} from './connector.ts';
import type { DeadLetterOffice } from './dead-letter.ts';
import { draftFramer, EncodedDraft } from './draft.ts';
import { MillraceError, messageOf } from './errors.ts';
import type { Json } from './json.ts';
import { isFenced, type KafkaConfig, openTransactionalProducer } from './kafka.ts';
import { readLatest } from './latest.ts';
import type { Draft, Lineage } from './lineage.ts';
import type { Logger } from './log.ts';
import type { Counter, Registry as Metrics } from './metrics.ts';
import { createMutex } from './mutex.ts';
import type { Places } from './places.ts';
import { header_bytes, type Registry, type Serde, serdeOf } from './registry.ts';
import { type Outgoing, openSourceOutbox } from './source-outbox.ts';
import { stageMetrics } from './stage-metrics.ts';
import type { Store } from './store.ts';
import type { Topic } from './topic.ts';

export interface SourcesOptions {
  readonly kafka: KafkaConfig;
  readonly registry: Registry;
  readonly store: Store;
  readonly deadLetterOffice: DeadLetterOffice;
  readonly connectors: readonly Connector[];
  readonly positions: Topic<SourceState>;
  readonly sources: Topic<KnownSource>;
  /** Of the two topics above: the sources there are this runtime's. */
  readonly partition: number;
  readonly commit_interval_ms: number;
  /** Where finite sources of all partitions wait for their turn. */
  readonly places: Places;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly counted: Counter<'connector'>;
  /** The partition is another process's by now: nothing more can be committed here. */
  onLost(): void;
  onFatal(error: Error): void;
}

export interface PartitionSources {
  /**
   * A record of the sources' topic that has arrived: a new source, one that is asked for again, or null for one that is gone.
   * What was known already when the partition was taken over is passed over.
   */
  define(offset: number, key: string, source: KnownSource | null): void;
  /** An emitter for a source that others drive, such as an HTTP listener; the source is known for good when it settles. */
  emitter(source: SourceDefinition): Promise<Emitter>;
  /** A source as it was begun; null where it is not of this partition, or not known any more. */
  sourceOf(organization_id: string, source: string): SourceDefinition | null;
  /** Resolves when all sources have stopped, and what they emitted is committed. */
  stop(): Promise<void>;
}

/** What stands in the place of a removed source's connector; no connector has this name. */
export const removed_connector = 'removed';

const stage = 'ingest';

/** A draft's key, and the whole record's bytes. */
type Writer = (draft: Draft<unknown> | EncodedDraft<unknown>, lineage: Lineage) => { key: string; value: Buffer };

function writerOf(registry: Registry, topic: Topic<unknown>): Writer {
  const serde = serdeOf(registry, topic);
  let frame: ReturnType<typeof draftFramer> | null = null;
  return (draft, lineage) => {
    if (draft instanceof EncodedDraft) {
      frame ??= draftFramer(topic, headerOf(serde));
      return { key: draft.key, value: frame(draft, lineage) };
    }
    const record = { ...draft, lineage };
    return { key: topic.key(record), value: serde.serialize(record) };
  };
}

function headerOf({ schema_id }: Serde<unknown>): Buffer {
  const header = Buffer.alloc(header_bytes);
  header.writeInt32BE(schema_id, 1);
  return header;
}

export async function runSources(options: SourcesOptions): Promise<PartitionSources> {
  const { kafka, registry, store, log, partition } = options;
  const positionSerde = serdeOf(registry, options.positions);
  const sourceSerde = serdeOf(registry, options.sources);
  const writers = new Map<string, Writer>();
  const emitters = new Map<string, Emitter>();
  const running = new Map<string, { removal: AbortController; ended: Promise<void> }>();
  const stopping = new AbortController();
  const meters = stageMetrics(options.metrics);

  const producer = await openTransactionalProducer(kafka, `millrace.ingest.${partition}`);
  const unwatch = meters.watchTransaction(stage, producer);
  const { latest: states } = await readLatest(kafka, positionSerde, partition);
  const { latest: known, next_offset } = await readLatest(kafka, sourceSerde, partition);

  const outbox = openSourceOutbox({
    producer,
    positions: positionSerde,
    partition,
    commit_interval_ms: options.commit_interval_ms,
    transactions: meters.transactions,
    stopping: stopping.signal,
    onFail(error) {
      stopping.abort();
      if (isFenced(error)) options.onLost();
      else options.onFatal(error);
    },
  });

  function stateOf(source: SourceDefinition): SourceState {
    const key = sourceKey(source);
    const present = states.get(key);
    if (present) return present;
    const fresh: SourceState = {
      organization_id: source.owner.organization_id,
      source: source.source,
      connector: source.connector,
      sequence: 0,
      position: 'null',
      done: false,
      error: null,
      read_at_ms: Date.now(),
      asked_at_ms: 0,
    };
    states.set(key, fresh);
    return fresh;
  }

  function advance(state: SourceState, change: Partial<SourceState>): void {
    Object.assign(state, change, { read_at_ms: Date.now() });
    outbox.move(options.positions.key(state), { ...state });
  }

  /** One a source: it hands a number out together with its record, one at a time, or two records would share one. */
  function emitterOf(source: SourceDefinition): Emitter {
    const key = sourceKey(source);
    const emitter = emitters.get(key) ?? newEmitter(source);
    emitters.set(key, emitter);
    return emitter;
  }

  function newEmitter(source: SourceDefinition): Emitter {
    const state = stateOf(source);
    const exclusive = createMutex();
    const lineage = (traceparent: string | null): Lineage => ({
      source: source.source,
      sequence: state.sequence + 1,
      origin: source.origin,
      ingested_at_ms: Date.now(),
      hops: [],
      traceparent,
    });

    // Without a pause, so that one transaction has all of it.
    function hand(record: Outgoing, position: Json, beside?: (sequence: number) => Encoded): Emitted {
      const sequence = state.sequence + 1;
      outbox.put(record, source.origin === 'live');
      if (beside) outbox.put({ ...beside(sequence), partition: null }, true);
      advance(state, { sequence, position: JSON.stringify(position) });
      options.counted.inc({ connector: source.connector });
      return { source: source.source, sequence, committed: outbox.committed() };
    }

    return {
      emit: (topic, draft, position, beside, traceparent = null) =>
        exclusive(async () => {
          await outbox.untilRoom();
          const { key, value } = writerFor(topic as Topic<unknown>)(draft as Draft<unknown>, lineage(traceparent));
          const record = { topic: topic.name, partition: null, key, value };
          // For other consumers, who read no lineage; a record with headers takes a slower way.
          const headed = traceparent === null ? record : { ...record, headers: { traceparent } };
          return hand(headed, position, beside);
        }),
      reject: (original, rejection, position) =>
        exclusive(async () => {
          await outbox.untilRoom();
          const letter = await options.deadLetterOffice({
            ...rejection,
            stage: source.connector,
            original,
            record: { owner: source.owner },
            lineage: lineage(null),
            position: null,
            failed_at_ms: Date.now(),
          });
          meters.rejected.inc({ stage, cause: rejection.cause });
          return hand({ ...letter, partition: null }, position);
        }),
    };
  }

  function writerFor(topic: Topic<unknown>): Writer {
    const present = writers.get(topic.name) ?? writerOf(registry, topic);
    writers.set(topic.name, present);
    return present;
  }

  function contextOf(source: KnownSource, config: unknown, signal: AbortSignal): ConnectorContext<unknown> {
    const state = stateOf(source);
    return {
      ...emitterOf(source),
      config,
      source,
      position: JSON.parse(state.position) as Json,
      again: state.done,
      store,
      signal,
      log: log.child({ source: source.source }),
    };
  }

  function schedule(source: KnownSource): void {
    const key = sourceKey(source);
    if (running.has(key) || !isWanted(source)) return;
    const removal = new AbortController();
    const signal = AbortSignal.any([stopping.signal, removal.signal]);
    const ended = options
      .places(() => run(source, signal), signal)
      .finally(() => {
        running.delete(key);
        // It was asked for again meanwhile.
        const newest = known.get(key);
        if (newest && !signal.aborted) schedule(newest);
      });
    running.set(key, { removal, ended });
  }

  function isWanted(source: KnownSource): boolean {
    if (!options.connectors.some(one => one.name === source.connector)) return false;
    const state = stateOf(source);
    return !state.done || source.asked_at_ms > state.asked_at_ms;
  }

  async function run(source: KnownSource, signal: AbortSignal): Promise<void> {
    const state = stateOf(source);
    try {
      const { connector, config } = configOf(options.connectors, source);
      const context = contextOf(source, config, signal);
      advance(state, { done: false, error: null, asked_at_ms: source.asked_at_ms });
      const end = await connector.run(context);
      // A stopped source is not done: it goes on from its position at the next start.
      if (signal.aborted) return;
      advance(state, { done: true, error: null, ...(end === null ? {} : { position: JSON.stringify(end) }) });
    } catch (error) {
      if (signal.aborted) return;
      log.error({ source: source.source, error }, 'the source ended with an error');
      advance(state, { done: true, error: messageOf(error), asked_at_ms: source.asked_at_ms });
    }
  }

  /** What a removed source has emitted is committed in this transaction or was before; nothing comes after it. */
  async function forget(key: string): Promise<void> {
    running.get(key)?.removal.abort();
    await running.get(key)?.ended;
    if (outbox.isClosed()) return;
    emitters.delete(key);
    states.delete(key);
    outbox.move(key, null);
    outbox.put({ topic: options.positions.name, partition, key, value: null }, true);
    // It was named anew meanwhile.
    if (known.has(key)) take(key);
  }

  async function remember(source: SourceDefinition): Promise<void> {
    const key = sourceKey(source);
    if (known.has(key)) return;
    const named = { ...source, asked_at_ms: 0 };
    outbox.put({ topic: options.sources.name, partition, key, value: sourceSerde.serialize(named) }, true);
    known.set(key, named);
    await outbox.committed();
  }

  // A position without its source is what a crash in the middle of a removal leaves.
  for (const key of new Set([...known.keys(), ...states.keys()])) take(key);

  return {
    define(offset, key, source) {
      if (offset < next_offset) return;
      if (source) known.set(key, source);
      else known.delete(key);
      take(key);
    },
    async emitter(source) {
      await remember(source);
      return emitterOf(source);
    },
    sourceOf: (organization_id, source) => known.get(keyOf(organization_id, source)) ?? null,
    async stop() {
      stopping.abort();
      await Promise.all([...running.values()].map(({ ended }) => ended));
      await outbox.close();
      unwatch();
      await producer.close();
    },
  };

  function take(key: string): void {
    const source = known.get(key);
    if (source && source.connector !== removed_connector) schedule(source);
    else if (states.has(key) || running.has(key)) void forget(key);
  }
}

export const keyOf = (organization_id: string, source: string): string => `${organization_id}/${source}`;
export const sourceKey = ({ owner, source }: SourceDefinition): string => keyOf(owner.organization_id, source);

/** The connector and its configuration. Throws MillraceError `config`, or `source.removed`. */
export function configOf(
  connectors: readonly Connector[],
  source: SourceDefinition,
): { connector: Connector; config: unknown } {
  const connector = connectorOf(connectors, source);
  const config = connector.config.safeParse(JSON.parse(source.config));
  if (config.success) return { connector, config: config.data };
  const faults = config.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new MillraceError('config', `${source.source} (${connector.name}): ${faults}`);
}

function connectorOf(connectors: readonly Connector[], source: SourceDefinition): Connector {
  if (source.connector === removed_connector) {
    throw new MillraceError('source.removed', `the source "${source.source}" was removed`);
  }
  const connector = connectors.find(one => one.name === source.connector);
  if (connector) return connector;
  const names = connectors.map(one => one.name).join(', ');
  throw new MillraceError('config', `there is no connector "${source.connector}"; there are ${names}`);
}
