/**
 * How fresh an answer is: a time before which everything that was read is in it, and what is still on its way.
 *
 * The one follows the consumer groups from the first to the sink (lib/watermark.ts), the other is their lag. Both come from what
 * the broker knows of them, since a sink that stands still tells the tables nothing. They are asked for all answers together.
 */
import { z } from 'zod';
import { messageOf } from '../lib/errors.ts';
import type { Reply } from '../lib/http.ts';
import type { KafkaConfig } from '../lib/kafka.ts';
import { type OffsetReader, openOffsetReader } from '../lib/kafka-admin.ts';
import { lagOf, type WatchedGroup } from '../lib/lag.ts';
import { pause, within } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/log.ts';
import { followWatermark } from '../lib/watermark.ts';
import { answer_age_ms_max } from './answer-cache.ts';
import type { ApiRoute } from './auth/access.ts';
import { isDescribed } from './contract.ts';
import { instant, iso } from './rows.ts';

const backlog = z.object({
  to_process: z.int().describe('Records that a stage between the sources and the tables has yet to finish'),
  to_enrich: z.int().describe('Of these, mails whose mood, category and importance are not known yet'),
  to_store: z.int().describe('Records of topics that are not in their tables yet'),
});

export const freshness = z
  .object({
    watermark: instant.nullable().describe('Whatever was read before is in the answer; null where it is not known yet'),
    complete: z.boolean().describe('Whether the whole frame lies before the watermark'),
    backlog: backlog.nullable().describe('As of `as_of`; null where Kafka does not say'),
    as_of: instant,
  })
  .meta({ id: 'Freshness' });

export interface Fresh {
  readonly watermark_ms: number | null;
  readonly backlog: z.infer<typeof backlog> | null;
  readonly as_of_ms: number;
}

export interface FreshnessWatch {
  /** True of whatever is read from the tables, or told from the answer cache, from now on. */
  now(): Promise<Fresh>;
  /** The route, whose answers say in headers how fresh they are where its contract says so. */
  told(route: ApiRoute): ApiRoute;
  close(): Promise<void>;
}

export interface FreshnessOptions {
  readonly kafka: KafkaConfig;
  /** Whoever a record passes until it is in its table, in the order of flow; the last one stores. */
  readonly groups: readonly WatchedGroup[];
  readonly log: Logger;
}

const interval_ms = 1_000;
/** Nobody asked for long: the answer waits for the broker, but not for one that is away. */
const stale_ms = 5_000;
const ask_ms_max = 250;

export function watchFreshness({ kafka, groups, log }: FreshnessOptions): FreshnessWatch {
  const closing = new AbortController();
  /** The same object until something of it changes. */
  let known: Fresh = { watermark_ms: null, backlog: null, as_of_ms: 0 };
  let asking: Promise<void> | null = null;
  let offsets: OffsetReader | null = null;

  const watermark = followWatermark({
    kafka,
    groups,
    interval_ms,
    async tell(at_ms) {
      // An answer that was kept may be that much older than what the sink has stored.
      await pause(answer_age_ms_max, closing.signal);
      known = { ...known, watermark_ms: at_ms };
    },
    onFatal: error => log.error({ error: messageOf(error) }, 'the watermark is not known'),
    log,
  });

  async function ask(): Promise<void> {
    try {
      offsets ??= await openOffsetReader(kafka);
      const backlog = await backlogOf(offsets, groups);
      known = { ...known, backlog, as_of_ms: Date.now() };
    } catch (error) {
      log.debug({ error: messageOf(error) }, 'the backlog is not known');
      known = { ...known, backlog: null, as_of_ms: Date.now() };
      await forget();
    }
  }

  async function forget(): Promise<void> {
    const open = offsets;
    offsets = null;
    await open?.close().catch(() => undefined);
  }

  async function now(): Promise<Fresh> {
    const age_ms = Date.now() - known.as_of_ms;
    if (age_ms >= interval_ms) {
      asking ??= ask().finally(() => {
        asking = null;
      });
      if (age_ms >= stale_ms) await within(ask_ms_max, asking).catch(() => undefined);
    }
    return Date.now() - known.as_of_ms < stale_ms ? known : { ...known, backlog: null, as_of_ms: Date.now() };
  }

  return {
    now,
    told(route) {
      if (!isDescribed(route) || !route.contract.fresh) return route;
      return {
        ...route,
        async handler(request, caller) {
          // Before it is answered: what is stored meanwhile may be in it, or not.
          const fresh = await now();
          return withFreshness(await route.handler(request, caller), fresh);
        },
        ready(head, caller) {
          // Once a second one goes the long way, and asks again.
          if (Date.now() - known.as_of_ms >= interval_ms) return null;
          const reply = route.ready?.(head, caller) ?? null;
          return reply && withFreshness(reply, known);
        },
      };
    },
    async close() {
      closing.abort();
      await watermark.stop();
      await asking;
      await forget();
    },
  };
}

async function backlogOf(offsets: OffsetReader, groups: readonly WatchedGroup[]): Promise<Fresh['backlog']> {
  const lags = await Promise.all(
    groups.map(async group => {
      const lag = await lagOf(offsets, group);
      return { stage: group.stage, records: [...lag.values()].reduce((sum, records) => sum + records, 0) };
    }),
  );
  const of = (some: (stage: string) => boolean): number =>
    lags.filter(({ stage }) => some(stage)).reduce((sum, { records }) => sum + records, 0);
  const storing = groups.at(-1)?.stage;
  return {
    to_process: of(stage => stage !== storing),
    to_enrich: of(stage => stage === enriching),
    to_store: of(stage => stage === storing),
  };
}

const enriching = 'enrich-mail';

/** As a member of an answer about a frame that ends there. */
export const freshnessOf = (fresh: Fresh, end_ms: number): z.infer<typeof freshness> => ({
  watermark: fresh.watermark_ms === null ? null : iso(fresh.watermark_ms),
  complete: fresh.watermark_ms !== null && end_ms <= fresh.watermark_ms,
  backlog: fresh.backlog,
  as_of: iso(fresh.as_of_ms),
});

export const freshness_headers = {
  'Millrace-Watermark': 'Whatever was read before is in the answer; absent where it is not known yet',
  'Millrace-Backlog': 'What is on its way: `to_process=0, to_enrich=0, to_store=0`; absent where Kafka does not say',
  'Millrace-As-Of': 'When the backlog was asked for',
};

/** In headers, which leave the answer and its tag what they are. */
export function withFreshness<R extends Reply>(reply: R, fresh: Fresh): R {
  const own = reply.headers ?? none;
  const known = told.get(own);
  if (known?.fresh === fresh) return { ...reply, headers: known.headers };
  const headers = { ...own, ...headersOf(fresh) };
  told.set(own, { fresh, headers });
  return { ...reply, headers };
}

const none = {};
/** By a reply's own headers: one that is told again has the same until something changes. */
const told = new WeakMap<object, { readonly fresh: Fresh; readonly headers: Readonly<Record<string, string>> }>();

function headersOf({ watermark_ms, backlog, as_of_ms }: Fresh): Record<string, string> {
  return {
    ...(watermark_ms === null ? {} : { 'millrace-watermark': iso(watermark_ms) }),
    ...(backlog === null ? {} : { 'millrace-backlog': textOf(backlog) }),
    'millrace-as-of': iso(as_of_ms),
  };
}

const textOf = (numbers: object): string =>
  Object.entries(numbers)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
