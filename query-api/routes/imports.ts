/** Imports are ingest's: the API checks who asks and hands the request on. How far they are is in the tables. */
import { z } from 'zod';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { type HttpRequest, json, type Reply } from '../../lib/http.ts';
import type { ApiRoute } from '../auth/access.ts';
import type { IngestClient } from '../ingest-client.ts';
import { name, parseQuery } from '../parameters.ts';
import { importPositions } from '../queries/imports.ts';

export function importRoutes(ingest: IngestClient, clickhouse: ClickHouse): ApiRoute[] {
  return [
    { method: 'GET', path: '/api/imports', access: 'read', handler: request => list(request, clickhouse) },
    { method: 'POST', path: '/api/imports', access: 'admin', handler: request => ingest.pass(request, '/imports') },
  ];
}

async function list(request: HttpRequest, clickhouse: ClickHouse): Promise<Reply> {
  const { organization_id } = parseQuery(z.strictObject({ organization_id: name.optional() }), request);
  return json(200, { sources: await importPositions(clickhouse, organization_id) });
}
