/**
 * The four roles, each a process of its own: what each is made of, and nothing more. Each loads its own stage alone: all of them
 * together would take each process twice as long.
 */
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { type BusinessClocks, createBusinessClocks } from '../lib/business-time.ts';
import { createClickHouse } from '../lib/clickhouse.ts';
import { internalToken } from '../lib/internal-token.ts';
import { openTransactionalProducer } from '../lib/kafka.ts';
import { openOffsetReader, partitionsOf } from '../lib/kafka-admin.ts';
import { type WatchedGroup, watchLag } from '../lib/lag.ts';
import { type Lifecycle, pause } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/log.ts';
import type { Registry as Metrics } from '../lib/metrics.ts';
import { groupOf, type Processor } from '../lib/processor.ts';
import { runProcessor } from '../lib/processor-runtime.ts';
import { type Registry, serdeOf } from '../lib/registry.ts';
import { openRegistry } from '../lib/registry-open.ts';
import { runSinks, group_id as sink_group_id } from '../lib/sink-runtime.ts';
import { startConnectorRuntime } from '../lib/source-group.ts';
import { openStateFile } from '../lib/state-file.ts';
import { openStore, type Store } from '../lib/store.ts';
import type { Tracer } from '../lib/traces.ts';
import { followWatermark } from '../lib/watermark.ts';
import { openConsultant } from '../processors/bigger/consultant.ts';
import { settingsByOrganization } from '../processors/conversation/settings.ts';
import { measuring, processors } from '../processors/index.ts';
import { OwnCategories } from '../processors/mail/index.ts';
import { useModels } from '../processors/models.ts';
import { tick } from '../processors/tick.ts';
import type { Landing } from '../query-api/topic-accounts.ts';
import { createDeadLetterOffice } from '../schemas/dead-letter.ts';
import { sample_domain } from '../schemas/sample.ts';
import { topics } from '../schemas/topics.ts';
import { sinks } from '../sinks/index.ts';
import { dashboardsDir, packageVersion, webDir } from './package.ts';
import { everyTopic } from './topics.ts';

export interface RoleContext {
  readonly config: Config;
  readonly log: Logger;
  readonly lifecycle: Lifecycle;
  readonly metrics: Metrics;
  readonly tracer: Tracer | null;
  /** Ends the process: its supervisor starts it again. */
  onFatal(error: Error): void;
}

/** What a role says when it is ready. */
export interface RoleReady {
  readonly url?: string;
  /** Asked whenever somebody wants to know: partitions come and go, and engines too. */
  isReady(): boolean | Promise<boolean>;
}

export type Role = (context: RoleContext) => Promise<RoleReady>;

function storeOf({ config, lifecycle }: RoleContext): Store {
  const store = openStore(join(config.data_dir, 'store'));
  lifecycle.onStop('store', store.close);
  return store;
}

const ingest: Role = async context => {
  const { config, log, lifecycle, metrics, onFatal } = context;
  const { connectors } = await import('../ingest/index.ts');
  const { startListener } = await import('../ingest/listener.ts');
  const { createReplayer } = await import('../ingest/replay/index.ts');
  const registry = await openRegistry(config, everyTopic(config));
  const store = storeOf(context);
  const runtime = await startConnectorRuntime({
    kafka: config.kafka,
    registry,
    store,
    deadLetterOffice: createDeadLetterOffice(registry, store),
    connectors,
    positions: topics.sourcePosition,
    sources: topics.source,
    instance: config.instance,
    commit_interval_ms: config.commit_interval_ms,
    log,
    metrics,
    onFatal,
  });
  lifecycle.onStop('connectors', runtime.stop);
  const { hooks } = config;
  const replayer = createReplayer({ kafka: config.kafka, registry, store, hooks, runtime });
  const listener = await startListener({
    ...required(config.ingest, 'ingest'),
    organization_id: config.organization.id,
    hooks,
    runtime,
    replayer,
    store,
    log,
    metrics,
    tracer: context.tracer,
  });
  lifecycle.onStop('listener', listener.close);
  await until(runtime.ready, lifecycle.signal);
  return { url: listener.url, isReady: runtime.ready };
};

const process_: Role = async context => {
  const { config, log, lifecycle, metrics, onFatal } = context;
  const registry = await openRegistry(config, everyTopic(config));
  const deadLetterOffice = createDeadLetterOffice(registry, storeOf(context));
  const file = openStateFile(join(config.data_dir, 'state', config.instance));
  lifecycle.onStop('state', file.close);
  const { domains, addresses } = config.organization;
  const organizations = settingsByOrganization(config.organization, config.organizations);
  const conversations = { ...config.organization, organizations };
  useModels(join(config.data_dir, 'models'));
  // The sample company is an organisation of its own, on a domain that no real one can have.
  const categories = config.categories.length > 0 ? { categories: new OwnCategories(config.categories) } : {};
  const ours = { domains: [...domains, sample_domain], addresses, ...categories };
  const consultant = config.models ? await openConsultant(config.models, metrics) : null;
  if (consultant) lifecycle.onStop('bigger models', consultant.close);
  const running = await Promise.all(
    processors(ours, { metrics, conversations, consultant }).map(processor =>
      runProcessor(processor, {
        kafka: config.kafka,
        registry,
        deadLetterOffice,
        file,
        instance: config.instance,
        commit_interval_ms: config.commit_interval_ms,
        log,
        metrics,
        tracer: context.tracer,
        onFatal,
      }),
    ),
  );
  for (const processor of running) lifecycle.onStop('processor', processor.stop);
  tellLag(context, processors(ours).map(groupOfStage));
  await startClock(context, registry, measuring(ours));
  const isReady = (): boolean => running.every(processor => processor.ready());
  await until(isReady, lifecycle.signal);
  return { isReady };
};

