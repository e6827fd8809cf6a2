import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { measureNames } from '../queries/measures.ts';
import { changeOf, seriesOf } from './metrics.ts';

describe('metrics', () => {
  it('have a point for every step', () => {
    const series = [{ emails: 0, sentiment_mean: null }, { emails: 2 }];
    expect(seriesOf({ totals: {}, series }, [1_000, 2_000, 3_000])).toEqual([
      { at: '1970-01-01T00:00:01.000Z', emails: 0, sentiment_mean: null },
      { at: '1970-01-01T00:00:02.000Z', emails: 2 },
    ]);
  });

  it('change by so much, and by a part of what was before where there was something', () => {
    expect(
      changeOf({ emails: 3, events: 1, sentiment_mean: 0.5 }, { emails: 4, events: 0, sentiment_mean: null }),
    ).toEqual({
      emails: { absolute: -1, ratio: -0.25 },
      events: { absolute: 1, ratio: null },
      sentiment_mean: { absolute: null, ratio: null },
    });
  });

  it('are each told what they mean', () => {
    const text = readFileSync('docs/api.md', 'utf8');
    expect(measureNames.filter(name => !text.includes(`\`${name}\``))).toEqual([]);
  });
});
