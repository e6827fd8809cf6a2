import { expect, it } from 'vitest';
import { tableRules } from './table-rules.ts';

const cell = (text: string, rank = 0.5) => ({ text, number: text === '' ? Number.NaN : Number(text), rank });

it('reads the words of columns and cells, and nothing into what it does not know', () => {
  const rules = tableRules(['Lead Source', 'PageViews_total', 'Bounce Rate', 'Do Not Email', 'colour']);
  const row = [cell('Reference'), cell('9', 1), cell('0.2', 0), cell('Yes'), cell('red')];
  expect(rules(row)).toEqual([
    { column: 0, log_odds: 1.5 },
    { column: 1, log_odds: 0.5 },
    { column: 2, log_odds: 1 },
    { column: 3, log_odds: -1 },
  ]);
  expect(rules([])).toEqual([]);
});
