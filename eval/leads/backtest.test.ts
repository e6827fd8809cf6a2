import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../lib/random.ts';
import { auc } from '../measures.ts';
import { AccuracyTally } from './accuracy.ts';
import { type BacktestOptions, backtest } from './backtest.ts';

const folder = mkdtempSync(join(tmpdir(), 'backtest-'));

function fileOf(text: string): string {
  const path = join(folder, `${Math.abs(text.length)}-${text.slice(0, 8).replaceAll(/\W/g, '_')}.csv`);
  writeFileSync(path, text);
  return path;
}

function leadsOf(rows: number, delimiter = ','): string {
  const random = mulberry32(7);
  const lines = Array.from({ length: rows }, (_, at) => {
    const [source, visits] = [random() < 0.5 ? 'Referral' : 'Ad, paid', Math.floor(random() * 20)];
    const won = random() < (source === 'Referral' ? 0.8 : 0.2) ? 'Yes' : 'No';
    return [at, source.includes(delimiter) ? `"${source}"` : source, visits, won].join(delimiter);
  });
  return [['id', 'source', 'visits', 'won'].join(delimiter), ...lines].join('\n');
}

const fault = (text: string, options: BacktestOptions): Promise<string> =>
  backtest(fileOf(text), options).then(
    () => 'none',
    error => `${error.code}: ${error.message}; ${error.remedy ?? ''}`,
  );

describe('backtest', () => {
  it('tells rows apart by what it has learned, and says by what', async () => {
    const found = await backtest(fileOf(leadsOf(600)), { label: 'won', drop: ['id'] });
    expect(found).toMatchObject({ rows: 600, positive: 'Yes', left_out: 0 });
    expect(found.auc).toBeGreaterThan(0.72);
    expect(found.ece).toBeLessThan(0.1);
    expect(found.reasons[0]).toMatchObject({ feature: 'source' });
    expect([found.reasons[0]?.value === 'Referral', found.reasons[0]?.sign === 1]).toContain(true);
  });

  it('says why of a table of some hundred rows too, and nothing of one with too few', async () => {
    const some = await backtest(fileOf(leadsOf(200)), { label: 'won', drop: ['id'] });
    expect(some.reasons[0]).toMatchObject({ feature: 'source' });
    expect(some.reasons[0]?.mean_log_odds).toBeGreaterThan(0.2);
    expect((await backtest(fileOf(leadsOf(50)), { label: 'won', drop: ['id'] })).reasons).toEqual([]);
  });

  it('knows no outcome before its delay has passed', async () => {
    const late = await backtest(fileOf(leadsOf(300, ';')), { label: 'won', drop: ['id', 'source'], delay: 1000 });
    const never = await backtest(fileOf(leadsOf(300, ';').replaceAll('Yes', 'No').replace('No', 'Yes')), {
      label: 'won',
      drop: ['id', 'source'],
      delay: 1000,
    });
    expect(late.auc_once_learning).toBeNull();
    expect(late.calibration.map(part => part.predicted)).toEqual(never.calibration.map(part => part.predicted));
  });

  it('opens rows that were quoted whole, and leaves out what is broken or has no label', async () => {
    const text = 'a,b,won\nx,1,1\n"y,""2, or 3"",0"\nz,1\nq,1,\n"""y"\nx,1,1';
    expect(await backtest(fileOf(text), { label: 'won' })).toMatchObject({ rows: 3, positives: 2, left_out: 3 });
  });

  it('says what is wrong with a file, a column or a label', async () => {
    expect(await fault('a,won\n1,1\n2,0', { label: 'Won' })).toContain('did you mean "won"?');
    expect(await fault('a,won\n1,1\n2,0', { label: 'won', drop: ['nothing like it'] })).toContain(
      'the columns are a, won',
    );
    const wide = Array.from({ length: 50 }, (_, at) => `c${at}`).join(',');
    expect(await fault(`${wide}\n${wide}`, { label: 'nothing like it' })).toMatch(/c39 and 10 more$/);
    expect(await fault('a,won\n1,p\n2,q\n3,r', { label: 'won' })).toContain('--positive');
    expect(await fault('a,won\n1,p\n2,q', { label: 'won' })).toContain('--positive');
    expect(await fault('a,won\n1,p\n2,q', { label: 'won', positive: 'w' })).toContain('it is "p", "q"');
    const tenfold = Array.from({ length: 20 }, (_, at) => `${at},v${at % 10}`).join('\n');
    expect(await fault(`a,won\n${tenfold}`, { label: 'won', positive: 'w' })).toContain('is never "w"');
    expect(await fault(`a,won\n${tenfold}`, { label: 'won', positive: 'v9' })).toBe('none');
    expect(await fault('a,won\n1,1\n2,\n3,0', { label: 'won', positive: '' })).toContain('is never ""');
    expect(await fault('a,won\n1,1\n2,1', { label: 'won' })).toContain('nothing to learn');
    const enough = `a,won\n${'1,1\n2,0\n'.repeat(40)}`;
    expect(await fault(enough, { label: 'won', drop: ['a'] })).toBe('usage: no column is left to learn from; ');
    const columns = Array.from({ length: 401 }, (_, at) => `c${at}`).join(',');
    const wide_rows = `${columns}\n${'1,'.repeat(400)}1\n${'0,'.repeat(400)}0`;
    expect(await fault(wide_rows, { label: 'c0', delay: 10_001 })).toContain('at most 10000 rows');
    expect(await fault(wide_rows, { label: 'c0', delay: 10_000 })).toBe('none');
    await expect(backtest(join(folder, 'none.csv'), { label: 'won' })).rejects.toThrow('ENOENT');
  });
});

describe('AccuracyTally', () => {
  it('measures as over all rows at once', () => {
    const random = mulberry32(3);
    const rows = Array.from({ length: 2000 }, () => ({ score: 6 * (random() - 0.5), label: random() < 0.3 ? 1 : 0 }));
    const tally = new AccuracyTally();
    for (const { score, label } of rows) tally.add(score, label);
    const scores = (label: number): number[] => rows.filter(row => row.label === label).map(({ score }) => score);
    const result = tally.result();
    expect(result.auc).toBeCloseTo(auc(scores(1), scores(0)), 3);
    expect(result.calibration).toHaveLength(10);
    expect(result.calibration.reduce((sum, { rows }) => sum + rows, 0)).toBe(2000);
    expect(
      result.calibration.every((part, at, all) => at === 0 || part.predicted > (all[at - 1]?.predicted ?? 0)),
    ).toBe(true);
  });
});
