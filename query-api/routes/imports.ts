/** Imports are ingest's: the API checks who asks and hands the request on. */
import type { ApiRoute } from '../auth/access.ts';
import type { IngestClient } from '../ingest-client.ts';

export function importRoutes(ingest: IngestClient): ApiRoute[] {
  return [
    { method: 'POST', path: '/api/imports', access: 'admin', handler: request => ingest.pass(request, '/imports') },
  ];
}
