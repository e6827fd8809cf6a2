/** Ways in that are ingest's: the API checks who asks, where that is its matter, and hands the request on. */
import type { HttpRequest, Reply } from '../../lib/http.ts';
import type { ApiRoute } from '../auth/access.ts';
import type { IngestClient } from '../ingest-client.ts';

const events_bytes_max = 4 * 1024 * 1024;
const hook_bytes_max = 1024 * 1024;

export function inputRoutes(ingest: IngestClient): ApiRoute[] {
  const events = (request: HttpRequest): Promise<Reply> =>
    ingest.pass(request, `/events?${request.query}`, name => name.startsWith('ce-'));
  const hook = (request: HttpRequest): Promise<Reply> => ingest.passUnsigned(request, request.path);
  return [
    { method: 'POST', path: '/events', access: 'write', body_bytes_max: events_bytes_max, handler: events },
    // Its sender has a secret with the hook, and no token with us.
    { method: 'POST', path: '/hooks/:name', access: 'open', body_bytes_max: hook_bytes_max, handler: hook },
  ];
}
