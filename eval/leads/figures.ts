import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Figure } from '../figure.ts';
import { backtest } from './backtest.ts';

/** Tables of leads by the names they are published under, without what became known after the outcome. */
export const lead_tables = [
  {
    file: 'leads.csv',
    label: 'Converted',
    drop: [
      ...[
        'Prospect ID',
        'Lead Number',
        'Tags',
        'Lead Quality',
        'Lead Profile',
        'Last Activity',
        'Last Notable Activity',
      ],
      ...['Activity Index', 'Profile Index', 'Activity Score', 'Profile Score'].map(name => `Asymmetrique ${name}`),
    ],
  },
  { file: 'telco_churn.csv', label: 'Churn', drop: ['customerID'] },
];

/** Each row is scored before it is learned from, so the whole table is unseen. */
export async function* leadFigures(data: string): AsyncGenerator<Figure> {
  for (const { file, label, drop } of lead_tables) {
    const path = join(data, 'leads', file);
    for (const delay of existsSync(path) ? [0, 500] : []) {
      const { auc, ece, rows } = await backtest(path, { label, drop, delay });
      const what = delay === 0 ? 'lead outcome' : `lead outcome, known ${delay} rows late`;
      yield { what, data: file, measure: 'AUC', value: auc ?? Number.NaN, examples: rows };
      yield { what, data: file, measure: 'ECE', value: ece, examples: rows };
    }
  }
}
