import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../lib/random.ts';
import { type Curve, curveRowOf, pointOf } from './curve.ts';
import { curves } from './run.ts';

/** A folder with a table of customers, who leave by their contract in three of four rows. */
function folderOf(rows: number): string {
  const random = mulberry32(3);
  const lines = Array.from({ length: rows }, (_, at) => {
    const monthly = random() < 0.5;
    const left = monthly === random() < 0.75;
    return `${at},${monthly ? 'monthly' : 'yearly'},${left ? 'Yes' : 'No'}`;
  });
  const folder = mkdtempSync(join(tmpdir(), 'curves-'));
  mkdirSync(join(folder, 'leads'));
  writeFileSync(join(folder, 'leads', 'telco_churn.csv'), ['customerID,contract,Churn', ...lines].join('\n'));
  return folder;
}

async function curvesOf(data: string): Promise<Curve[]> {
  const found: Curve[] = [];
  for await (const curve of curves({ data, say: () => {} })) found.push(curve);
  return found;
}

describe('curves', () => {
  it('shows what a table teaches by the rows taught', async () => {
    const [at_once, as_they_come, late] = await curvesOf(folderOf(300));
    expect(at_once?.points.map(({ taught }) => taught)).toEqual([30, 60, 120, 180, 240]);
    for (const { mean } of at_once?.points ?? []) expect(mean).toBeCloseTo(0.75, 1);
    for (const curve of [as_they_come, late]) expect(curve?.points).toEqual([]);
  });

  it('leaves out what the folder has no data for', async () => {
    expect(await curvesOf(mkdtempSync(join(tmpdir(), 'curves-')))).toEqual([]);
  });

  it('prints a point as what was taught, the mean of its draws and their standard error', () => {
    const points = [pointOf(10, [0.5, 0.5]), pointOf(20, [0.6, 0.7, 0.8])];
    const row = curveRowOf({ what: 'tone', data: 'mails', measure: 'AUC', points });
    expect(row).toBe('| tone | mails | AUC | 10: 0.500 ± 0.000 | 20: 0.700 ± 0.058 |');
  });
});
