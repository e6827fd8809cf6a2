/**
 * Removing an organisation: the sample company, and no other.
 *
 *   1. ingest   stops its sources and replaces them and their positions by tombstones, in one transaction
 *   2. drain    until no stage has yet to read a record of it, and every record it read has ended
 *   3. delete   its rows in every table, the positions first
 *
 * A crash between them leaves sources that read no more, and rows that may still be shown; asking again mends it, and so
 * does asking twice. What stays: the processors' state, keyed by the organisation and never asked for again, the topics'
 * records until they expire, and the originals in the content store.
 */
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { type HttpRequest, json, Problem, type Reply } from '../../lib/http.ts';
import { pause } from '../../lib/lifecycle.ts';
import { sample_organization_id } from '../../schemas/sample.ts';
import type { ApiRoute } from '../auth/access.ts';
import type { IngestClient } from '../ingest-client.ts';
import { deleteOrganization, inFlightOf } from '../queries/organizations.ts';

export interface OrganizationParts {
  readonly clickhouse: ClickHouse;
  readonly ingest: IngestClient;
  /** Whether records of the organisation are still between the stages. */
  isUnderWay(organization_id: string): Promise<boolean>;
}

const drain_ms_max = 60_000;
const ask_ms = 250;

export function organizationRoutes(parts: OrganizationParts): ApiRoute[] {
  const handler = (request: HttpRequest): Promise<Reply> => remove(request, parts);
  return [{ method: 'DELETE', path: '/api/organizations/:id', access: 'admin', handler }];
}

async function remove({ parameters, signal }: HttpRequest, parts: OrganizationParts): Promise<Reply> {
  const organization_id = parameters.id ?? '';
  if (organization_id !== sample_organization_id) {
    throw new Problem(
      403,
      `only the sample company can be removed: its organisation is "${sample_organization_id}", not "${organization_id}"`,
    );
  }
  await parts.ingest.removeOrganization(organization_id);
  await drained(organization_id, parts, signal);
  const deleted_rows = await deleteOrganization(parts.clickhouse, organization_id);
  return json(200, { organization_id, deleted_rows });
}

async function drained(organization_id: string, parts: OrganizationParts, signal: AbortSignal): Promise<void> {
  const until_ms = Date.now() + drain_ms_max;
  while ((await parts.isUnderWay(organization_id)) || (await inFlightOf(parts.clickhouse, organization_id)) > 0) {
    if (signal.aborted || Date.now() > until_ms) {
      throw new Problem(503, 'records of the organisation are still under way; nothing more is read, so ask again', {
        headers: { 'retry-after': String(drain_ms_max / 1000) },
      });
    }
    await pause(ask_ms, signal);
  }
}
