/** Dead letters as the commands handle them: chosen, their bytes fetched and mended, handed in by batches. */
import { MillraceError } from '../lib/errors.ts';
import { type Client, problemOf } from './client.ts';
import type { Mend } from './mend.ts';

export interface LetterRow {
  readonly id: string;
  readonly organization_id: string;
  readonly cause: string;
  readonly topic: string | null;
}

export interface Choice {
  readonly cause?: string;
  readonly source?: string;
  readonly organization?: string;
}

/** What became of one, or would become. */
export interface Outcome {
  readonly dead_letter_id: string;
  readonly organization_id: string;
  readonly status: 'refused' | 'acceptable' | 'replayed' | 'already_replayed';
  readonly cause?: string;
  readonly message?: string;
  readonly topic?: string;
  /** Of a record that was in Kafka: as JSON, which can be mended. */
  readonly form?: string;
  readonly replay_organization_id?: string;
  readonly replay_sequence?: number;
}

export interface Mended {
  readonly letter: LetterRow;
  readonly before: Buffer;
  readonly after: Buffer;
}

const page_letters = 500;
/** What one request carries, unless a single letter is larger. */
const batch_letters_max = 100;
const batch_bytes_max = 16 * 1024 * 1024;

/** Its own path, or one below it. */
export function letterPath(id: string, organization_id: string | undefined, below = ''): string {
  const query = organization_id === undefined ? '' : `?${new URLSearchParams({ organization_id })}`;
  return `/api/dead-letters/${encodeURIComponent(id)}${below}${query}`;
}

/** Throws MillraceError `usage` where nothing says which, or two things do. */
export function checkChoice(ids: readonly string[], { cause, source, organization }: Choice): void {
  if (ids.length > 0 && (cause ?? source) !== undefined) {
    throw new MillraceError('usage', 'name dead letters, or a --cause and a --source, not both');
  }
  if (ids.length === 0 && (cause ?? source ?? organization) === undefined) {
    throw new MillraceError('usage', 'name dead letters, or choose them by --cause, --source or --organization');
  }
}

export async function chosenLetters(client: Client, ids: readonly string[], choice: Choice): Promise<LetterRow[]> {
  if (ids.length === 0) return lettersBy(client, choice);
  const letters: LetterRow[] = [];
  for (const id of new Set(ids)) letters.push(await client.get<LetterRow>(letterPath(id, choice.organization)));
  return letters;
}

async function lettersBy(client: Client, { cause, source, organization }: Choice): Promise<LetterRow[]> {
  const query = new URLSearchParams({ limit: String(page_letters) });
  if (cause) query.set('cause', cause);
  if (source) query.set('source', source);
  if (organization) query.set('organization_id', organization);
  // What could not be read from a topic is one for each stage that reads it; it is replayed once.
  const letters = new Map<string, LetterRow>();
  for (let next: string | null = ''; next !== null; ) {
    if (next !== '') query.set('cursor', next);
    const page: { items: LetterRow[]; next: string | null } = await client.get(`/api/dead-letters?${query}`);
    for (const letter of page.items) letters.set(JSON.stringify([letter.organization_id, letter.id]), letter);
    next = page.next;
  }
  return [...letters.values()];
}

export async function originalOf(client: Client, id: string, organization_id?: string): Promise<Buffer> {
  const response = await client.request(letterPath(id, organization_id, '/original'), {});
  if (!response.ok) throw problemOf(response.status, await response.text());
  return Buffer.from(await response.arrayBuffer());
}

/** A record that was in Kafka is mended as JSON, where it can be read at all. */
export async function mended(client: Client, letter: LetterRow, mend: Mend): Promise<Mended> {
  const form = letter.topic === null ? undefined : (await handIn(client, 'preview', [{ letter }]))[0]?.form;
  const before =
    form === undefined ? await originalOf(client, letter.id, letter.organization_id) : Buffer.from(`${form}\n`);
  return { letter, before, after: mend(before) };
}

export interface HandedIn {
  readonly letter: LetterRow;
  /** In place of its original bytes. */
  readonly after?: Buffer;
}

export async function handIn(
  client: Client,
  action: 'preview' | 'replay',
  letters: readonly HandedIn[],
): Promise<Outcome[]> {
  const sent = letters.map(({ letter: { id, organization_id }, after }) => ({
    ...{ id, organization_id },
    ...(after ? { bytes_base64: after.toString('base64') } : {}),
  }));
  const { items } = await client.send<{ items: Outcome[] }>('POST', `/api/dead-letters/${action}`, { letters: sent });
  return items;
}

/** As many together as one request carries. */
export async function* batchesOf<T extends HandedIn>(letters: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = [];
  let bytes = 0;
  for await (const letter of letters) {
    const size = letter.after?.length ?? 0;
    if (batch.length >= batch_letters_max || (batch.length > 0 && bytes + size > batch_bytes_max)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(letter);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
