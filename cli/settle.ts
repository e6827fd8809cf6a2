/** Waits until what sources read has all ended somewhere, and says how it adds up. */
import { MillraceError } from '../lib/errors.ts';
import { pause } from '../lib/lifecycle.ts';
import type { Client, ImportRow, SourceRow, StartedSource } from './client.ts';
import { createProgress, type Progress } from './progress.ts';
import { count } from './terminal.ts';

export interface Settled {
  readonly sources: readonly SourceRow[];
  readonly balanced: boolean;
  /** `read 1,204 = stored 1,198 + duplicate 4 + dead letter 2 (1 late for its window)` */
  readonly line: string;
}

const ends = ['stored', 'duplicate', 'dead_letter', 'filtered', 'erased', 'expired', 'in_flight'] as const;
const ask_ms = 200;
export const stall_ms_max = 60_000;

/**
 * Until each source is read to its end and nothing of it is in flight, or nothing has moved for a minute. A source that
 * was there and is gone was removed: nothing is waited for any more. `size_bytes` of the files, where known, makes the
 * progress one of the whole.
 */
export async function waitForSources(
  client: Client,
  started: readonly StartedSource[],
  size_bytes: number | null = null,
): Promise<Settled> {
  const began_at_ms = Date.now();
  const progress = newProgress();
  let moved_at_ms = began_at_ms;
  let rows: readonly SourceRow[] = [];
  try {
    for (;;) {
      const asked_at_ms = Date.now();
      const found = (await orNull(client.reconciliation()))?.sources.filter(row => started.some(one => isOf(row, one)));
      if (found?.length === 0 && rows.length > 0) return { sources: [], balanced: true, line: lineOf([]) };
      if (found && JSON.stringify(found) !== JSON.stringify(rows)) moved_at_ms = Date.now();
      rows = found ?? rows;
      const settled = rows.length === started.length && rows.every(row => isSettled(row, started));
      if (settled || Date.now() - moved_at_ms > stall_ms_max) {
        return { sources: rows, balanced: settled && rows.every(row => row.balanced), line: lineOf(rows) };
      }
      const rate = Math.round(sum(rows, 'read') / Math.max(0.001, (Date.now() - began_at_ms) / 1000));
      const fraction = size_bytes ? await fractionOf(client, started, rows, size_bytes) : null;
      progress.update({ text: `${lineOf(rows)}  ${count(rate)}/s`, fraction });
      await pause(untilNext_ms(asked_at_ms));
    }
  } finally {
    progress.end();
  }
}

/** The answer counts every row there is: asking must stay a small part of what the machine does. */
export const untilNext_ms = (asked_at_ms: number): number => Math.max(ask_ms, 9 * (Date.now() - asked_at_ms));

const newProgress = (): Progress => createProgress({ stream: process.stderr, env: process.env, now_ms: Date.now });

/** What was read of the files, of which what has ended. */
async function fractionOf(
  client: Client,
  started: readonly StartedSource[],
  rows: readonly SourceRow[],
  size_bytes: number,
): Promise<number> {
  const answer = await orNull(client.get<{ sources: ImportRow[] }>('/api/imports'));
  const theirs = answer?.sources.filter(row => started.some(one => isOf(row, one))) ?? [];
  const offset = theirs.reduce((total, row) => total + (row.offset ?? 0), 0);
  const read = sum(rows, 'read');
  return read === 0 ? 0 : (offset / size_bytes) * ((read - sum(rows, 'in_flight')) / read);
}

/** Null where the instance cannot answer right now: a part of it may be starting again. */
export async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof MillraceError && (error.retryable || error.code.startsWith('http.5'))) return null;
    throw error;
  }
}

const isOf = (row: Pick<SourceRow, 'organization_id' | 'source'>, one: StartedSource): boolean =>
  row.source === one.source && row.organization_id === one.organization_id;

function isSettled(row: SourceRow, started: readonly StartedSource[]): boolean {
  const since_ms = started.find(one => isOf(row, one))?.started_at_ms ?? 0;
  return row.done && row.in_flight === 0 && Date.parse(row.read_at) >= since_ms;
}

export function lineOf(rows: readonly SourceRow[]): string {
  const late = sum(rows, 'late');
  const remark = late === 0 ? '' : ` (${count(late)} late for ${late === 1 ? 'its window' : 'their windows'})`;
  return `${sumLine('read', sum(rows, 'read'), end => sum(rows, end))}${remark}`;
}

export type End = (typeof ends)[number];

/** `read 3 = stored 2 + duplicate 1` */
export function sumLine(what: string, total: number, of: (end: End) => number): string {
  const parts = ends
    .filter(end => end === 'stored' || of(end) !== 0)
    .map(end => `${end.replace('_', ' ')} ${count(of(end))}`);
  return `${what} ${count(total)} = ${parts.join(' + ')}`;
}

function sum(rows: readonly SourceRow[], name: (typeof ends)[number] | 'read' | 'late'): number {
  // A source's position may land after the records it covers: until then it looks as if less than nothing were left.
  return rows.reduce((total, row) => total + Math.max(0, row[name]), 0);
}

/** Until nothing that any source read is in flight, for at most `wait_ms`. */
export async function waitUntilSettled(client: Client, wait_ms: number): Promise<Settled> {
  const until_ms = Date.now() + wait_ms;
  const progress = newProgress();
  try {
    for (;;) {
      const asked_at_ms = Date.now();
      const { sources } = await client.reconciliation();
      const settled = sources.every(row => row.in_flight === 0);
      if (settled || Date.now() >= until_ms) {
        return { sources, balanced: settled && sources.every(row => row.balanced), line: lineOf(sources) };
      }
      progress.update({ text: lineOf(sources), fraction: null });
      await pause(untilNext_ms(asked_at_ms));
    }
  } finally {
    progress.end();
  }
}
