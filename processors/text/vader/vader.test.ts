import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Vader } from './vader.ts';

type Row = readonly [text: string, compound: number, positive: number, negative: number, neutral: number];

/** Made by eval/sentiment/vader-golden.py with the reference implementation. */
const golden: readonly Row[] = gunzipSync(readFileSync(join(import.meta.dirname, 'golden.jsonl.gz')))
  .toString('utf8')
  .trim()
  .split('\n')
  .map(line => JSON.parse(line));

const vader = new Vader();
const rounding = 1e-9;

describe('Vader', () => {
  it('scores as the reference does, to the fourth decimal', () => {
    const unlike = golden.filter(
      ([text, compound]) => Math.abs(vader.score(text).compound - compound) > 0.5e-4 + rounding,
    );
    expect(unlike.length).toBeLessThanOrEqual(golden.length / 1_000);
    expect(golden.length).toBeGreaterThan(3_000);
  });

  it('shares a text out as the reference does, to the third decimal', () => {
    const unlike = golden.filter(([text, , ...shares]) => {
      vader.score(text);
      const ours = [vader.positive, vader.negative, vader.neutral];
      return ours.some((share, at) => Math.abs(share - shares[at]!) > 0.5e-3 + rounding);
    });
    expect(unlike.length).toBeLessThanOrEqual(golden.length / 1_000);
  });

  // The scores that VADER's authors publish for these sentences.
  it.each([
    ['VADER is smart, handsome, and funny.', 0.8316],
    ['VADER is VERY SMART, handsome, and FUNNY!!!', 0.9342],
    ['VADER is not smart, handsome, nor funny.', -0.7424],
    ['At least it isn’t a horrible book.'.replace('’', "'"), 0.431],
    ['The plot was good, but the characters are uncompelling and the dialog is not great.', -0.7042],
    ['Today SUX!', -0.5461],
  ])('%s → %d', (sentence, expected) => {
    expect(vader.score(sentence).compound).toBeCloseTo(expected, 4);
  });

  it('scores a part of a text as that part alone', () => {
    const text = 'I hate it. But it is GOOD 😀!';
    const part = new Vader().score(text.slice(11)).compound;
    expect(vader.score(text, 11, text.length).compound).toBe(part);
  });

  it('departs from the reference only where told to', () => {
    const ours = new Vader({ curly_apostrophes: true, without: ['dear', 'please'] });
    expect(ours.score('It isn’t good').compound).toBe(vader.score("It isn't good").compound);
    expect(vader.score('It isn’t good').compound).toBeGreaterThan(0);
    expect(ours.score('Dear Ann, please').compound).toBe(0);
  });

  it.each(['good ', 'not ', '😀', 'a', '! ', "n't ", 'but good bad ', '’'])('is quick on a megabyte of %j', unit => {
    const text = unit.repeat(Math.ceil(1_000_000 / unit.length));
    const started = performance.now();
    expect(Math.abs(vader.score(text).compound)).toBeLessThanOrEqual(1);
    expect(performance.now() - started).toBeLessThan(500);
  });
});
