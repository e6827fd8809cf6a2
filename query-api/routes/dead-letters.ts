/** Records that could not be processed, and why. */
import { z } from 'zod';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { type HttpRequest, json, Problem, type Reply } from '../../lib/http.ts';
import type { Store } from '../../lib/store.ts';
import { type DescribedRoute, describe, pageAnswer } from '../contract.ts';
import { pageParameters, pageReply } from '../page.ts';
import { limit, name } from '../parameters.ts';
import {
  type DeadLetterRow,
  deadLetter,
  deadLetterCause,
  deadLetterCauses,
  deadLetterSorts,
  findDeadLetter,
  listDeadLetters,
  replayOf,
} from '../queries/dead-letters.ts';
import { instant as time } from '../rows.ts';

type Originals = Pick<Store, 'get'>;

export function deadLetterRoutes(originals: Originals): DescribedRoute[] {
  const path = '/api/dead-letters';
  const tag = 'Dead letters';
  return [
    describe({
      method: 'GET',
      path,
      access: 'read',
      tag,
      summary: 'What could not be processed, the newest first or as `sort` says',
      query: deadLetterQuery,
      answers: { 200: pageAnswer(deadLetter) },
      cached: true,
      handle: async ({ request, query, tables }) => list(request, query, await tables()),
    }),
    describe({
      method: 'GET',
      path: `${path}/causes`,
      access: 'read',
      tag,
      summary: 'What goes wrong, the most frequent first',
      query: causeQuery,
      answers: { 200: { description: 'Causes', schema: z.object({ items: z.array(deadLetterCause) }) } },
      cached: true,
      handle: async ({ query: { limit, ...wanted }, tables }) => causes(wanted, limit, await tables()),
    }),
    describe({
      method: 'GET',
      path: `${path}/:id`,
      access: 'read',
      tag,
      summary: 'A dead letter, and what became of it',
      query: ofOne,
      answers: { 200: { description: 'The dead letter', schema: deadLetterInFull } },
      handle: async ({ request, query, tables }) => whole(request.parameters.id ?? '', query, await tables()),
    }),
    // A mail's body is no matter of the role to read alone.
    describe({
      method: 'GET',
      path: `${path}/:id/original`,
      access: 'admin',
      tag,
      summary: 'The bytes as they came',
      query: ofOne,
      answers: { 200: { description: 'To be saved, never shown', content_type: 'application/octet-stream' } },
      handle: async ({ request, query, tables }) =>
        original(request.parameters.id ?? '', query, await tables(), originals),
    }),
  ];
}

/** Ids are unique in their organisation. */
const ofOne = z.strictObject({ organization_id: z.string().max(512).optional() });
type OfOne = z.output<typeof ofOne>;
const deadLetterInFull = deadLetter
  .extend({
    replayed_at: time.nullable(),
    replayed_sha256: z.string().nullable(),
    replay_end: z.string().nullable(),
    replay_record_id: z.string().nullable(),
  })
  .meta({ id: 'DeadLetterInFull' });

export const deadLetterFilters = { organization_id: name.optional(), cause: name.optional(), source: name.optional() };
const deadLetterQuery = z.strictObject({
  ...deadLetterFilters,
  ...pageParameters(deadLetterSorts, '-failed_at', deadLetter),
});
const causeQuery = z.strictObject({ ...deadLetterFilters, limit });

function list(request: HttpRequest, query: z.output<typeof deadLetterQuery>, clickhouse: ClickHouse): Promise<Reply> {
  return pageReply(request, deadLetterSorts, query, (order, rows_max) =>
    listDeadLetters(clickhouse, query, order, rows_max),
  );
}

const causes = async (
  wanted: Omit<z.output<typeof causeQuery>, 'limit'>,
  limit: number,
  clickhouse: ClickHouse,
): Promise<Reply> => json(200, { items: await deadLetterCauses(clickhouse, wanted, limit) });

async function one(id: string, { organization_id }: OfOne, clickhouse: ClickHouse): Promise<DeadLetterRow> {
  const row = await findDeadLetter(clickhouse, id, organization_id);
  if (row === null) throw new Problem(404, 'there is no dead letter of this id');
  return row;
}

/** With what became of it. */
async function whole(id: string, query: OfOne, clickhouse: ClickHouse): Promise<Reply> {
  const row = await one(id, query, clickhouse);
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
async function original(id: string, query: OfOne, clickhouse: ClickHouse, originals: Originals): Promise<Reply> {
  const { original_sha256 } = await one(id, query, clickhouse);
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
