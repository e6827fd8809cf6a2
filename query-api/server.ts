/** The query API: composes routes, identity and feeds into one listener. */
import type { BusinessClocks } from '../lib/business-time.ts';
import type { RedisConfig, SharedTexts } from '../lib/cache-redis.ts';
import { type ClickHouseConfig, createClickHouse } from '../lib/clickhouse.ts';
import { openControlState } from '../lib/control-state.ts';
import { type HttpTls, type Route, serveHttp } from '../lib/http.ts';
import type { WatchedGroup } from '../lib/lag.ts';
import type { Logger } from '../lib/log.ts';
import { Counter, type Registry } from '../lib/metrics.ts';
import { createRateLimiter, type RateLimit } from '../lib/rate-limit.ts';
import { openReader } from '../lib/reader.ts';
import type { RegistryConfig } from '../lib/registry-open.ts';
import { group_id as sink_group_id } from '../lib/sink-runtime.ts';
import type { Store } from '../lib/store.ts';
import type { Topic } from '../lib/topic.ts';
import { openTopicWriter } from '../lib/topic-writer.ts';
import type { Tracer } from '../lib/traces.ts';
import { hasUnread } from '../lib/unread.ts';
import { topics } from '../schemas/topics.ts';
import { createAnswerCache } from './answer-cache.ts';
import { type ApiRoute, guarded } from './auth/access.ts';
import { countActiveUsers } from './auth/active-users.ts';
import { createTokens } from './auth/tokens.ts';
import { createVerifier } from './auth/verifier.ts';
import { isDescribed } from './contract.ts';
import { loadDashboards } from './dashboards.ts';
import { watchEnds } from './ends-watch.ts';
import { watchFreshness } from './freshness.ts';
import { openAudit } from './identity/audit.ts';
import { createDirectory, directory_topics } from './identity/directory.ts';
import { addFirstAdmin } from './identity/first-admin.ts';
import type { OidcSettings } from './identity/oidc-settings.ts';
import { createSessions } from './identity/sessions.ts';
import { createIngestClient } from './ingest-client.ts';
import { feedTopics } from './live/feeds.ts';
import { openHub } from './live/hub.ts';
import { createLive } from './live/index.ts';
import { openApiRoute } from './openapi.ts';
import { createDatabases } from './permission/databases.ts';
import { endsBetween } from './queries/ends.ts';
import { sourceAccounts } from './queries/reconciliation.ts';
import { createLibrary, library_topics } from './questions/library.ts';
import { createRunner } from './questions/runner.ts';
import { watchReconciliation } from './reconciliation-metrics.ts';
import { conversationRoutes } from './routes/conversations.ts';
import { customerRoutes, leadRoutes } from './routes/customers.ts';
import { dashboardRoutes } from './routes/dashboards.ts';
import { deadLetterRoutes } from './routes/dead-letters.ts';
import { emailRoutes } from './routes/emails.ts';
import { exportRoutes } from './routes/exports.ts';
import { feedbackRoutes } from './routes/feedback.ts';
import { importRoutes } from './routes/imports.ts';
import { inputRoutes } from './routes/inputs.ts';
import { keyRoutes } from './routes/keys.ts';
import { metricRoutes } from './routes/metrics.ts';
import { oidcRoutes } from './routes/oidc.ts';
import { organizationRoutes } from './routes/organizations.ts';
import { loadPage } from './routes/page.ts';
import { askable_paths, questionRoutes } from './routes/questions.ts';
import { reconciliationRoutes } from './routes/reconciliation.ts';
import { registryRoutes } from './routes/registry.ts';
import { replayRoutes } from './routes/replays.ts';
import { searchRoutes } from './routes/search.ts';
import { sessionRoutes } from './routes/session.ts';
import { shareRoutes } from './routes/shares.ts';
import { sqlRoutes } from './routes/sql.ts';
import { checkAll, systemRoutes } from './routes/system.ts';
import { themeRoutes } from './routes/themes.ts';
import { traceRoutes } from './routes/trace.ts';
import { userRoutes } from './routes/users.ts';
import { sharedAnswers } from './shared-answers.ts';
import { createSqlRunner, followedBy } from './sql/runner.ts';
import { createSandbox } from './sql/sandbox.ts';
import { Slots } from './sql/slots.ts';
import { createThemeFinder } from './themes/finder.ts';
import type { Landing } from './topic-accounts.ts';

const measurement_topic = topics.measurement.name;

