/**
 * Which instance reads which sources. The topic of the sources is spread over partitions, and the partitions over the
 * instances, by a consumer group: whoever is given a partition runs the sources in it (connector-runtime.ts), from the positions
 * in the same partition of the positions' topic. Whoever loses it stops them first, or finds himself fenced by his successor.
 *
 * A source is named, asked for again or removed by writing it to its topic, by any instance; its owner reads that and acts.
 */
import type { Emitter, KnownSource, SourceDefinition } from './connector.ts';
import {
  configOf,
  keyOf,
  type PartitionSources,
  removed_connector,
  runSources,
  type SourcesOptions,
  sourceKey,
} from './connector-runtime.ts';
import { MillraceError, messageOf } from './errors.ts';
import {
  type Batch,
  type GroupConsumer,
  hasNamesake,
  isFenced,
  openGroupConsumer,
  openTransactionalProducer,
  readToEnd,
  type TopicPartition,
  type TransactionalProducer,
} from './kafka.ts';
import { checkCopartitioned, partitionsOf } from './kafka-admin.ts';
import { pause } from './lifecycle.ts';
import { Counter, type Registry as Metrics } from './metrics.ts';
import { createMutex } from './mutex.ts';
import { createPlaces } from './places.ts';
import { serdeOf } from './registry.ts';
import { stageMetrics } from './stage-metrics.ts';
import { createWatchdog, stall_ms_max } from './watchdog.ts';

export interface ConnectorRuntimeOptions extends Omit<SourcesOptions, 'partition' | 'places' | 'counted' | 'onLost'> {
  /** Names this instance in its group: one that comes back under the same name takes its sources up at once. */
  readonly instance: string;
}

