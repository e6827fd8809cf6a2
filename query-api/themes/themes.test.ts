import { describe, expect, it } from 'vitest';
import { randomOf } from '../../test/mails.ts';
import { type Text, themesOf } from './themes.ts';
import { termsOf } from './words.ts';

const since_ms = 1_000;
const kinds = {
  printer: [
    'Printer offline',
    'Label printer is offline',
    'The printer goes offline',
    'Printer offline since the update',
  ],
  export: ['CSV export fails', 'Export of orders fails', 'The CSV export stops', 'Order export to CSV fails'],
  login: ['Login loop', 'Stuck in a login loop', 'Password reset and login loop', 'Login loop on the phone'],
} as const;

/** So many before and after. */
function texts(counts: Readonly<Record<keyof typeof kinds, readonly [before: number, after: number]>>): Text[] {
  return Object.entries(counts).flatMap(([kind, [before, after]]) =>
    Array.from({ length: before + after }, (_, at) => ({
      id: `${kind}-${at}`,
      at_ms: at < before ? at : since_ms + at,
      subject: kinds[kind as keyof typeof kinds][at % 4] as string,
      words: `Hello, we are customer ${kind[0]}${at} of yours.`,
    })),
  );
}

describe('themes', () => {
  const all = texts({ printer: [4, 20], export: [20, 18], login: [12, 4] });
  const found = themesOf(all, since_ms);

  it('are what is written about alike, by the words that tell them apart', () => {
    expect(found.map(({ terms }) => terms.join())).toEqual(
      ['printer', 'export', 'login loop'].map(name => expect.stringContaining(name.split(' ')[0] as string)),
    );
    for (const { terms, texts: count, texts_before } of found) {
      const kind = Object.keys(kinds).find(name => terms.join().includes(name)) ?? '';
      expect(all.filter(({ id }) => id.startsWith(kind)).length - (count + texts_before)).toBeLessThanOrEqual(1);
    }
  });

  it('rise where their share has, by more than chance', () => {
    const [printer, exported, login] = found;
    expect(printer).toMatchObject({ texts: 20, texts_before: 4 });
    expect(printer?.rise).toBeGreaterThan(2);
    expect(Math.abs(exported?.rise ?? 9)).toBeLessThan(2);
    expect(login?.rise).toBeLessThan(-2);
    expect(printer?.share).toBeCloseTo(20 / 42, 9);
    for (const id of printer?.examples ?? []) expect(Number(id.split('-')[1])).toBeGreaterThanOrEqual(4);
  });

  it('are the same in whichever order the texts come', () => {
    const random = randomOf(7);
    const shuffled = all
      .map(text => ({ text, by: random() }))
      .sort((a, b) => a.by - b.by)
      .map(({ text }) => text);
    expect(themesOf(shuffled, since_ms)).toEqual(found);
  });

  it('are none of too little, of nothing in common, and of everything the same', () => {
    expect(themesOf([], since_ms)).toEqual([]);
    expect(themesOf(all.slice(0, 2), since_ms)).toEqual([]);
    const strangers = Array.from({ length: 50 }, (_, at) => ({
      id: `${at}`,
      at_ms: at,
      subject: `word${'x'.repeat(at % 20)}${at}`,
      words: '',
    }));
    expect(themesOf(strangers, since_ms)).toEqual([]);
  });

  it('of many long and hostile texts take no time', () => {
    const random = randomOf(11);
    const many = Array.from({ length: 2_000 }, (_, at) => ({
      id: `${at}`,
      at_ms: at,
      subject: Array.from({ length: 6 }, () => `w${Math.floor(random() ** 2 * 3_000)}`).join(' '),
      words: 'a-'.repeat(100_000),
    }));
    const started = performance.now();
    themesOf(many, 1_000);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

it('terms are words and pairs that say something, each once', () => {
  expect(termsOf('Re: The CSV exports, the export of CSV')).toEqual({
    words: ['csv', 'export'],
    pairs: ['csv export'],
  });
});