export interface ApiOptions extends RegistryConfig {
  /** Of this program. */
  readonly version: string;
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Names this instance among others. */
  readonly instance: string;
  /** The tenant whose API it is. */
  readonly organization_id: string;
  /** By which waits are told, of each organisation. */
  readonly business_clocks: BusinessClocks;
  /** At least 32 bytes. */
  readonly jwt_secret: string;
  /** Signed tokens before; those by them are taken until they end. */
  readonly jwt_previous_secrets: readonly string[];
  /** Of the user `admin`, who is added where there is no user at all. */
  readonly admin_password?: string | undefined;
  /** By which provider one may sign in too. */
  readonly oidc?: OidcSettings | undefined;
  readonly clickhouse: ClickHouseConfig;
  /** Where the instances share their answers; null where each has its own alone. */
  readonly redis: RedisConfig | null;
  readonly ingest_url: string;
  readonly ingest_token: string;
  /** The built page's folder. */
  readonly web_dir: string;
  /** The generated dashboards' folder. */
  readonly dashboards_dir: string;
  /** The content store, for those who may see a record as it came. */
  readonly originals: Pick<Store, 'get'>;
  /** Who reads which topics, to know what is still under way. */
  readonly subscriptions: readonly WatchedGroup[];
  /** Where the records of which topics become rows, to hold the ones against the others. */
  readonly landings: readonly Landing[];
  readonly log: Logger;
  readonly metrics: Registry;
  /** How long handing in a mail waits for its end, at most. */
  readonly wait_ms_max: number;
  /** Pages of these origins may call. */
  readonly cors_origins: readonly string[];
  /** Of each caller; null for none. */
  readonly rate_limit: RateLimit | null;
  readonly tls?: HttpTls | undefined;
  readonly tracer: Tracer | null;
}

export interface Api {
  readonly url: string;
  readonly port: number;
  /** Whether all it needs is there. */
  isReady(): Promise<boolean>;
  close(): Promise<void>;
}

