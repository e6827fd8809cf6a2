/** `millrace dlq fix | replay`: what would become of dead letters, and what became of them, counted. */
import { pause } from '../lib/lifecycle.ts';
import type { Client } from './client.ts';
import { unifiedDiff } from './diff.ts';
import { batchesOf, type HandedIn, handIn, type LetterRow, type Mended, mended, type Outcome } from './letters.ts';
import { type Mend, textOf } from './mend.ts';
import { createProgress } from './progress.ts';
import { type End, orNull, stall_ms_max, sumLine, untilNext_ms } from './settle.ts';
import { count, print, printable, printJson, say } from './terminal.ts';

const diff_lines_max = 200;
const refusals_shown_max = 20;

// ── What would become of them ──────────────────────────────────────────────────────────────────────────────────────────

export interface Preview extends Outcome {
  readonly diff: readonly string[];
}

/** Each with its diff and whether it would be accepted; nothing is written. */
export async function* previews(
  client: Client,
  letters: AsyncIterable<Mended> | Iterable<Mended>,
): AsyncGenerator<Preview> {
  for await (const batch of batchesOf(letters)) {
    const outcomes = await handIn(client, 'preview', batch);
    for (const [i, { before, after }] of batch.entries()) {
      yield { ...(outcomes[i] as Outcome), diff: unifiedDiff(textOf(before), textOf(after)) };
    }
  }
}

/** Fetched and mended one after the other, as they are asked for. */
export async function* mendedLetters(
  client: Client,
  letters: readonly LetterRow[],
  mend: Mend,
): AsyncGenerator<Mended> {
  for (const letter of letters) yield await mended(client, letter, mend);
}

export function printPreview({ dead_letter_id, diff, ...outcome }: Preview): void {
  print(`${printable(dead_letter_id)}: ${verdictOf(outcome)}`);
  for (const line of diff.slice(0, diff_lines_max)) print(`  ${printable(line, '\t')}`);
  if (diff.length > diff_lines_max) print(`  … ${count(diff.length - diff_lines_max)} lines more`);
}

function verdictOf({ status, cause, message, topic }: Omit<Outcome, 'dead_letter_id'>): string {
  if (status === 'acceptable') return `would be accepted, as a record of ${topic}`;
  if (status === 'already_replayed') return 'was replayed already';
  return `would still be refused: ${printable(`${cause}: ${message}`)}`;
}

// ── What became of them ────────────────────────────────────────────────────────────────────────────────────────────────

export interface ReplayReport {
  readonly outcomes: readonly Outcome[];
  /** How the replayed ones have ended; in_flight for those that had not when nothing moved any more. */
  readonly ends: Readonly<Partial<Record<End, number>>>;
}

/** Replays them and waits until each has ended. */
export async function replayLetters(
  client: Client,
  letters: AsyncIterable<HandedIn> | Iterable<HandedIn>,
): Promise<ReplayReport> {
  const outcomes: Outcome[] = [];
  try {
    for await (const batch of batchesOf(letters)) outcomes.push(...(await handIn(client, 'replay', batch)));
  } catch (error) {
    say('what was replayed so far is not replayed twice: ask again for the rest');
    throw error;
  }
  return { outcomes, ends: await endsOf(client, outcomes) };
}

type Ends = Partial<Record<End, number>>;

async function endsOf(client: Client, outcomes: readonly Outcome[]): Promise<Ends> {
  const numbers = numbersIn(outcomes);
  const progress = createProgress({ stream: process.stderr, env: process.env, now_ms: Date.now });
  let moved_at_ms = Date.now();
  let last = '';
  try {
    for (;;) {
      const asked_at_ms = Date.now();
      const ends = await orNull(countEnds(client, numbers));
      if (ends && JSON.stringify(ends) !== last) moved_at_ms = Date.now();
      if (ends) last = JSON.stringify(ends);
      if (ends && (!ends.in_flight || Date.now() - moved_at_ms > stall_ms_max)) return ends;
      if (Date.now() - moved_at_ms > stall_ms_max) return { in_flight: outcomes.length };
      if (ends) progress.update({ text: replayedLine(outcomes, ends), fraction: null });
      await pause(untilNext_ms(asked_at_ms));
    }
  } finally {
    progress.end();
  }
}

