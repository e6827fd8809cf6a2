import { describe, expect, it } from 'vitest';
import { marked, type Piece, passagesOf, wordsOf } from './highlight.ts';

const whole = (pieces: readonly Piece[]): string => pieces.map(({ text }) => text).join('');
const shown = (pieces: readonly Piece[]): string => pieces.map(({ text, hit }) => (hit ? `[${text}]` : text)).join('');
const words = new Set(['invoice', 'änderung']);

it('words are those of the index', () => {
  expect(wordsOf('Re: E-Mail_42 — the Änderung, naïve 东京 x')).toEqual([
    're',
    'e',
    'mail',
    '42',
    '—',
    'the',
    'änderung',
    'naïve',
    '东京',
    'x',
  ]);
  expect(wordsOf(' .,- ')).toEqual([]);
});

describe('a text', () => {
  it('is marked at whole words, whatever their case', () => {
    const text = 'Invoice 7: the INVOICE for the invoices <b>Änderung</b>';
    expect(shown(marked(text, words))).toBe('[Invoice] 7: the [INVOICE] for the invoices <b>[Änderung]</b>');
    expect(whole(marked(text, words))).toBe(text);
    expect(marked('', words)).toEqual([]);
    expect(marked('nothing here', words)).toEqual([{ text: 'nothing here', hit: false }]);
  });

  const limits = { passages_max: 2, context_chars: 20 };
  it('is shown in passages around its hits, cut at words', () => {
    const filler = 'lorem ipsum dolor sit amet '.repeat(10);
    const text = `${filler}an invoice is due and another invoice too. ${filler}invoice ${filler}invoice`;
    const passages = passagesOf(text, words, limits).map(shown);
    expect(passages).toEqual([
      'dolor sit amet an [invoice] is due and another [invoice] too. lorem ipsum',
      'dolor sit amet [invoice] lorem ipsum dolor',
    ]);
    expect(passagesOf('nothing here', words, limits)).toEqual([]);
  });

  it('without blanks is cut all the same, and never within a character', () => {
    const text = `${'\u{1f600}'.repeat(99)}. invoice .${'\u{1f600}'.repeat(99)}`;
    const [passage = []] = passagesOf(text, words, { passages_max: 1, context_chars: 21 });
    expect(whole(passage).length).toBeLessThan(100);
    expect(whole(passage)).not.toMatch(/\p{Surrogate}/u);
  });
});
