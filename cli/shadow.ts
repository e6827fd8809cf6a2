/**
 * `millrace shadow`: history read again by candidate models, next to what the live ones said of it. Nothing is changed: what
 * differs is counted and shown, and then published or dropped.
 */
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { MillraceError } from '../lib/errors.ts';
import { enrichMail, type Organisation } from '../processors/mail/index.ts';
import { type EmailFields, email_fields, emailOf } from '../query-api/queries/emails.ts';
import type { Client } from './client.ts';

export interface ShadowOptions {
  /** Of the mails received in so many days, the newest `limit`. */
  readonly days: number;
  readonly limit: number;
  /** Shown of the mails that differ most. */
  readonly examples: number;
  readonly ours: Organisation;
  /** Told now and then how many mails were read. */
  readonly progress?: (read: number) => void;
}

export interface Difference {
  readonly email_id: string;
  readonly subject: string;
  /** What differs, as `live → candidate`. */
  readonly changes: Readonly<Record<string, string>>;
  /** How much: 100 points of importance, or a label of one model, are 1. */
  readonly size: number;
}

export interface Shadow {
  readonly read: number;
  /** Of the models that read them live, and of the candidates; several where models changed in between. */
  readonly live_models: Readonly<Record<string, readonly string[]>>;
  readonly candidate_models: Readonly<Record<string, string>>;
  /** How many mails each differs in. */
  readonly changed: { readonly sentiment: number; readonly category: number; readonly importance: number };
  /** `live → candidate` and how often, of the labels. */
  readonly sentiment: Readonly<Record<string, number>>;
  readonly category: Readonly<Record<string, number>>;
  /** The mean of how far importance moves, and how many mails it moves by 10 points or more. */
  readonly importance: { readonly mean_change: number; readonly moved: number };
  readonly examples: readonly Difference[];
}

const notable_points = 10;
const progress_mails = 1_000;

interface LiveMail extends EmailFields {
  readonly sentiment: string;
  readonly category: string;
  readonly importance: number;
  readonly models: Readonly<Record<string, string>>;
}

/** Throws MillraceError `sql` where the instance does not tell its mails. */
export async function shadow(client: Client, options: ShadowOptions): Promise<Shadow> {
  const tally = createTally(options.examples);
  for await (const mail of mailsOf(client, options)) {
    tally.add(mail, enrichMail(emailOf(mail), options.ours));
    if (tally.read() % progress_mails === 0) options.progress?.(tally.read());
  }
  return tally.result();
}

async function* mailsOf(client: Client, { days, limit }: ShadowOptions): AsyncGenerator<LiveMail> {
  const query = `
    SELECT ${email_fields}, sentiment, category, importance, models FROM messages
    WHERE received_at >= now() - INTERVAL ${days} DAY ORDER BY received_at DESC LIMIT ${limit}`;
  const settings = { default_format: 'JSONEachRow', output_format_json_quote_64bit_integers: '0' };
  const response = await client.request(`/sql?${new URLSearchParams(settings)}`, { method: 'POST', body: query });
  if (!response.ok || !response.body) throw new MillraceError('sql', (await response.text()).trim());
  for await (const line of createInterface({ input: Readable.fromWeb(response.body as never) })) {
    if (!line.startsWith('{')) throw new MillraceError('sql', line.trim() || 'the answer breaks off');
    yield JSON.parse(line) as LiveMail;
  }
}

type Candidate = ReturnType<typeof enrichMail>;

function createTally(examples_max: number) {
  const live_models: Record<string, Set<string>> = {};
  const pairs = { sentiment: new Map<string, number>(), category: new Map<string, number>() };
  const changed = { sentiment: 0, category: 0, importance: 0 };
  let candidate_models: Readonly<Record<string, string>> = {};
  let examples: Difference[] = [];
  let read = 0;
  let moved = 0;
  let moved_points = 0;

  function compare(live: LiveMail, candidate: Candidate): Difference {
    const changes: Record<string, string> = {};
    for (const name of ['sentiment', 'category'] as const) {
      if (live[name] === candidate[name]) continue;
      changes[name] = `${live[name]} → ${candidate[name]}`;
      changed[name]++;
      pairs[name].set(changes[name], (pairs[name].get(changes[name]) ?? 0) + 1);
    }
    const points = Math.abs(candidate.importance - live.importance);
    if (points > 0) {
      changes.importance = `${live.importance} → ${candidate.importance}`;
      changed.importance++;
    }
    moved_points += points;
    if (points >= notable_points) moved++;
    const labels = Number('sentiment' in changes) + Number('category' in changes);
    return { email_id: live.email_id, subject: live.subject, changes, size: labels + points / 100 };
  }

  return {
    read: () => read,
    add(live: LiveMail, candidate: Candidate): void {
      read++;
      for (const [model, version] of Object.entries(live.models)) {
        live_models[model] ??= new Set();
        live_models[model].add(version);
      }
      candidate_models = candidate.models;
      const difference = compare(live, candidate);
      if (difference.size === 0) return;
      examples.push(difference);
      // Sorted seldom, and never many.
      if (examples.length >= 2 * examples_max + 100) examples = largest(examples, examples_max);
    },
    result: (): Shadow => ({
      read,
      live_models: Object.fromEntries(Object.entries(live_models).map(([model, all]) => [model, [...all].sort()])),
      candidate_models,
      changed,
      sentiment: commonest(pairs.sentiment),
      category: commonest(pairs.category),
      importance: { mean_change: read === 0 ? 0 : moved_points / read, moved },
      examples: largest(examples, examples_max),
    }),
  };
}

const largest = (differences: readonly Difference[], count: number): Difference[] =>
  differences.toSorted((a, b) => b.size - a.size || (a.email_id < b.email_id ? -1 : 1)).slice(0, count);

const commonest = (counts: ReadonlyMap<string, number>): Record<string, number> =>
  Object.fromEntries([...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)));
