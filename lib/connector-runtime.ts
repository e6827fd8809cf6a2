/**
 * Runs connectors so that a record and its source's position are one fact. All sources of the process share one
 * transactional producer:
 *
 *   1. emit      gives the record the source's next sequence number and puts it in the buffer
 *   2. commit    one Kafka transaction: every buffered record, and each touched source's position after it
 *   3. settle    whoever waits for durability (a webhook's answer) is told
 *
 * A crash before 2 leaves nothing, and the source is read again from its last position. After 2 both are there. The
 * producer is initialised before positions are read: a predecessor's open transaction is aborted first, so that what is
 * read is final, and a predecessor that still runs is fenced.
 */
import type { Connector, ConnectorContext, Emitted, Emitter, SourceDefinition, SourceState } from './connector.ts';
import type { DeadLetterOffice } from './dead-letter.ts';
import { draftFramer, EncodedDraft } from './draft.ts';
import { MillraceError, messageOf } from './errors.ts';
import type { Json } from './json.ts';
import { type KafkaConfig, openTransactionalProducer } from './kafka.ts';
import { readLatest } from './latest.ts';
import { pause, withResolvers } from './lifecycle.ts';
import type { Draft, Lineage } from './lineage.ts';
import type { Logger } from './log.ts';
import { Counter, type Registry as Metrics } from './metrics.ts';
import { createMutex } from './mutex.ts';
import { commit_pace, createPace } from './pace.ts';
import { header_bytes, type Registry, type Serde, serdeOf } from './registry.ts';
import type { Store } from './store.ts';
import type { Topic } from './topic.ts';

export interface ConnectorRuntimeOptions {
  readonly kafka: KafkaConfig;
  readonly registry: Registry;
  readonly store: Store;
  readonly deadLetterOffice: DeadLetterOffice;
  readonly connectors: readonly Connector[];
  readonly positions: Topic<SourceState>;
  readonly sources: Topic<SourceDefinition>;
  readonly instance: string;
  readonly commit_interval_ms: number;
  readonly log: Logger;
  readonly metrics: Metrics;
  onFatal(error: Error): void;
}

