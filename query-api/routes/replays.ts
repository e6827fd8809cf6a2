/**
 * Replaying dead letters: the API knows them, ingest replays them (ingest/replay/index.ts). A record that could not be read
 * from its topic is replayed into it, where every stage that reads it will take it; so each of them must have refused it
 * before, or one would have it twice.
 */
import { z } from 'zod';
import type { ClickHouse } from '../../lib/clickhouse.ts';
import { json, Problem, type Reply } from '../../lib/http.ts';
import type { Subscription } from '../../lib/unread.ts';
import { type DescribedRoute, describe } from '../contract.ts';
import type { IngestClient, ReplayOutcome } from '../ingest-client.ts';
import { name } from '../parameters.ts';
import { type LetterDetails, lettersNamed, replay as replayRow, replaysBetween } from '../queries/dead-letters.ts';

export interface ReplayParts {
  readonly clickhouse: ClickHouse;
  readonly ingest: IngestClient;
  /** Who reads which topics. */
  readonly subscriptions: readonly Subscription[];
}

/** The largest mail that is accepted, in Base64, and some room. */
const body_bytes_max = 40 * 1024 * 1024;
const letters_max = 500;
const range_max = 10_000;

const wanted = z.strictObject({
  letters: z
    .array(
      z.strictObject({
        id: name,
        organization_id: z.string().max(512).optional(),
        bytes_base64: z.base64().optional(),
      }),
    )
    .min(1)
    .max(letters_max),
});
type Wanted = z.infer<typeof wanted>['letters'][number];

const sequence = z
  .string()
  .regex(/^\d{1,15}$/, 'must be a whole number')
  .transform(Number);
const range = z.strictObject({ organization_id: name, first: sequence, last: sequence });

export function replayRoutes(parts: ReplayParts): DescribedRoute[] {
  const path = '/api/dead-letters';
  const tag = 'Dead letters';
  const act = (action: 'preview' | 'replay', summary: string): DescribedRoute =>
    describe({
      method: 'POST',
      path: `${path}/${action}`,
      access: 'admin',
      tag,
      summary,
      body: wanted,
      body_bytes_max,
      answers: { 200: { description: 'Of each letter, in their order', schema: outcomes } },
      problems: [409, 502, 504],
      audited: `dead_letters.${action}`,
      handle: ({ request, body }) => replay(action, body.letters, request.signal, parts),
    });
  return [
    act('preview', 'What dead letters would become if they were replayed'),
    act('replay', 'Replay dead letters, each once, however often it is asked for'),
    describe({
      method: 'GET',
      path: `${path}/replays`,
      access: 'read',
      tag,
      summary: 'The replays from one number to another, and how each has ended',
      query: range,
      answers: { 200: { description: 'Replays', schema: z.object({ items: z.array(replayRow) }) } },
      handle: async ({ query, tables }) => replays(query, await tables()),
    }),
  ];
}

const outcomes = z.object({ items: z.array(z.looseObject({})) });

async function replays(asked: z.output<typeof range>, clickhouse: ClickHouse): Promise<Reply> {
  const last = Math.min(asked.last, asked.first + range_max);
  return json(200, { items: await replaysBetween(clickhouse, { ...asked, last }) });
}

async function replay(
  action: 'preview' | 'replay',
  letters: readonly Wanted[],
  signal: AbortSignal,
  parts: ReplayParts,
): Promise<Reply> {
  const ids = [...new Set(letters.map(({ id }) => id))];
  const known = await lettersNamed(parts.clickhouse, ids);
  const found = letters.map(letter => ({ ...letter, details: oneOf(known, letter) }));
  const withheld = found.map(({ details }) => reasonToWithhold(details, parts.subscriptions));
  const sent = found.filter((_, i) => withheld[i] === null);
  const answered = sent.length === 0 ? [] : await parts.ingest.replay(action, sent.map(sentOf), signal);
  const items = withheld.map((refusal): ReplayOutcome => refusal ?? answered.shift() ?? {});
  return json(200, { items });
}

/** Throws Problem 404 or 409. */
function oneOf(known: readonly LetterDetails[], { id, organization_id }: Wanted): LetterDetails {
  const named = known.filter(
    letter =>
      letter.dead_letter_id === id && (organization_id === undefined || letter.organization_id === organization_id),
  );
  if (named.length === 1) return named[0] as LetterDetails;
  if (named.length === 0) throw new Problem(404, `there is no dead letter of the id ${id}`);
  const organizations = named.map(letter => JSON.stringify(letter.organization_id)).join(', ');
  throw new Problem(
    409,
    `several organisations have a dead letter of the id ${id}: ${organizations}; name one of them`,
  );
}

const sentOf = ({ details, bytes_base64 }: Wanted & { details: LetterDetails }) => {
  const { organization_id, mailbox, owner_id, team_id, stages: _, ...letter } = details;
  return {
    letter: { ...letter, owner: { organization_id, mailbox, owner_id, team_id } },
    bytes_base64: bytes_base64 ?? null,
  };
};

export function reasonToWithhold(letter: LetterDetails, subscriptions: readonly Subscription[]): ReplayOutcome | null {
  const { topic, stages, dead_letter_id, organization_id } = letter;
  if (topic === null) return null;
  const readers = subscriptions
    .filter(({ topics }) => topics.includes(topic))
    .map(({ group_id }) => group_id.replace(/^millrace\./, ''));
  const others = readers.filter(reader => !stages.includes(reader));
  if (others.length === 0) return null;
  const message = `${others.join(', ')} did not refuse it and would have it twice`;
  return { dead_letter_id, organization_id, status: 'refused', cause: 'not-replayable', message };
}
