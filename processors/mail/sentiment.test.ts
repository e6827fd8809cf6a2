import { describe, expect, it } from 'vitest';
import { readMail } from './reading.ts';
import { sentimentOf, sentimentOfMail } from './sentiment.ts';

const score = (text: string): number => sentimentOf(text).score;
const mail = (text: string, subject = '', in_reply_to: string | null = null) =>
  sentimentOfMail({ in_reply_to }, readMail({ subject, text }));

describe('sentimentOf', () => {
  it('labels what is plain', () => {
    expect(sentimentOf('I love it, thank you so much!').label).toBe('positive');
    expect(sentimentOf('This is terrible. Nothing works and I am angry.').label).toBe('negative');
    expect(sentimentOf('The meeting is in room 4 on Tuesday.').label).toBe('neutral');
    expect(sentimentOf('')).toMatchObject({ score: 0, label: 'neutral', confidence: 1 });
  });

  it('turns with a negation, and moves with degree words, capitals and exclamation marks', () => {
    expect(score('This is not good')).toBeLessThan(0);
    expect(score("It isn't good")).toBeLessThan(score('It is good'));
    expect(score('It isn’t good')).toBe(score("It isn't good"));
    expect(score('It is very good')).toBeGreaterThan(score('It is slightly good'));
    expect(score('it is good!!')).toBeGreaterThan(score('it is good'));
  });

  it('does not read what is in a URL or a handle', () => {
    expect(score('see https://a.test/love/happy?best=1 and @happylove')).toBe(score('see https://b.test/x and @ann'));
  });

  it('reads emoji and emoticons', () => {
    expect(score('ok 😍')).toBeGreaterThan(score('ok'));
    expect(score('the build 😭😭')).toBeLessThan(score('the build'));
    expect(score('see you there :)')).toBeGreaterThan(score('see you there'));
  });

  it('reads a long text by sentence: it is no more pleased for going on about it', () => {
    const mild = 'The lens is quite good and the display is nice. ';
    expect(score(mild.repeat(40))).toBeCloseTo(score(mild.repeat(4)));
  });

  it('gives the probability of its label', () => {
    for (const text of ['I love it', 'I hate it', 'It is']) expect(sentimentOf(text).confidence).toBeGreaterThan(1 / 3);
  });
});

describe('sentimentOfMail', () => {
  it('does not take manners for praise', () => {
    const bare = mail('the invoice is in the folder.');
    expect(mail('Dear Ann,\nthe invoice is in the folder.\n\nBest regards\nBob')).toEqual(bare);
    expect(mail('').label).toBe('neutral');
  });

  it('does not let facts drown a complaint', () => {
    const facts = 'The order has twelve items. '.repeat(20);
    expect(mail(`${facts}I am very disappointed and angry.`).score).toBeLessThan(mail(facts).score - 0.1);
  });

  it("leaves a reply's subject out", () => {
    const reply = mail('The order has arrived.', 'Re: This is horrible', '<1@a.test>');
    expect(reply.score).toBeGreaterThan(mail('The order has arrived.', 'Re: This is horrible').score);
  });

  it.each(['!', '(', '?', 'a', 'good ', 'not ', "n't", '😀', '\n', '. ', 'but good ', '://', '<@', 'good. '])(
    'stays in range and quick on a megabyte of %j',
    unit => {
      const text = unit.repeat(Math.ceil(1_000_000 / unit.length));
      const started = performance.now();
      expect(Math.abs(mail(text).score)).toBeLessThanOrEqual(1);
      expect(Math.abs(score(text))).toBeLessThanOrEqual(1);
      expect(performance.now() - started).toBeLessThan(1_000);
    },
  );
});