export interface ConnectorRuntime {
  /**
   * Makes the source known for good and runs its connector from the committed position, now and after every restart
   * until it is done. Settles when that is durable; throws MillraceError `config` where the configuration is invalid.
   */
  start(source: SourceDefinition): Promise<void>;
  /** An emitter for a source that others drive, such as an HTTP listener. */
  emitter(source: SourceDefinition): Promise<Emitter>;
  /**
   * Stops the organisation's sources and forgets them and their positions, in one transaction. Of those of the connectors
   * in `for_good` it is kept that they were removed: `start` refuses them, after a restart too. Repeating it does no harm.
   */
  removeSources(organization_id: string, for_good: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

/** What stands in the place of a removed source's connector; no connector has this name. */
const removed_connector = 'removed';

const buffered_bytes_max = 16 * 1024 * 1024;
const buffered_records_max = 5_000;
const finite_sources_max = 2;
/** Nobody waits for a record of a backfill, and large transactions are cheap ones. */
const backfill_intervals = 5;

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

interface Outgoing {
  topic: string;
  key: string;
  /** Null is a tombstone. */
  value: Buffer | null;
}

export async function startConnectorRuntime(options: ConnectorRuntimeOptions): Promise<ConnectorRuntime> {
  const { kafka, registry, store, log } = options;
  const positionSerde = serdeOf(registry, options.positions);
  const sourceSerde = serdeOf(registry, options.sources);
  const writers = new Map<string, Writer>();
  const stopping = new AbortController();
  const counted = new Counter({
    name: 'millrace_records_read_total',
    help: 'Records handed out a sequence number and committed',
    labelNames: ['connector'],
    registers: [options.metrics],
  });

  const producer = await openTransactionalProducer(kafka, `millrace.ingest.${options.instance}`);
  const states = await readLatest(kafka, positionSerde);
  const known = await readLatest(kafka, sourceSerde);

  // ── The buffer and its commit ──────────────────────────────────────────────────────────────────────────────────────
  const pace = createPace({ interval_ms: options.commit_interval_ms, ...commit_pace });
  let outgoing: Outgoing[] = [];
  let bytes = 0;
  const touched = new Map<string, SourceState>();
  let settled = withResolvers<void>();
  let filled = withResolvers<void>();
  /** Something in the buffer is live, or control: somebody may be waiting for its commit. */
  let awaited = false;

  function put(record: Outgoing, isAwaited = true): void {
    outgoing.push(record);
    awaited ||= isAwaited;
    bytes += record.value?.length ?? 0;
    filled.resolve();
  }

  async function commit(): Promise<void> {
    const records = outgoing;
    const positions = [...touched.values()];
    const waiting = settled;
    outgoing = [];
    bytes = 0;
    touched.clear();
    settled = withResolvers<void>();
    settled.promise.catch(() => undefined);
    filled = withResolvers<void>();
    awaited = false;
    if (stopping.signal.aborted) filled.resolve();
    await producer.begin();
    for (const { topic, key, value } of records) producer.produce(topic, null, key, value);
    for (const state of positions) {
      const key = options.positions.key(state);
      producer.produce(options.positions.name, null, key, positionSerde.serialize(state));
    }
    const began_at_ms = performance.now();
    await producer.commit();
    pace.took(performance.now() - began_at_ms);
    waiting.resolve();
  }

  async function pump(): Promise<void> {
    while (!stopping.signal.aborted || isPending()) {
      if (!isPending()) {
        await filled.promise;
        continue;
      }
      await untilDue();
      await commit();
    }
  }

  async function untilDue(): Promise<void> {
    await pause(pace.interval_ms(), stopping.signal);
    for (let more = 1; more < backfill_intervals && !awaited && !isFull() && !stopping.signal.aborted; more++) {
      await pause(options.commit_interval_ms, stopping.signal);
    }
  }

  const isPending = (): boolean => outgoing.length > 0 || touched.size > 0;

  const isFull = (): boolean => bytes >= buffered_bytes_max || outgoing.length >= buffered_records_max;

  async function untilRoom(): Promise<void> {
    while (isFull()) await settled.promise;
  }

  // ── Sources ────────────────────────────────────────────────────────────────────────────────────────────────────────
  const keyOf = (source: SourceDefinition): string => options.sources.key(source);

  function stateOf(source: SourceDefinition): SourceState {
    const key = `${source.owner.organization_id}/${source.source}`;
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
    };
    states.set(key, fresh);
    return fresh;
  }

  function advance(state: SourceState, change: Partial<SourceState>): void {
    Object.assign(state, change, { read_at_ms: Date.now() });
    touched.set(`${state.organization_id}/${state.source}`, { ...state });
    filled.resolve();
  }

  function emitterOf(source: SourceDefinition): Emitter {
    const state = stateOf(source);
    // One at a time: a number is handed out together with its record, or two records would share one.
    const exclusive = createMutex();
    const lineage = (): Lineage => ({
      source: source.source,
      sequence: state.sequence + 1,
      origin: source.origin,
      ingested_at_ms: Date.now(),
      hops: [],
    });

    function hand(record: Outgoing, position: Json): Emitted {
      advance(state, { sequence: state.sequence + 1, position: JSON.stringify(position) });
      put(record, source.origin === 'live');
      counted.inc({ connector: source.connector });
      const committed = settled.promise;
      committed.catch(() => undefined);
      return { sequence: state.sequence, committed };
    }

    return {
      emit: (topic, draft, position) =>
        exclusive(async () => {
          await untilRoom();
          const { key, value } = writerFor(topic as Topic<unknown>)(draft as Draft<unknown>, lineage());
          return hand({ topic: topic.name, key, value }, position);
        }),
      reject: (original, rejection, position) =>
        exclusive(async () => {
          await untilRoom();
          const letter = await options.deadLetterOffice({
            ...rejection,
            stage: source.connector,
            original,
            record: { owner: source.owner },
            lineage: lineage(),
            position: null,
            failed_at_ms: Date.now(),
          });
          return hand(letter, position);
        }),
    };
  }

  function writerFor(topic: Topic<unknown>): Writer {
    const present = writers.get(topic.name) ?? writerOf(registry, topic);
    writers.set(topic.name, present);
    return present;
  }

  function contextOf(connector: Connector, source: SourceDefinition): ConnectorContext<unknown> {
    const config = connector.config.safeParse(JSON.parse(source.config));
    if (!config.success) {
      const faults = config.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`).join('; ');
      throw new MillraceError('config', `${source.source} (${connector.name}): ${faults}`);
    }
    const state = stateOf(source);
    return {
      ...emitterOf(source),
      config: config.data,
      source,
      position: JSON.parse(state.position) as Json,
      again: state.done,
      store,
      signal: stopping.signal,
      log: log.child({ source: source.source }),
    };
  }

  function connectorOf(source: SourceDefinition): Connector {
    if (source.connector === removed_connector) {
      throw new MillraceError('source.removed', `the source "${source.source}" was removed`);
    }
    const connector = options.connectors.find(one => one.name === source.connector);
    if (connector) return connector;
    const names = options.connectors.map(one => one.name).join(', ');
    throw new MillraceError('config', `there is no connector "${source.connector}"; there are ${names}`);
  }

  // Finite sources queue for few places: a hundred imports at once would only take memory from each other.
  const waiting: { key: string; work: () => Promise<void> }[] = [];
  const running = new Map<string, { removal: AbortController; ended: Promise<void> }>();

  function schedule(source: SourceDefinition, context: ConnectorContext<unknown>): void {
    const key = keyOf(source);
    if (running.has(key)) return;
    const removal = new AbortController();
    const { promise: ended, resolve } = withResolvers<void>();
    const signal = AbortSignal.any([context.signal, removal.signal]);
    running.set(key, { removal, ended });
    waiting.push({ key, work: () => run(source, { ...context, signal }).finally(resolve) });
    next();
  }

  let active = 0;
  function next(): void {
    if (active >= finite_sources_max) return;
    const first = waiting.shift();
    if (!first) return;
    active++;
    void first.work().finally(() => {
      active--;
      next();
    });
  }

  async function run(source: SourceDefinition, context: ConnectorContext<unknown>): Promise<void> {
    const state = stateOf(source);
    try {
      if (context.signal.aborted) return;
      const end = await connectorOf(source).run(context);
      // A stopped source is not done: it goes on from its position at the next start.
      if (context.signal.aborted) return;
      advance(state, { done: true, error: null, ...(end === null ? {} : { position: JSON.stringify(end) }) });
    } catch (error) {
      if (context.signal.aborted) return;
      log.error({ source: source.source, error: messageOf(error) }, 'the source ended with an error');
      advance(state, { done: true, error: messageOf(error) });
    } finally {
      running.delete(keyOf(source));
    }
  }

  function fail(error: Error): void {
    if (stopping.signal.aborted) return;
    stopping.abort();
    settled.reject(error);
    log.fatal({ error: messageOf(error) }, 'ingestion cannot go on');
    options.onFatal(error);
  }

  async function remember(source: SourceDefinition): Promise<void> {
    if (known.has(keyOf(source))) return;
    known.set(keyOf(source), source);
    put({ topic: options.sources.name, key: keyOf(source), value: sourceSerde.serialize(source) });
    await settled.promise;
  }

  async function endRun(key: string): Promise<void> {
    running.get(key)?.removal.abort();
    // One that still waits for its place ends here: the places may be taken for hours.
    const place = waiting.findIndex(one => one.key === key);
    if (place >= 0) await waiting.splice(place, 1)[0]?.work();
    await running.get(key)?.ended;
  }

  settled.promise.catch(() => undefined);
  const pumping = pump().catch(fail);
  for (const source of known.values()) {
    if (!stateOf(source).done && connectorExists(source)) schedule(source, contextOf(connectorOf(source), source));
  }

  function connectorExists(source: SourceDefinition): boolean {
    return options.connectors.some(one => one.name === source.connector);
  }

  return {
    async start(named) {
      // A source keeps the configuration it was begun with: its position means nothing under another one.
      const source = known.get(keyOf(named)) ?? named;
      const connector = connectorOf(source);
      const context = contextOf(connector, source);
      if (running.has(keyOf(source))) return;
      await remember(source);
      advance(stateOf(source), { done: false, error: null });
      schedule(source, context);
    },
    async emitter(source) {
      await remember(source);
      return emitterOf(source);
    },
    async removeSources(organization_id, for_good) {
      const theirs = [...known.values()].filter(source => source.owner.organization_id === organization_id);
      await Promise.all(theirs.map(source => endRun(keyOf(source))));
      // From here to the end without a pause, so that one transaction has all of it.
      for (const source of theirs) {
        const key = keyOf(source);
        const kept = for_good.includes(source.connector) || source.connector === removed_connector;
        const trace = { ...source, connector: removed_connector, config: '{}' };
        if (kept) known.set(key, trace);
        else known.delete(key);
        put({ topic: options.sources.name, key, value: kept ? sourceSerde.serialize(trace) : null });
        states.delete(key);
        touched.delete(key);
        put({ topic: options.positions.name, key, value: null });
      }
      if (theirs.length > 0) await settled.promise;
    },
    async stop() {
      stopping.abort();
      filled.resolve();
      await pumping;
      await producer.close();
    },
  };
}