export interface ConnectorRuntime {
  /** Partitions are assigned; without any, this instance stands by. */
  ready(): boolean;
  /**
   * Makes the sources known for good, to be read from their committed positions, now and after every restart until they are
   * done; those that are done are read again. Settles when that is durable, before anything is read. Throws MillraceError
   * `config` where a configuration is invalid, `source.removed` where a source was removed for good.
   */
  start(sources: readonly SourceDefinition[]): Promise<void>;
  /**
   * An emitter for a source that others drive, such as an HTTP listener. Where the sources are spread, each partition has a
   * source of its own for it. Throws MillraceError `source.standby`, which is retryable, where this instance has none.
   */
  emitter(source: SourceDefinition): Promise<Emitter>;
  /**
   * Of all instances one has it: for sources of which there must be one. It is another object after each time it was taken over,
   * so whoever has read what it vouches for knows when to read it again. Throws as `emitter` does.
   */
  first(): Pick<PartitionSources, 'emitter'>;
  /** A source as it was begun; null where it is not known, or no longer. */
  sourceOf(organization_id: string, source: string): Promise<SourceDefinition | null>;
  /**
   * Stops the organisation's sources and forgets them and their positions; nothing of them is emitted after it has settled.
   * Of those of the connectors in `for_good` it is kept that they were removed: `start` refuses them. Repeating it does no harm.
   */
  removeSources(organization_id: string, for_good: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

const group_id = 'millrace.ingest';
const stage = 'ingest';
const finite_sources_max = 2;
const batch_records_max = 500;
const idle_wait_ms = 250;
const rejoin_pause_ms = 1_000;
const removal_ms_max = 20_000;
const removal_ask_ms = 100;

interface Found {
  readonly source: KnownSource;
  readonly partition: number;
}

export async function startConnectorRuntime(options: ConnectorRuntimeOptions): Promise<ConnectorRuntime> {
  const { kafka, registry, log } = options;
  const { sources: topic, positions } = options;
  const serde = serdeOf(registry, topic);
  await checkCopartitioned(kafka, [topic.name, positions.name]);
  const partitions = (await partitionsOf(kafka, [topic.name])).map(({ partition }) => partition);
  const places = createPlaces(finite_sources_max);
  const counted = recordsRead(options.metrics);
  const meters = stageMetrics(options.metrics);

  /** The partitions that are ours. */
  const ours = new Map<number, PartitionSources>();
  const stopping = new AbortController();
  const watchdog = createWatchdog(stage, stall_ms_max, fail);
  let control: TransactionalProducer | null = null;
  const exclusively = createMutex();
  /** Null when another process has turned out to have the name: from then on this one is a member like any. */
  let name: string | null = options.instance;
  /** The group must be joined anew: what we took for ours was given to others. */
  let isLost = false;
  let namesake: Error | null = null;

  const join = (): Promise<GroupConsumer> =>
    openGroupConsumer({
      kafka,
      group_id,
      instance: name,
      topics: [topic.name],
      batch_records_max,
      onAssign: assign,
      onRevoke: revoke,
      onError(error) {
        if (hasNamesake(error)) namesake = error;
        else fail(error);
      },
    });
  let consumer = await join();

  async function assign(assigned: readonly TopicPartition[]): Promise<void> {
    for (const { partition } of assigned) ours.set(partition, await runSources(partitionOptions(partition)));
    meters.rebalances.inc({ stage });
    meters.partitions.set({ stage }, ours.size);
    log.info({ partitions: [...ours.keys()] }, 'assigned');
  }

  const partitionOptions = (partition: number): SourcesOptions => ({
    ...options,
    partition,
    places,
    counted,
    onFatal: fail,
    onLost() {
      log.warn({ partition }, 'another instance reads these sources by now');
      isLost = true;
    },
  });

  async function revoke(): Promise<void> {
    const stopped = [...ours.values()];
    ours.clear();
    meters.partitions.set({ stage }, 0);
    await Promise.all(stopped.map(one => one.stop()));
    // Whatever was lost is given up by now; what comes next comes from the group.
    isLost = false;
  }

  async function take(batch: Batch): Promise<void> {
    for (let i = 0; i < batch.count; i++) {
      const value = batch.value(i);
      const source = value === null ? null : await serde.deserialize(value);
      ours.get(batch.partition(i))?.define(batch.offset(i), batch.key(i), source);
    }
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      watchdog.beat();
      if (isLost || namesake) await rejoin();
      await take(await consumer.poll(idle_wait_ms));
    }
    await revoke();
  }

  /** By the group, and by nothing else, does a partition come back: whoever took it by force would only be fenced in turn. */
  async function rejoin(): Promise<void> {
    if (namesake && name === null) throw namesake;
    if (namesake) {
      log.warn(
        { error: messageOf(namesake) },
        'another instance has this one’s name; MILLRACE_INSTANCE gives each its own',
      );
      name = null;
    }
    namesake = null;
    await revoke();
    await consumer.close();
    await pause(rejoin_pause_ms, stopping.signal);
    consumer = await join();
  }

  async function run(): Promise<void> {
    for (;;) {
      try {
        return await loop();
      } catch (error) {
        // Told by the next call and by an event, in either order.
        if (hasNamesake(error)) namesake ??= error as Error;
        else if (isFenced(error)) isLost = true;
        else throw error;
      }
    }
  }

  function fail(error: Error): void {
    if (stopping.signal.aborted) return;
    stopping.abort();
    log.fatal({ error }, 'ingestion cannot go on');
    options.onFatal(error);
  }

  // ── What is asked of any instance ──────────────────────────────────────────────────────────────────────────────────
  async function everySource(): Promise<Map<string, Found>> {
    const found = new Map<string, Found>();
    await readToEnd(kafka, everyPartitionOf(topic), async (batch, i) => {
      const value = batch.value(i);
      if (value === null) found.delete(batch.key(i));
      else found.set(batch.key(i), { source: await serde.deserialize(value), partition: batch.partition(i) });
    });
    return found;
  }

  async function everyPosition(): Promise<Set<string>> {
    const found = new Set<string>();
    await readToEnd(kafka, everyPartitionOf(positions), (batch, i) => {
      if (batch.isTombstone(i)) found.delete(batch.key(i));
      else found.add(batch.key(i));
    });
    return found;
  }

  const everyPartitionOf = ({ name }: { name: string }): TopicPartition[] =>
    partitions.map(partition => ({ topic: name, partition }));

  const write = (changes: readonly { key: string; partition: number | null; source: KnownSource | null }[]) =>
    exclusively(async () => {
      control ??= await openTransactionalProducer(kafka, `${group_id}.control.${options.instance}`);
      await control.begin();
      for (const { key, partition, source } of changes) {
        control.produce(topic.name, partition, key, source && serde.serialize(source));
      }
      await control.commit();
    }).catch(fatal);

  /** What became of the transaction is unknown: a restart finds out. */
  function fatal(error: Error): never {
    fail(error);
    throw error;
  }

  async function untilForgotten(keys: readonly string[]): Promise<void> {
    for (const until_ms = Date.now() + removal_ms_max; ; await pause(removal_ask_ms)) {
      const left = await everyPosition();
      if (!keys.some(key => left.has(key))) return;
      if (Date.now() < until_ms) continue;
      throw new MillraceError('source.removal', 'the sources are still being read by their instance', {
        retryable: true,
      });
    }
  }

  const running = run().catch(fail);
  return {
    ready: () => ours.size > 0 && !stopping.signal.aborted,
    async start(named) {
      const found = await everySource();
      const changes = named.map(one => {
        const key = sourceKey(one);
        const { source, partition = null } = found.get(key) ?? {};
        // A source keeps the configuration it was begun with: its position means nothing under another one.
        const asked_at_ms = Math.max(Date.now(), (source?.asked_at_ms ?? 0) + 1);
        return { key, partition, source: { ...(source ?? one), asked_at_ms } };
      });
      for (const { source } of changes) configOf(options.connectors, source);
      await write(changes);
    },
    first() {
      const first = ours.get(partitions[0] as number);
      if (!first) throw standby();
      return first;
    },
    async sourceOf(organization_id, source) {
      for (const one of ours.values()) {
        const found = one.sourceOf(organization_id, source);
        if (found) return found;
      }
      return (await everySource()).get(keyOf(organization_id, source))?.source ?? null;
    },
    async emitter(source) {
      const [any] = ours;
      if (!any) throw standby();
      const [partition, runner] = any;
      return runner.emitter(partitions.length === 1 ? source : { ...source, source: `${source.source}/${partition}` });
    },
    async removeSources(organization_id, for_good) {
      const theirs = [...(await everySource())].filter(
        ([, { source }]) => source.owner.organization_id === organization_id,
      );
      if (theirs.length === 0) return;
      await write(
        theirs.map(([key, { source, partition }]) => {
          const isKept = for_good.includes(source.connector) || source.connector === removed_connector;
          return { key, partition, source: isKept ? { ...source, connector: removed_connector, config: '{}' } : null };
        }),
      );
      await untilForgotten(theirs.map(([key]) => key));
    },
    async stop() {
      stopping.abort();
      await running;
      watchdog.stop();
      await consumer.close();
      await control?.close();
    },
  };
}

const standby = (): MillraceError =>
  new MillraceError('source.standby', 'this instance does not read the source at present; ask another one', {
    retryable: true,
  });

export const recordsRead = (metrics: Metrics): Counter<'connector'> =>
  new Counter({
    name: 'millrace_records_read_total',
    help: 'Records handed out a sequence number',
    labelNames: ['connector'],
    registers: [metrics],
  });
