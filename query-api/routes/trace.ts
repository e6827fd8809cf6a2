/** One record's way: every arrival of it, the steps each took, the rows each left. */
import { z } from 'zod';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { type HttpRequest, json, Problem, type Reply } from '../../lib/http.ts';
import type { ApiRoute } from '../auth/access.ts';
import { parseQuery } from '../parameters.ts';
import type { RecordEnd } from '../queries/ends.ts';
import { endsOf, type HopRow, hopsOf, type Place, recordsNamed, rowsOf, type TracedRow } from '../queries/trace.ts';

export function traceRoutes(clickhouse: ClickHouse): ApiRoute[] {
  return [{ method: 'GET', path: '/api/trace/:id', access: 'read', handler: request => trace(request, clickhouse) }];
}

async function trace(request: HttpRequest, clickhouse: ClickHouse): Promise<Reply> {
  parseQuery(z.strictObject({}), request);
  const named = await recordsNamed(clickhouse, request.parameters.id ?? '');
  const ends = named.length === 0 ? [] : await endsOf(clickhouse, named);
  const [record_id] = named;
  if (record_id === undefined || ends.length === 0) throw new Problem(404, 'no record that has ended has this id');
  const [hops, rows] = await Promise.all([hopsOf(clickhouse, ends), rowsOf(clickhouse, ends)]);
  return json(200, { record_id, arrivals: ends.map(end => arrivalOf(end, hops, rows)) });
}

/** A record of one sequence number of one source: what happened to it and nothing of its other arrivals. */
export function arrivalOf(end: RecordEnd, hops: readonly HopRow[], rows: readonly TracedRow[]) {
  return {
    organization_id: end.organization_id,
    source: end.source,
    sequence: end.sequence,
    end: end.end,
    hops: hops.filter(hop => isSame(hop, end)).map(({ organization_id: _, source: __, sequence: ___, ...hop }) => hop),
    rows: rows.filter(row => isSame(row, end)).map(({ organization_id: _, source: __, sequence: ___, ...row }) => row),
  };
}

const isSame = (a: Place, b: Place): boolean =>
  a.sequence === b.sequence && a.source === b.source && a.organization_id === b.organization_id;
