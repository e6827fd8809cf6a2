/**
 * A route together with its contract: what it takes and what it answers, as zod schemas. Requests are held against them before
 * the handler sees anything, handlers get their types from them, and `/openapi.json` is made of them (openapi.ts).
 */
import { z } from 'zod';
import type { ClickHouse } from '../lib/clickhouse.ts';
import { etagOf, isKnown } from '../lib/etag.ts';
import { type HttpRequest, jsonBody, type Method, type Reply, type RequestHead, type WholeReply } from '../lib/http.ts';
import type { Access, ApiRoute, Caller } from './auth/access.ts';
import { parseBody, parseQuery } from './parameters.ts';

/** What comes with a status: JSON of a schema, bytes of a content type, or nothing. */
export type Answer = {
  readonly description: string;
  /** What they say, by name. */
  readonly headers?: Readonly<Record<string, string>>;
} & ({ readonly schema: z.ZodType } | { readonly content_type: string | readonly string[] } | { readonly empty: true });

export interface Contract {
  /** A heading of the documentation. */
  readonly tag: string;
  readonly summary: string;
  /** Unknown parameters are refused where it is given, and where it is not. */
  readonly query: z.ZodType;
  /** Optional headers that change what it does, and how. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, or bytes of a content type; null where there is none. */
  readonly body: z.ZodType | string | null;
  /** By status, where all goes well. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** Statuses of problems that its own work can end with, beside those of every route. */
  readonly problems: readonly number[];
  /** Whether an answer stays right until the sink stores something. */
  readonly cached: boolean;
  /** Whether an answer is told again for some minutes, whatever is stored meanwhile: it must say itself how old it is. */
  readonly kept: boolean;
  /** Whether its answers say in headers how fresh they are. */
  readonly fresh: boolean;
}

export interface DescribedRoute extends ApiRoute {
  readonly contract: Contract;
  /** The whole of it, whatever the caller has already. */
  answer(request: HttpRequest, caller: Caller | null): Promise<Reply>;
}

interface Description<Q extends z.ZodType, B extends z.ZodType> {
  readonly method: Method;
  readonly path: string;
  readonly access: Access;
  readonly tag: string;
  readonly summary: string;
  readonly query?: Q;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: B;
  /** What a body must be that is handed on as it came, and held against its contract by whoever gets it. */
  readonly passed_body?: z.ZodType | string;
  readonly body_bytes_max?: number;
  readonly answers: Readonly<Record<number, Answer>>;
  readonly problems?: readonly number[];
  readonly cached?: boolean;
  readonly kept?: boolean;
  readonly fresh?: boolean;
  /** In whose words it is told to the audit log. */
  readonly audited?: string;
  handle(asked: Asked<z.output<Q>, z.output<B>>): Promise<Reply>;
}

export interface Asked<Q, B> {
  readonly request: HttpRequest;
  readonly query: Q;
  readonly body: B;
  /** Throws where the route is for anybody. */
  readonly caller: Caller;
  /** The tables as the caller sees them. */
  tables(): Promise<ClickHouse>;
}

const no_query = z.strictObject({});
const if_none_match = {
  'If-None-Match': 'The `ETag` of an answer that the caller has: 304 where it is still the same',
};

export function describe<Q extends z.ZodType = typeof no_query, B extends z.ZodType = z.ZodUndefined>(
  description: Description<Q, B>,
): DescribedRoute {
  const { method, path, access, tag, summary, answers, problems = [], body_bytes_max, body = null } = description;
  const { cached = false, fresh = false, kept = false } = description;
  const query = description.query ?? no_query;
  const headers = { ...(method === 'GET' ? if_none_match : {}), ...description.headers };
  const contract = {
    ...{ tag, summary, query, headers, answers, problems, cached, fresh, kept },
    body: body ?? description.passed_body ?? null,
  };

  async function answer(request: HttpRequest, caller: Caller | null): Promise<Reply> {
    // Before the first wait: afterwards the request is gone.
    const asked = parseQuery(query, request) as z.output<Q>;
    const given = body === null ? undefined : parseBody(body, await jsonBody(request));
    const reply = await description.handle({
      request,
      query: asked,
      body: given as z.output<B>,
      get caller() {
        return known(caller);
      },
      tables: () => known(caller).tables(),
    });
    return method === 'GET' ? tagged(reply) : reply;
  }

  return {
    method,
    path,
    access,
    ...(body_bytes_max === undefined ? {} : { body_bytes_max }),
    ...(description.audited === undefined ? {} : { audited: description.audited }),
    contract,
    answer,
    handler: async (request, caller) => unlessKnown(request, await answer(request, caller)),
  };
}

function known(caller: Caller | null): Caller {
  if (caller === null) throw new Error('nobody has signed in on a route that is for anybody');
  return caller;
}

/** One that has a tag already knows what of it changes with nothing. */
function tagged(reply: Reply): Reply {
  if (reply.status !== 200 || typeof reply.body !== 'string') return reply;
  return { ...reply, headers: { etag: etagOf(reply.body), ...reply.headers } };
}

/** An answer that the caller has already is not sent again. */
export function unlessKnown<R extends Reply>(request: RequestHead, reply: R): R | WholeReply {
  const etag = reply.headers?.etag;
  if (etag === undefined || !isKnown(etag, request.headers.get('if-none-match'))) return reply;
  return { status: 304, headers: reply.headers ?? {} };
}

export const isDescribed = (route: ApiRoute): route is DescribedRoute => 'contract' in route;

/** A page of a list, as `pageReply` (page.ts) answers it. */
export const pageAnswer = (row: z.ZodObject): Answer => ({
  description: 'A page; its rows are whole unless `fields` names some',
  headers: { Link: 'Where the next page is, as `rel="next"`; absent on the last' },
  schema: z.object({
    items: z.array(row.partial()),
    next: z.string().nullable().describe('The cursor of the next page; null on the last'),
  }),
});
