/** Records that could not be processed, and why. */
import { z } from 'zod';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { type HttpRequest, json, Problem, type Reply } from '../../lib/http.ts';
import type { Store } from '../../lib/store.ts';
import type { ApiRoute } from '../auth/access.ts';
import { pageOf, readCursor, timeKey } from '../page.ts';
import { limit, name, parseQuery } from '../parameters.ts';
import {
  type DeadLetterRow,
  deadLetterCauses,
  findDeadLetter,
  listDeadLetters,
  replayOf,
} from '../queries/dead-letters.ts';

type Originals = Pick<Store, 'get'>;

export function deadLetterRoutes(clickhouse: ClickHouse, originals: Originals): ApiRoute[] {
  const path = '/api/dead-letters';
  return [
    { method: 'GET', path, access: 'read', handler: request => list(request, clickhouse) },
    { method: 'GET', path: `${path}/causes`, access: 'read', handler: request => causes(request, clickhouse) },
    {
      method: 'GET',
      path: `${path}/:id`,
      access: 'read',
      handler: request => whole(request, clickhouse),
    },
    // A mail's body is no matter of the role to read alone.
    {
      method: 'GET',
      path: `${path}/:id/original`,
      access: 'admin',
      handler: request => original(request, clickhouse, originals),
    },
  ];
}

const filter = { organization_id: name.optional(), cause: name.optional(), source: name.optional(), limit };
export const deadLetterQuery = z.strictObject({ ...filter, cursor: z.string().optional() });
const cursorKey = timeKey(1) as z.ZodType<readonly [number, string]>;

async function list(request: HttpRequest, clickhouse: ClickHouse): Promise<Reply> {
  const { limit, cursor, ...filter } = parseQuery(deadLetterQuery, request);
  const after = readCursor(cursorKey, cursor);
  const rows = await listDeadLetters(clickhouse, { ...filter, after }, limit + 1);
  return json(
    200,
    pageOf(rows, limit, row => [Date.parse(row.failed_at), row.dead_letter_id]),
  );
}

async function causes(request: HttpRequest, clickhouse: ClickHouse): Promise<Reply> {
  const { limit, ...wanted } = parseQuery(z.strictObject(filter), request);
  return json(200, { items: await deadLetterCauses(clickhouse, wanted, limit) });
}

/** Ids are unique in their organisation. */
async function one(request: HttpRequest, clickhouse: ClickHouse): Promise<DeadLetterRow> {
  const { organization_id } = parseQuery(z.strictObject({ organization_id: z.string().max(512).optional() }), request);
  const row = await findDeadLetter(clickhouse, request.parameters.id ?? '', organization_id);
  if (row === null) throw new Problem(404, 'there is no dead letter of this id');
  return row;
}

/** With what became of it. */
async function whole(request: HttpRequest, clickhouse: ClickHouse): Promise<Reply> {
  const row = await one(request, clickhouse);
  const replay = await replayOf(clickhouse, row);
  return json(200, {
    ...row,
    replayed_at: replay?.replayed_at ?? null,
    replayed_sha256: replay?.replayed_sha256 ?? null,
    replay_end: replay?.end ?? null,
    replay_record_id: replay?.record_id || null,
  });
}

/** The bytes as they came, to be saved and never to be shown by a browser. */
async function original(request: HttpRequest, clickhouse: ClickHouse, originals: Originals): Promise<Reply> {
  const { original_sha256 } = await one(request, clickhouse);
  const body = await originals.get(original_sha256).catch(error => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Problem(404, 'the content store of this process does not have its bytes');
  });
  const headers = {
    'content-type': 'application/octet-stream',
    'content-disposition': 'attachment; filename="original"',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  };
  return { status: 200, headers, body };
}