/** Tells the windows how late it is. Every instance does: a tick more changes nothing, and none depends on another. */
async function startClock(
  { config, log, lifecycle, onFatal }: RoleContext,
  registry: Registry,
  stages: readonly Processor[],
): Promise<void> {
  const partitions = await partitionsOf(config.kafka, [topics.measurement.name]);
  const serde = serdeOf(registry, topics.measurement);
  const producer = await openTransactionalProducer(config.kafka, `millrace.clock.${config.instance}`);
  const watermark = followWatermark({
    kafka: config.kafka,
    groups: stages.map(groupOfStage),
    interval_ms: tick_interval_ms,
    async tell(at_ms) {
      await producer.begin();
      for (const { topic, partition } of partitions) {
        producer.produce(topic, partition, '', serde.serialize(tick(at_ms)));
      }
      await producer.commit();
    },
    onFatal,
    log,
  });
  lifecycle.onStop('clock', async () => {
    await watermark.stop();
    await producer.close();
  });
}

const tick_interval_ms = 5_000;

const sink: Role = async context => {
  const { config, log, lifecycle, metrics, onFatal } = context;
  const registry = await openRegistry(config, everyTopic(config));
  const clickhouse = createClickHouse(config.clickhouse);
  lifecycle.onStop('clickhouse', clickhouse.close);
  const running = await runSinks(sinks, {
    kafka: config.kafka,
    clickhouse,
    registry,
    deadLetterOffice: createDeadLetterOffice(registry, storeOf(context)),
    instance: config.instance,
    linger_ms: config.sink_linger_ms,
    log,
    metrics,
    tracer: context.tracer,
    onFatal,
  });
  lifecycle.onStop('sinks', running.stop);
  tellLag(context, [{ stage: 'sink', group_id: sink_group_id, topics: sunkTopics() }]);
  await until(running.ready, lifecycle.signal);
  return { isReady: running.ready };
};

const api: Role = async context => {
  const { config, log, lifecycle, metrics } = context;
  const { startApi } = await import('../query-api/server.ts');
  const { ingest_url, wait_ms_max, cors_origins, tls, requests_per_second, requests_burst, ...listening } = required(
    config.api,
    'api',
  );
  const server = await startApi({
    version: packageVersion(),
    ...listening,
    instance: config.instance,
    organization_id: config.organization.id,
    business_clocks: businessClocks(config),
    clickhouse: config.clickhouse,
    redis: config.redis ?? null,
    kafka: config.kafka,
    schema_registry: config.schema_registry,
    ingest_url,
    ingest_token: internalToken(listening.jwt_secret),
    web_dir: webDir,
    dashboards_dir: dashboardsDir,
    originals: storeOf(context),
    subscriptions: subscriptions(),
    landings: landings(),
    log,
    metrics,
    wait_ms_max,
    cors_origins,
    rate_limit: requests_per_second === 0 ? null : { requests_per_second, burst: requests_burst },
    tls,
    tracer: context.tracer,
  });
  lifecycle.onStop('api', server.close);
  return { url: server.url, isReady: server.isReady };
};

export const roles: Readonly<Record<'ingest' | 'process' | 'sink' | 'api', Role>> = {
  ingest,
  process: process_,
  sink,
  api,
};

/** By the calendars of the organisations that have one of their own. */
function businessClocks({ organization, organizations }: Config): BusinessClocks {
  const own = settingsByOrganization(organization, organizations);
  const calendars = new Map(Array.from(own, ([id, { business_calendar }]) => [id, business_calendar]));
  return createBusinessClocks(organization.business_calendar, calendars);
}

/** Who reads what: all the ways on which a record can still be. */
function subscriptions(): WatchedGroup[] {
  const stages = processors({ domains: [], addresses: [] }).map(groupOfStage);
  return [...stages, { stage: 'sink', group_id: sink_group_id, topics: sunkTopics() }];
}

const groupOfStage = (processor: Processor): WatchedGroup => ({
  stage: processor.definition.name,
  group_id: groupOf(processor),
  topics: Object.values(processor.definition.inputs).map(topic => topic.name),
});

/**
 * What became of records that sources read. A dead letter's key does not name its organisation, and a table whose rows replace each
 * other does not keep every one; a deed in the audit log is no such record, and what somebody said of a mail neither.
 */
const landings = (): Landing[] =>
  sinks
    .filter(sink => 'kafka_partition' in sink.columns && !unaccounted.has(sink.input.name))
    .map(({ input, table }) => ({ topic: input.name, table, group_id: sink_group_id }));

const unaccounted: ReadonlySet<string> = new Set(
  [topics.deadLetter, topics.auditEvent, topics.feedback].map(({ name }) => name),
);

const sunkTopics = (): string[] => [...new Set(sinks.map(({ input }) => input.name))];

function tellLag({ config, metrics, log, lifecycle }: RoleContext, groups: readonly WatchedGroup[]): void {
  const lag = watchLag({ groups, open: () => openOffsetReader(config.kafka), metrics, log });
  lifecycle.onStop('lag', lag.close);
}

/** An instance beyond the number of partitions stands by, and is never ready in this sense; its role says so by then. */
async function until(isReady: () => boolean, signal: AbortSignal): Promise<void> {
  const until_ms = Date.now() + assignment_ms_max;
  while (!isReady() && !signal.aborted && Date.now() < until_ms) await pause(20, signal);
}

const assignment_ms_max = 60_000;

function required<T>(section: T | undefined, name: string): T {
  if (section === undefined) throw new Error(`the configuration has no ${name}`);
  return section;
}
