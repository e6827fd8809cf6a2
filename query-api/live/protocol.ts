/** What is said on /live. Changes here are changes of `millrace.v1`. */
import { z } from 'zod';
import { type FeedName, feedNames } from './feeds.ts';
import type { FilterValue } from './filter.ts';
import type { Difference, QueryResult } from './query/found.ts';

export const subprotocol = 'millrace.v1';
export const bearer_prefix = 'bearer.';

/** Close codes; 4408 closes a socket that subscribed to nothing for too long. */
export const close = {
  bad_message: 4400,
  bad_token: 4401,
  forbidden: 4403,
  idle: 4408,
  too_many: 4429,
  going_away: 1001,
};

const id = z.string().min(1).max(64);
const value = z.union([z.string().max(512), z.number(), z.boolean(), z.null()]) satisfies z.ZodType<FilterValue>;
const fields = z
  .record(z.string().min(1).max(64), z.union([value, z.array(value).min(1).max(100)]))
  .refine(fields => Object.keys(fields).length <= 16, 'names more than 16 fields');
/** zod leaves `__proto__` out without a word, and a filter with a field less would tell more. */
export const filter = z
  .unknown()
  .refine(given => !Object.hasOwn(Object(given), '__proto__'), '__proto__ is no field')
  .pipe(fields);

/** A cursor to go on from; `earliest` is the oldest record kept, `latest` (the default) the next to come. */
export const from = z.string().min(1).max(4_096);

/** What is followed is what one statement finds. `key` names the columns that a row is known by; without, it is known by all of them. */
export const queryFields = {
  sql: z.string().min(1).max(8_192),
  key: z.array(z.string().min(1).max(64)).min(1).max(16).optional(),
};

export const clientMessage = z.discriminatedUnion('op', [
  z.discriminatedUnion('feed', [
    z.strictObject({
      op: z.literal('subscribe'),
      id,
      feed: z.enum(feedNames),
      filter: filter.optional(),
      from: from.optional(),
    }),
    z.strictObject({ op: z.literal('subscribe'), id, feed: z.literal('queries'), ...queryFields }),
  ]),
  z.strictObject({ op: z.literal('unsubscribe'), id }),
]);
export type ClientMessage = z.infer<typeof clientMessage>;
export type Subscribe = Extract<ClientMessage, { op: 'subscribe' }>;
export type SubscribeQuery = Extract<Subscribe, { feed: 'queries' }>;
export type SubscribeFeed = Exclude<Subscribe, SubscribeQuery>;
export type { FeedName };

export type FaultCode =
  | 'unknown_field'
  | 'bad_cursor'
  | 'duplicate_id'
  | 'unknown_id'
  | 'too_many'
  | 'unavailable'
  /** The query stays subscribed, and is tried again. */
  | 'query_failed';

export type ServerMessage =
  | { readonly type: 'subscribed'; readonly id: string; readonly cursor: string }
  | { readonly type: 'unsubscribed'; readonly id: string }
  /** Nothing more was to be told up to `cursor`: go on from there. Without an id where nothing is subscribed. */
  | { readonly type: 'heartbeat'; readonly id?: string; readonly cursor?: string; readonly at: string }
  /**
   * Records from `from` on were left out, and the feed goes on at `cursor`. `skipped` counts them before the filter;
   * null where they are no longer kept. Subscribing `from` that cursor fetches those that are.
   */
  | {
      readonly type: 'gap';
      readonly id: string;
      readonly from: string;
      readonly cursor: string;
      readonly skipped: number | null;
    }
  /** All that a query finds: the first that is told of it, and again where changes could not be. */
  | ({ readonly type: 'snapshot'; readonly id: string } & QueryResult)
  /** What it finds since then, as rows of the snapshot's columns. `changed` are of a key that was there before. */
  | ({ readonly type: 'changes'; readonly id: string } & Difference)
  | { readonly type: 'error'; readonly id?: string; readonly code: FaultCode; readonly detail: string };

export const encode = (message: ServerMessage): string => JSON.stringify(message);

/** How records are told on a kind of connection. */
export interface RecordForm {
  readonly kind: 'socket' | 'stream';
  encode(quoted_id: string, cursor: string, row_json: string): Buffer;
}

export const socketForm: RecordForm = {
  kind: 'socket',
  encode: (quoted_id, cursor, row_json) => Buffer.from(recordMessage(quoted_id, cursor, row_json)),
};

/** A record, put together from parts that are text already. */
export function recordMessage(quoted_id: string, cursor: string, row_json: string): string {
  return `{"id":${quoted_id},"type":"record","cursor":"${cursor}","record":${row_json}}`;
}
