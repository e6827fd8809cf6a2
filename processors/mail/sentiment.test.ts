import { describe, expect, it } from 'vitest';
import { sentencesOf } from './sentences.ts';
import { sentenceScore, sentimentOf } from './sentiment.ts';

const score = (text: string): number => sentimentOf(text).score;

function vader(sentence: string): number {
  return sentenceScore(sentencesOf(sentence)[0] ?? { words: [], exclamations: 0, questions: 0 });
}

describe('a sentence', () => {
  // The scores that VADER's authors publish for these sentences.
  it.each([
    ['VADER is smart, handsome, and funny.', 0.8316],
    ['VADER is smart, handsome, and funny!', 0.8439],
    ['VADER is very smart, handsome, and funny.', 0.8545],
    ['VADER is VERY SMART, handsome, and FUNNY.', 0.9227],
    ['VADER is VERY SMART, handsome, and FUNNY!!!', 0.9342],
    ['VADER is not smart, handsome, nor funny.', -0.7424],
    ['The book was good.', 0.4404],
    ['At least it isn’t a horrible book.', 0.431],
    ['The plot was good, but the characters are uncompelling and the dialog is not great.', -0.7042],
    ['Today SUX!', -0.5461],
  ])('%s → %d', (sentence, expected) => {
    expect(vader(sentence)).toBeCloseTo(expected, 3);
  });
});

describe('sentimentOf', () => {
  it('labels what is plain', () => {
    expect(sentimentOf('I love it, thank you so much!').label).toBe('positive');
    expect(sentimentOf('This is terrible. Nothing works and I am angry.').label).toBe('negative');
    expect(sentimentOf('The meeting is in room 4.')).toMatchObject({ score: 0, label: 'neutral' });
    expect(sentimentOf('')).toMatchObject({ score: 0, label: 'neutral' });
  });

  it('turns with a negation, and moves with degree words, capitals and exclamation marks', () => {
    expect(score('This is not good')).toBeLessThan(0);
    expect(score("It isn't good")).toBeLessThan(0);
    expect(score('very good')).toBeGreaterThan(score('good'));
    expect(score('slightly good')).toBeLessThan(score('good'));
    expect(score('it is GOOD')).toBeGreaterThan(score('it is good'));
    expect(score('it is good!!')).toBeGreaterThan(score('it is good'));
  });

  it('does not read URLs, handles and courtesies as tone', () => {
    expect(score('see https://example.test/love/happy?best=1 and @happylove')).toBe(0);
    expect(score('Dear Ann, please see room 4.\n\nBest regards\nBob')).toBe(0);
  });

  it('reads emoji and emoticons', () => {
    expect(score('ok 😍')).toBeGreaterThan(0);
    expect(score('the build😡😡')).toBeLessThan(0);
    expect(score('see you there :)')).toBeGreaterThan(0);
  });

  it('does not let facts drown a complaint', () => {
    const facts = 'The order has twelve items. '.repeat(50);
    expect(sentimentOf(`${facts}I am very disappointed and angry.`).label).toBe('negative');
  });

  it.each(['!', '(', '?', 'a', 'good ', 'not ', "n't", '😀', '\n', '. ', 'but good ', '://', '<@'])(
    'stays in range and quick on a megabyte of %j',
    unit => {
      const text = unit.repeat(Math.ceil(1_000_000 / unit.length));
      const started = performance.now();
      expect(Math.abs(score(text))).toBeLessThanOrEqual(1);
      expect(performance.now() - started).toBeLessThan(500);
    },
  );
});