/** Throws MillraceError `auth.secret`, `page`, `http.tls` or `http.listen`. Engines may be away: /ready says so until they answer. */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { log, metrics } = options;
  const tokens = createTokens(options.jwt_secret, ...options.jwt_previous_secrets);
  const control = openControlState({
    ...options,
    // The cast: topics of different records have no record type in common.
    topics: [...directory_topics, ...library_topics] as unknown as readonly Topic<never>[],
    transactional_id: 'millrace.directory',
  });
  const directory = createDirectory(control);
  const active = countActiveUsers(metrics);
  const library = createLibrary(control);
  const verifier = createVerifier(tokens, directory, active.seen);
  const audit = openAudit(options);
  const feedback = openTopicWriter({
    ...options,
    topic: topics.feedback,
    transactional_id: `millrace.feedback.${options.instance}`,
    bytesOf: ({ email }) => email.text.length + email.quoted_text.length + 2_000,
  });
  const limiter = options.rate_limit && createRateLimiter(options.rate_limit);
  const page = loadPage(options.web_dir);
  const clickhouse = createClickHouse(options.clickhouse);
  const databases = createDatabases(clickhouse);
  const ingest = createIngestClient(options.ingest_url, options.ingest_token, options.tracer);
  const ends = watchEnds({ endsBetween: range => endsBetween(clickhouse, range), log });
  const hub = openHub({
    openReader: (names, from) => {
      const wanted = feedTopics.filter(topic => names.includes(topic.name));
      return openReader(options, wanted, from);
    },
    log,
  });
  watchReconciliation(() => sourceAccounts(clickhouse, undefined), metrics);
  const checks = { clickhouse: clickhouse.ping, kafka: async () => hub.reading, ingest: ingest.isHealthy };

  const sink = options.subscriptions.find(({ group_id }) => group_id === sink_group_id) ?? {
    stage: 'sink',
    group_id: sink_group_id,
    topics: [],
  };
  const texts = options.redis && (await openShared(options.redis, options));
  const second = texts
    ? sharedAnswers({ texts, secret: options.jwt_secret, program_version: options.version })
    : undefined;
  const answers = createAnswerCache({ kafka: options.kafka, sink, metrics, second });
  const themes = createThemeFinder();
  const sandbox = createSandbox({ clickhouse });
  const slots = new Slots();
  const runSql = createSqlRunner({ databases, sandbox, slots });
  const queries = { runQuery: followedBy(runSql), version: answers.version };
  const live = createLive({ hub, queries, verifier, log, metrics });
  // The windows of now are in none of the answers that say how fresh they are.
  const groups = options.subscriptions
    .map(group => ({ ...group, topics: group.topics.filter(topic => topic !== measurement_topic) }))
    .filter(group => group.topics.length > 0);
  const freshness = watchFreshness({ kafka: options.kafka, groups, log });

  const sessions = createSessions({
    directory,
    tokens,
    onReuse({ user_id, session_id }) {
      const action = 'session.reuse';
      void audit.tell({ actor: user_id, action, object: session_id, outcome: 'refused', remote_address: '' });
    },
  });
  void addFirstAdmin(directory, options.admin_password, log);

  const routes: ApiRoute[] = [
    ...systemRoutes(checks, metrics),
    ...emailRoutes({ clickhouse, ingest, ends, wait_ms_max: options.wait_ms_max, onStored: answers.invalidate }),
    ...feedbackRoutes({ clickhouse, writer: feedback }),
    ...searchRoutes(),
    ...customerRoutes(),
    ...leadRoutes(ingest),
    ...conversationRoutes(options.business_clocks),
    ...themeRoutes(themes),
    ...metricRoutes(freshness),
    ...exportRoutes(options.business_clocks),
    ...dashboardRoutes(loadDashboards(options.dashboards_dir), freshness),
    ...reconciliationRoutes({ clickhouse, kafka: options.kafka, landings: options.landings }),
    ...traceRoutes(),
    ...deadLetterRoutes(options.originals),
    ...replayRoutes({ clickhouse, ingest, subscriptions: options.subscriptions }),
    ...importRoutes(ingest, clickhouse),
    ...inputRoutes(ingest),
    ...organizationRoutes({
      clickhouse,
      ingest,
      log,
      onRemoved: answers.forget,
      isUnderWay: id => hasUnread(options.kafka, options.subscriptions, key => key.startsWith(`${id}/`)),
    }),
    live.stream,
    ...sessionRoutes({ directory, sessions, audit }),
    ...oidcRoutes({ directory, sessions, tokens, audit, log, settings: options.oidc }),
    ...userRoutes(directory),
    ...keyRoutes(directory),
    ...registryRoutes(options, verifier),
    ...sqlRoutes({ clickhouse: options.clickhouse, verifier, databases, sandbox, slots, page: page.index }),
    ...page.routes,
  ];
  const answered = (route: ApiRoute): ApiRoute => freshness.told(answers.cached(route));
  const askable = routes.filter(isDescribed).filter(route => route.method === 'GET' && askable_paths.has(route.path));
  const runner = createRunner(
    askable.map(route => ({ ...route, ...answered(route) })),
    runSql,
  );
  routes.push(...questionRoutes({ library, directory, runner }));
  routes.push(...shareRoutes({ library, directory, runner, databases, audit }));
  routes.push(openApiRoute(routes, options.version));

  async function release(): Promise<void> {
    live.close();
    ends.close();
    await hub.close();
    await answers.close();
    await freshness.close();
    await audit.close();
    await feedback.close();
    await themes.close();
    await control.close();
    await databases.close();
    await texts?.close();
    await clickhouse.close();
  }

  try {
    const server = await serveHttp({
      host: options.host,
      port: options.port,
      routes: routes.map((route): Route => guarded(answered(route), { verifier, databases, audit, limiter })),
      sockets: [live.socket],
      metrics,
      log,
      cors_origins: options.cors_origins,
      tls: options.tls,
      tracer: options.tracer,
    });
    return {
      url: server.url,
      port: server.port,
      isReady: async () => (await checkAll(checks)).ready,
      async close() {
        // Waiting requests and sockets first: they would hold the listener open for nothing.
        live.close();
        ends.close();
        await server.close();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Loaded where it is wanted. Nobody waits for its server: it may be away now and later. */
async function openShared(redis: RedisConfig, { log, metrics }: ApiOptions): Promise<SharedTexts> {
  const { openSharedTexts } = await import('../lib/cache-redis.ts');
  const lookups = new Counter({
    name: 'answer_cache_shared_lookups_total',
    help: 'Answers that this instance did not have: told by the shared cache (hit), not there (miss), not told in time (late), or not asked for while it is away (away)',
    labelNames: ['result'],
    registers: [metrics],
  });
  return openSharedTexts({ redis, log, onLookup: result => lookups.inc({ result }) });
}