/** Of the replayed ones their numbers in the source `replay`, by organisation. */
function numbersIn(outcomes: readonly Outcome[]): Map<string, Set<number>> {
  const numbers = new Map<string, Set<number>>();
  for (const { status, replay_organization_id = '', replay_sequence = 0 } of outcomes) {
    if (status !== 'replayed') continue;
    numbers.set(replay_organization_id, (numbers.get(replay_organization_id) ?? new Set()).add(replay_sequence));
  }
  return numbers;
}

/** What one request asks for. */
const numbers_at_once = 5_000;

async function countEnds(client: Client, numbers: ReadonlyMap<string, ReadonlySet<number>>): Promise<Ends> {
  const ends: Ends = {};
  const add = (end: End, n: number): void => {
    ends[end] = (ends[end] ?? 0) + n;
  };
  for (const [organization_id, wanted] of numbers) {
    const { lowest, highest } = boundsOf(wanted);
    const found = new Set<number>();
    for (let first = lowest; first <= highest; first += numbers_at_once) {
      const last = Math.min(highest, first + numbers_at_once - 1);
      const query = new URLSearchParams({ organization_id, first: String(first), last: String(last) });
      const { items } = await client.get<{ items: { replay_sequence: number; end: End }[] }>(
        `/api/dead-letters/replays?${query}`,
      );
      for (const { replay_sequence, end } of items) {
        if (!wanted.has(replay_sequence)) continue;
        found.add(replay_sequence);
        add(end, 1);
      }
    }
    // The row of a replay may land after the one of its record.
    if (found.size < wanted.size) add('in_flight', wanted.size - found.size);
  }
  return ends;
}

/** By a loop: there may be more of them than a call takes arguments. */
function boundsOf(numbers: ReadonlySet<number>): { lowest: number; highest: number } {
  let [lowest, highest] = [Number.POSITIVE_INFINITY, 0];
  for (const number of numbers) {
    lowest = Math.min(lowest, number);
    highest = Math.max(highest, number);
  }
  return { lowest, highest };
}

export const numberOf = (outcomes: readonly Outcome[], status: Outcome['status']): number =>
  outcomes.filter(outcome => outcome.status === status).length;

const replayedLine = (outcomes: readonly Outcome[], ends: Ends): string =>
  sumLine('replayed', numberOf(outcomes, 'replayed'), end => ends[end] ?? 0);

/** Sets exit code 1 where a letter is not stored, nor a duplicate. */
export function report({ outcomes, ends }: ReplayReport, json: boolean): void {
  const [already, refused] = [numberOf(outcomes, 'already_replayed'), numberOf(outcomes, 'refused')];
  if (json) {
    const refusals = outcomes.filter(({ status }) => status === 'refused');
    printJson({ replayed: numberOf(outcomes, 'replayed'), ...ends, already_replayed: already, refused: refusals });
  } else {
    print(replayedLine(outcomes, ends));
    if (already > 0) print(`already replayed ${count(already)}`);
    if (refused > 0) print(`refused ${count(refused)}, which stay as they are`);
    sayRefusals(outcomes);
  }
  if (refused > 0 || (ends.in_flight ?? 0) > 0 || (ends.dead_letter ?? 0) > 0) process.exitCode = 1;
}

function sayRefusals(outcomes: readonly Outcome[]): void {
  const refused = outcomes.filter(({ status }) => status === 'refused');
  for (const { dead_letter_id, cause, message } of refused.slice(0, refusals_shown_max)) {
    say(printable(`${dead_letter_id}: ${cause}: ${message}`));
  }
  if (refused.length > refusals_shown_max) say(`… ${count(refused.length - refusals_shown_max)} more`);
}
