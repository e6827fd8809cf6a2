/** Imports are ingest's: the API checks who asks and hands the request on. How far they are is in the tables. */
import { z } from 'zod';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { json } from '../../lib/http.ts';
import { type DescribedRoute, describe } from '../contract.ts';
import type { IngestClient } from '../ingest-client.ts';
import { name } from '../parameters.ts';
import { importPosition, importPositions } from '../queries/imports.ts';

/** What ingest takes; it holds each request against it. */
const wanted = z
  .looseObject({
    paths: z.array(z.string()).optional(),
    connector: z.literal('sample').optional(),
    mapping: z.looseObject({}).optional().describe('How the rows of CSV files are read'),
    exclude_folders: z.array(z.string()).optional().describe('Names of subfolders that are left out'),
    organization_id: z.string().optional(),
    mailbox: z.string().optional(),
    owner_id: z.string().optional(),
    team_id: z.string().optional(),
  })
  .meta({ id: 'NewImport' });
const started = z
  .object({
    sources: z.array(z.object({ organization_id: z.string(), source: z.string(), started_at_ms: z.int() })),
  })
  .meta({ id: 'StartedImport' });

export function importRoutes(ingest: IngestClient, clickhouse: ClickHouse): DescribedRoute[] {
  const path = '/api/imports';
  const tag = 'Imports';
  return [
    describe({
      method: 'GET',
      path,
      access: 'read',
      tag,
      summary: 'How far each source has been read',
      query: z.strictObject({ organization_id: name.optional() }),
      answers: { 200: { description: 'Sources', schema: z.object({ sources: z.array(importPosition) }) } },
      handle: async ({ query }) => json(200, { sources: await importPositions(clickhouse, query.organization_id) }),
    }),
    describe({
      method: 'POST',
      path,
      access: 'admin',
      tag,
      summary: 'Read files of this machine, each to its end and once',
      passed_body: wanted,
      answers: { 202: { description: 'Known for good, and being read', schema: started } },
      problems: [409, 422, 502, 504],
      audited: 'imports.begin',
      handle: ({ request }) => ingest.pass(request, '/imports'),
    }),
  ];
}
