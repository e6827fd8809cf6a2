/**
 * The bundled sample company: Harbourline sells planning software to craft businesses. Thirty days of its mail, CRM
 * and product events, the same on every machine except for the dates, which are relative to now.
 */
import { businessClock } from './clock.ts';
import { playOddities } from './oddities.ts';
import { createScript, type Entry } from './script.ts';
import { playBilling, playBulk, playInternal, playRobots } from './story-everyday.ts';
import { playProduct } from './story-product.ts';
import { playCrm, playSales } from './story-sales.ts';
import { playPraise, playSupport } from './story-support.ts';

export type SampleRecord =
  | { kind: 'mail'; bytes: Buffer; mailbox: string; owner_id: string; team_id: string; at_ms: number; live: boolean }
  | { kind: 'line'; json: string; at_ms: number; live: boolean };

/** How the records must end, by what they were made to be: read = stored + duplicate + dead_letter. */
export interface SampleExpectation {
  read: number;
  stored: number;
  /** The mail that reached a second mailbox is one of these; it is a delivery besides. */
  duplicate: number;
  dead_letter: number;
}

const seed = 4711;

/** In the order of arrival; `at_ms` is when a record arrived: the live ones now, the rest up to some minutes before. */
export function* sampleRecords({ now_ms }: { now_ms: number }): Generator<SampleRecord> {
  const clock = businessClock(now_ms);
  for (const entry of playAll()) {
    const live = entry.live ?? false;
    const at_ms = live ? now_ms : clock(entry.at);
    if (entry.kind === 'line') yield { kind: 'line', json: entry.json(clock), at_ms, live };
    else {
      const { mailbox, owner } = entry;
      yield { kind: 'mail', bytes: entry.bytes(clock), mailbox, owner_id: owner.id, team_id: owner.team, at_ms, live };
    }
  }
}

export function sampleExpectation(): SampleExpectation {
  const ends = playAll().map(entry => entry.end);
  const count = (end: Entry['end']) => ends.filter(found => found === end).length;
  return {
    read: ends.length,
    stored: count('stored'),
    duplicate: count('duplicate'),
    dead_letter: count('dead_letter'),
  };
}

function playAll(): Entry[] {
  const script = createScript(seed);
  for (const play of [
    playCrm,
    playSales,
    playSupport,
    playPraise,
    playBilling,
    playBulk,
    playRobots,
    playInternal,
    playProduct,
    playOddities,
  ])
    play(script);
  return script.entries.sort((a, b) => Number(a.live ?? false) - Number(b.live ?? false) || a.at - b.at);
}
