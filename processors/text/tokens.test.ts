import { describe, expect, it } from 'vitest';
import { flag, hashOf, kind, Tokens, text_read_chars_max } from './tokens.ts';

const tokens = new Tokens();
const read = (text: string): Tokens => tokens.read(text);
const texts = (text: string): string[] => {
  read(text);
  return Array.from({ length: tokens.count }, (_, at) => tokens.textOf(at));
};
const of = (what: number, text: string): string[] => texts(text).filter((_, at) => tokens.kind[at] === what);
const sentences = (text: string): string[] => {
  read(text);
  return Array.from({ length: tokens.sentences }, (_, at) => {
    const last = tokens.sentence_start[at + 1]! - 1;
    return text.slice(tokens.start[tokens.sentence_start[at]!], tokens.end[last]).trim();
  });
};

describe('Tokens', () => {
  it('tells words, numbers and marks', () => {
    expect(texts("Don’t pay $1,299.50 at 10:30—it's the 3rd!!?!")).toEqual([
      'Don’t',
      'pay',
      '$',
      '1,299.50',
      'at',
      '10:30',
      '—',
      "it's",
      'the',
      '3rd',
      '!!?!',
    ]);
    expect(of(kind.number, '2026-11-27, 7 of 9. 5% a 3pm b')).toEqual(['2026-11-27', '7', '9', '5']);
    expect(texts('naïve Straße Ελλάδα 東京 e\u0301t')).toEqual(['naïve', 'Straße', 'Ελλάδα', '東京', 'e\u0301t']);
  });

  it('tells addresses, handles, URLs and hashtags', () => {
    const text = 'See https://a.test/x?y=(1). or (www.b.test), mail ann.b+c@d-e.test. Hi @bob_1 #fun';
    expect(of(kind.url, text)).toEqual(['https://a.test/x?y=(1', 'www.b.test']);
    expect(of(kind.address, text)).toEqual(['ann.b+c@d-e.test']);
    expect(of(kind.handle, text)).toEqual(['@bob_1']);
    expect(texts('#fun')).toEqual(['#', 'fun']);
    expect(tokens.has(1, flag.hashtag)).toBe(true);
  });

  it('takes emoji and emoticons whole', () => {
    expect(of(kind.emoji, 'ok👍🏽👨‍👩‍👧 ❤️😡😡 🇩🇪🇫🇷')).toEqual(['👍🏽', '👨‍👩‍👧', '❤️', '😡', '😡', '🇩🇪', '🇫🇷']);
    expect(of(kind.emoji, "yes :-) no :'( =D <3 hm :/ (a:b) http://x 12:30 :Do")).toEqual([
      ':-)',
      ":'(",
      '=D',
      '<3',
      ':/',
    ]);
    read('👍🏽');
    const { hash } = tokens;
    const toned = hash[0];
    expect(read('👍').hash[0]).toBe(toned);
  });

  it('says how a word is written, and hashes it without that', () => {
    read('GREAT Great great grrrreat');
    expect([...tokens.hash.subarray(0, 3)]).toEqual(Array(3).fill(hashOf('great')));
    expect(tokens.has(0, flag.all_capitals)).toBe(true);
    expect(tokens.has(1, flag.capitalised)).toBe(true);
    expect(tokens.has(2, flag.capitalised | flag.all_capitals | flag.elongated)).toBe(false);
    expect(tokens.has(3, flag.elongated)).toBe(true);
    expect(read('sooo').hash[0]).toBe(read('soooooo').hash[0]);
    expect(read("DON'T").hash[0]).toBe(hashOf('don’t'));
  });

  it('finds sentences and paragraphs', () => {
    expect(sentences('Dr. Who paid 3.50. "Really?" he asked. J. Smith did not…  Yes')).toEqual([
      'Dr. Who paid 3.50.',
      '"Really?"',
      'he asked.',
      'J. Smith did not…',
      'Yes',
    ]);
    expect(sentences('Dear Ann\n\n\nthe order\nis late\n \nBob')).toEqual(['Dear Ann', 'the order\nis late', 'Bob']);
    expect(of(kind.paragraph, '\n\na\n\n\n\nb\n\n')).toHaveLength(2);
    expect(sentences('')).toEqual([]);
  });

  it.each([
    'a',
    '!',
    '.',
    'a@',
    '@',
    ':',
    '://',
    'http://',
    '👨‍',
    '\ud83c',
    '#',
    '1,',
    "a'",
    '\n',
    '\n\n',
    ' ',
    'www.',
    '<',
    '\u0301',
    '_',
  ])('is bounded, ordered and quick on a megabyte of %j', unit => {
    const text = unit.repeat(Math.ceil(1_000_000 / unit.length));
    const started = performance.now();
    read(text);
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(tokens.count).toBeLessThanOrEqual(text_read_chars_max);
    for (let at = 0; at < tokens.count; at++) {
      expect(tokens.start[at]! < tokens.end[at]! && tokens.end[at]! <= text_read_chars_max).toBe(true);
      if (at > 0) expect(tokens.start[at]!).toBeGreaterThanOrEqual(tokens.end[at - 1]!);
    }
  });
});
