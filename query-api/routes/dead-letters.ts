/** Records that could not be processed, and why. */
import { z } from 'zod';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { type HttpRequest, json, type Reply } from '../../lib/http.ts';
import type { ApiRoute } from '../auth/access.ts';
import { pageOf, readCursor, timeKey } from '../page.ts';
import { limit, name, parseQuery } from '../parameters.ts';
import { listDeadLetters } from '../queries/dead-letters.ts';

export function deadLetterRoutes(clickhouse: ClickHouse): ApiRoute[] {
  return [{ method: 'GET', path: '/api/dead-letters', access: 'read', handler: request => list(request, clickhouse) }];
}

export const deadLetterQuery = z.strictObject({
  organization_id: name.optional(),
  cause: name.optional(),
  source: name.optional(),
  limit,
  cursor: z.string().optional(),
});
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
