import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashOf } from '../../processors/text/tokens.ts';
import { countCapitals } from './capitals.ts';
import { readConll } from './corpus.ts';

describe('readConll', () => {
  it('joins tokens, and says where names are in that text', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'conll-')), 'a.conll');
    writeFileSync(path, 'At\tO\nNew\tB-location\nYork\tI-location\nAnn\tB-person\n\t\n\nok\tO\n');
    const [first, second, ...rest] = readConll(path);
    expect(first!.text).toBe('At New York Ann');
    expect(first!.spans.map(({ type, start, end }) => [type, first!.text.slice(start, end)])).toEqual([
      ['location', 'New York'],
      ['person', 'Ann'],
    ]);
    expect(second).toEqual({ text: 'ok', spans: [] });
    expect(rest).toEqual([]);
  });
});

describe('countCapitals', () => {
  it('leaves out first words, titles and shouting', () => {
    const counts = countCapitals(['Today we met Ann in town.', 'Ann And Bob And Eve Met', 'Ann met us all in town']);
    expect(counts.get(hashOf('ann'))).toEqual({ capitals: 1, all: 1 });
    expect(counts.get(hashOf('town'))).toEqual({ capitals: 0, all: 2 });
    expect(counts.has(hashOf('today'))).toBe(false);
  });
});
