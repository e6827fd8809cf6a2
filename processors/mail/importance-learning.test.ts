import { describe, expect, it } from 'vitest';
import { email } from '../test-records.ts';
import type { ImportanceFeature } from './importance.ts';
import {
  coordinates_max,
  deltaOf,
  type ImportanceState,
  importanceDelta,
  importanceLabel,
  isImportant,
  logOdds,
  nothing_learned,
  personalFeatures,
} from './importance-learning.ts';

const minute_ms = 60_000;
const feature = (name: string, strength = 1): ImportanceFeature => ({
  ...{ feature: name, value: name, strength, prior: 0, evidence_id: '' },
});
const yes = { important: true, weight: 1, explicit: false };
const no = { important: false, weight: 1, explicit: false };
const learn = (mails: readonly (readonly [string[], typeof yes])[], from = nothing_learned): ImportanceState =>
  mails.reduce(
    (state, [names, label]) =>
      importanceDelta(
        state,
        names.map(each => feature(each)),
        label,
      ),
    from,
  );

describe('what a user thinks important', () => {
  it('moves the weights of what he answers up and of what he leaves down, and of nothing else', () => {
    const state = learn(Array.from({ length: 10 }, (_, at) => (at % 2 ? [['from:boss'], yes] : [['from:shop'], no])));
    const delta = deltaOf(state);
    expect(delta('from:boss')).toBeGreaterThan(0.5);
    expect(delta('from:shop')).toBeLessThan(-0.05);
    expect(delta('from:stranger')).toBe(0);
    expect(delta('constructor')).toBe(0);
    expect(state.labels).toBe(10);
  });

  it('sums everybody’s weight and his own', () => {
    const state = learn([[['asks'], yes]]);
    const asks = { ...feature('asks', 0.5), prior: 0.9 };
    expect(logOdds(state, [asks])).toBeCloseTo(-1 + 0.5 * (0.9 + deltaOf(state)('asks')), 12);
  });

  it('is pure, and the same again', () => {
    const before = structuredClone(nothing_learned);
    const mails: [string[], typeof yes][] = [
      [['a', 'b'], yes],
      [['b'], no],
    ];
    expect(learn(mails)).toEqual(learn(mails));
    expect(nothing_learned).toEqual(before);
  });

  it('moves the threshold by his own word alone, and only when it was wrong', () => {
    const explicit = { important: true, weight: 3, explicit: true };
    const lower = importanceDelta(nothing_learned, [feature('a')], explicit);
    expect(lower.threshold).toBeLessThan(0);
    expect(importanceDelta(nothing_learned, [feature('a')], yes).threshold).toBe(0);
    expect(importanceDelta(nothing_learned, [feature('a')], { ...explicit, important: false }).threshold).toBe(0);
    expect(isImportant(lower, lower.threshold)).toBe(true);
    expect(isImportant(nothing_learned, -0.05)).toBe(false);
  });

  it('keeps a bounded state', () => {
    const names = (from: number) => Array.from({ length: 1_000 }, (_, at) => `thread:${from + at}`);
    const state = learn([
      [['from:boss'], yes],
      [['from:boss'], yes],
      [names(0), no],
      [names(1_000), no],
      [names(2_000), no],
    ]);
    expect(Object.keys(state.coordinates).length).toBeLessThanOrEqual(coordinates_max);
    expect(deltaOf(state)('from:boss')).toBeGreaterThan(0);
  });
});

describe('importanceLabel', () => {
  const nothing = { answered_after_ms: null, starred: false, opened: false, marked: null };

  it('takes a word before an act, and an act before none', () => {
    expect(importanceLabel({ ...nothing, starred: true, marked: 'unimportant' })).toMatchObject({ important: false });
    expect(importanceLabel({ ...nothing, starred: true })).toMatchObject({ important: true, explicit: false });
    expect(importanceLabel({ ...nothing, answered_after_ms: minute_ms, opened: true })).toMatchObject({
      important: true,
    });
    expect(importanceLabel({ ...nothing, answered_after_ms: 30 * 24 * 60 * minute_ms })).toBeNull();
    expect(importanceLabel({ ...nothing, opened: true })).toBeNull();
    expect(importanceLabel(nothing)).toMatchObject({ important: false, weight: 0.3 });
  });
});

it('knows a mail by its sender, his domain, its list and its thread', () => {
  const mail = email({ from: { name: '', address: 'a@b.test' }, headers: { 'list-id': '<l>' }, thread_id: 't' });
  expect(personalFeatures(mail).map(each => each.feature)).toEqual([
    'from:a@b.test',
    'domain:b.test',
    'list:<l>',
    'thread:t',
  ]);
  expect(personalFeatures(email({ from: { name: '', address: '' } }))).toEqual([]);
});
