/** One record's way: every arrival of it, the steps each took, the rows each left. */
import { z } from 'zod';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { json, Problem, type Reply } from '../../lib/http.ts';
import { type DescribedRoute, describe } from '../contract.ts';
import type { RecordEnd } from '../queries/ends.ts';
import { endsOf, type HopRow, hopsOf, type Place, recordsNamed, rowsOf, type TracedRow } from '../queries/trace.ts';
import { instant as time } from '../rows.ts';

export function traceRoutes(): DescribedRoute[] {
  return [
    describe({
      method: 'GET',
      path: '/api/trace/:id',
      access: 'read',
      tag: 'Trust',
      summary:
        'Every arrival of a record, the steps each took and the rows each left; by the id of a mail, change, event or dead letter, or by a Message-ID',
      answers: { 200: { description: 'The first arrival first', schema: traced } },
      handle: async ({ request, tables }) => trace(request.parameters.id ?? '', await tables()),
    }),
  ];
}

const hop = z.object({
  stage: z.string(),
  version: z.int(),
  topic: z.string(),
  partition: z.int(),
  offset: z.int(),
  at: time,
});
const traced = z
  .object({
    record_id: z.string(),
    arrivals: z.array(
      z.object({
        organization_id: z.string(),
        source: z.string(),
        sequence: z.int(),
        end: z.string(),
        hops: z.array(hop),
        rows: z.array(z.looseObject({ table: z.string() })),
      }),
    ),
  })
  .meta({ id: 'Trace' });

async function trace(id: string, clickhouse: ClickHouse): Promise<Reply> {
  const named = await recordsNamed(clickhouse, id);
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
