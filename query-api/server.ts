/** The query API: composes routes, identity and feeds into one listener. */
import { type ClickHouseConfig, createClickHouse } from '../lib/clickhouse.ts';
import { type HttpTls, type Route, serveHttp } from '../lib/http.ts';
import type { Logger } from '../lib/log.ts';
import type { Registry } from '../lib/metrics.ts';
import { createRateLimiter, type RateLimit } from '../lib/rate-limit.ts';
import { openReader } from '../lib/reader.ts';
import type { RegistryConfig } from '../lib/registry-open.ts';
import { group_id as sink_group_id } from '../lib/sink-runtime.ts';
import type { Store } from '../lib/store.ts';
import { hasUnread, type Subscription } from '../lib/unread.ts';
import { createAnswerCache } from './answer-cache.ts';
import { type ApiRoute, guarded } from './auth/access.ts';
import { createTokens } from './auth/tokens.ts';
import { watchEnds } from './ends-watch.ts';
import { createIngestClient } from './ingest-client.ts';
import { feedTopics } from './live/feeds.ts';
import { openHub } from './live/hub.ts';
import { createLive } from './live/index.ts';
import { openApiRoute } from './openapi.ts';
import { endsBetween } from './queries/ends.ts';
import { sourceAccounts } from './queries/reconciliation.ts';
import { watchReconciliation } from './reconciliation-metrics.ts';
import { customerRoutes } from './routes/customers.ts';
import { deadLetterRoutes } from './routes/dead-letters.ts';
import { emailRoutes } from './routes/emails.ts';
import { importRoutes } from './routes/imports.ts';
import { inputRoutes } from './routes/inputs.ts';
import { metricRoutes } from './routes/metrics.ts';
import { organizationRoutes } from './routes/organizations.ts';
import { loadPage } from './routes/page.ts';
import { reconciliationRoutes } from './routes/reconciliation.ts';
import { registryRoutes } from './routes/registry.ts';
import { replayRoutes } from './routes/replays.ts';
import { searchRoutes } from './routes/search.ts';
import { sqlRoutes } from './routes/sql.ts';
import { checkAll, systemRoutes } from './routes/system.ts';
import { traceRoutes } from './routes/trace.ts';
import type { Landing } from './topic-accounts.ts';

export interface ApiOptions extends RegistryConfig {
  /** Of this program. */
  readonly version: string;
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** At least 32 bytes. */
  readonly jwt_secret: string;
  readonly clickhouse: ClickHouseConfig;
  readonly ingest_url: string;
  readonly ingest_token: string;
  /** The built page's folder. */
  readonly web_dir: string;
  /** The content store, for those who may see a record as it came. */
  readonly originals: Pick<Store, 'get'>;
  /** Who reads which topics, to know what is still under way. */
  readonly subscriptions: readonly Subscription[];
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
  const tokens = createTokens(options.jwt_secret);
  const limiter = options.rate_limit && createRateLimiter(options.rate_limit);
  const page = loadPage(options.web_dir);
  const clickhouse = createClickHouse(options.clickhouse);
  const ingest = createIngestClient(options.ingest_url, options.ingest_token);
  const ends = watchEnds({ endsBetween: range => endsBetween(clickhouse, range), log });
  const hub = openHub({
    openReader: (names, from) => {
      const wanted = feedTopics.filter(topic => names.includes(topic.name));
      return openReader(options, wanted, from);
    },
    log,
  });
  const live = createLive({ hub, tokens, log, metrics });
  watchReconciliation(() => sourceAccounts(clickhouse, undefined), metrics);
  const checks = { clickhouse: clickhouse.ping, kafka: async () => hub.reading, ingest: ingest.isHealthy };

  const sink = options.subscriptions.find(({ group_id }) => group_id === sink_group_id) ?? {
    group_id: sink_group_id,
    topics: [],
  };
  const answers = createAnswerCache({ kafka: options.kafka, sink, metrics });

  const routes: ApiRoute[] = [
    ...systemRoutes(checks, metrics),
    ...emailRoutes({ clickhouse, ingest, ends, wait_ms_max: options.wait_ms_max, onStored: answers.invalidate }),
    ...searchRoutes(clickhouse),
    ...customerRoutes(clickhouse),
    ...metricRoutes(clickhouse),
    ...reconciliationRoutes({ clickhouse, kafka: options.kafka, landings: options.landings }),
    ...traceRoutes(clickhouse),
    ...deadLetterRoutes(clickhouse, options.originals),
    ...replayRoutes({ clickhouse, ingest, subscriptions: options.subscriptions }),
    ...importRoutes(ingest, clickhouse),
    ...inputRoutes(ingest),
    ...organizationRoutes({
      clickhouse,
      ingest,
      log,
      onRemoved: answers.invalidate,
      isUnderWay: id => hasUnread(options.kafka, options.subscriptions, key => key.startsWith(`${id}/`)),
    }),
    live.stream,
    ...registryRoutes(options, tokens),
    ...sqlRoutes({ clickhouse: options.clickhouse, tokens, page: page.index, asking: clickhouse }),
    ...page.routes,
  ];
  routes.push(openApiRoute(routes, options.version));

  async function release(): Promise<void> {
    live.close();
    ends.close();
    await hub.close();
    await answers.close();
    await clickhouse.close();
  }

  try {
    const server = await serveHttp({
      host: options.host,
      port: options.port,
      routes: routes.map((route): Route => guarded(answers.cached(route), { tokens, limiter })),
      sockets: [live.socket],
      metrics,
      log,
      cors_origins: options.cors_origins,
      tls: options.tls,
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
