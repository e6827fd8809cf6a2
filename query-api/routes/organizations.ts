/**
 * Removing an organisation: the sample company, and no other.
 *
 *   1. ingest   stops its sources and replaces them and their positions by tombstones, in one transaction
 *   2. drain    until no stage has yet to read a record of it
 *   3. delete   its rows in every table, the positions first
 *
 *   4. sweep    deletes again for some minutes, since an open window is told when its time is over, and the key of a dead
 *               letter does not name its organisation; unless it is read anew by then
 *
 * A crash between them leaves sources that read no more, and rows that may still be shown; asking again mends it, asking
 * twice does no harm, and `millrace up` asks at each start. What stays: the processors' state, keyed by the organisation
 * and never asked for again, the topics' records until they expire, and the originals in the content store.
 */
import { z } from 'zod';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { messageOf } from '../../lib/errors.ts';
import { json, Problem, type Reply } from '../../lib/http.ts';
import { pause } from '../../lib/lifecycle.ts';
import type { Logger } from '../../lib/log.ts';
import { sample_organization_id } from '../../schemas/sample.ts';
import { type DescribedRoute, describe } from '../contract.ts';
import type { IngestClient } from '../ingest-client.ts';
import { deleteOrganization, isRead } from '../queries/organizations.ts';

export interface OrganizationParts {
  readonly clickhouse: ClickHouse;
  readonly ingest: IngestClient;
  /** Whether a stage has yet to finish a record of the organisation. */
  isUnderWay(organization_id: string): Promise<boolean>;
  /** Rows are gone. */
  onRemoved(): void;
  readonly log: Logger;
}

const drain_ms_max = 60_000;
const ask_ms = 250;
/** The last one is well behind the closing of a minute that was open when its last record came. */
const sweeps_after_ms = [10_000, 30_000, 90_000, 240_000];

export function organizationRoutes(parts: OrganizationParts): DescribedRoute[] {
  return [
    describe({
      method: 'DELETE',
      path: '/api/organizations/:id',
      access: 'admin',
      tag: 'Organisations',
      summary: 'Remove the sample company, and no other',
      answers: {
        200: {
          description: 'Its rows are gone',
          schema: z.object({ organization_id: z.string(), deleted_rows: z.int() }).meta({ id: 'RemovedOrganization' }),
        },
      },
      problems: [502],
      audited: 'organization.remove',
      handle: ({ request }) => remove(request.parameters.id ?? '', request.signal, parts),
    }),
  ];
}

async function remove(organization_id: string, signal: AbortSignal, parts: OrganizationParts): Promise<Reply> {
  if (organization_id !== sample_organization_id) {
    throw new Problem(
      403,
      `only the sample company can be removed: its organisation is "${sample_organization_id}", not "${organization_id}"`,
    );
  }
  await parts.ingest.removeOrganization(organization_id);
  await drained(organization_id, parts, signal);
  const deleted_rows = await deleteOrganization(parts.clickhouse, organization_id);
  parts.onRemoved();
  for (const after_ms of sweeps_after_ms) setTimeout(() => void sweep(organization_id, parts), after_ms).unref();
  return json(200, { organization_id, deleted_rows });
}

async function sweep(organization_id: string, { clickhouse, log, onRemoved }: OrganizationParts): Promise<void> {
  try {
    const isGone = async (): Promise<boolean> => !(await isRead(clickhouse, organization_id));
    await deleteOrganization(clickhouse, organization_id, isGone);
    onRemoved();
    if (!(await isGone())) log.info({ organization_id }, 'read anew since its removal: nothing more of it is deleted');
  } catch (error) {
    log.warn({ organization_id, error: messageOf(error) }, 'what came after the removal was not deleted');
  }
}

async function drained(organization_id: string, parts: OrganizationParts, signal: AbortSignal): Promise<void> {
  const until_ms = Date.now() + drain_ms_max;
  while (await parts.isUnderWay(organization_id)) {
    if (signal.aborted || Date.now() > until_ms) {
      throw new Problem(503, 'records of the organisation are still under way; nothing more is read, so ask again', {
        headers: { 'retry-after': String(drain_ms_max / 1000) },
      });
    }
    await pause(ask_ms, signal);
  }
}
