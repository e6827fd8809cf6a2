import { describe, expect, it } from 'vitest';
import { mostTelling } from './sum-basic.ts';

const sentences = (...texts: string[]) =>
  texts.map(text => ({ text, words: [...new Set(text.toLowerCase().match(/\w{3,}/g))], merit: 0 }));
const chosen = (count_max: number, ...texts: string[]): string[] =>
  mostTelling(sentences(...texts), count_max, 1_000).map(({ text }) => text);

describe('the most telling sentences', () => {
  it('have the words that are said most, and come in their order', () => {
    const texts = ['Rain fell.', 'The printer in room nine broke.', 'Lunch was late.', 'Printer in room nine: which?'];
    expect(chosen(2, ...texts)).toEqual([texts[1], texts[3]]);
  });

  it('say the same once where something else is said too', () => {
    const texts = ['printer room broke', 'printer room broke!', 'the invoice sum wrong', 'rain'];
    expect(chosen(2, ...texts)).toEqual([texts[0], texts[2]]);
  });

  it('are those with more merit, and no more than there is room for', () => {
    const given = sentences('one two three', 'one two four', 'five six seven').map((each, at) => ({
      ...each,
      merit: at,
    }));
    expect(mostTelling(given, 1, 100)).toEqual([given[2]]);
    expect(mostTelling(given, 3, 28)).toEqual([given[1], given[2]]);
    expect(mostTelling(given, 3, 5)).toEqual([]);
    expect(mostTelling([], 3, 100)).toEqual([]);
  });
});
