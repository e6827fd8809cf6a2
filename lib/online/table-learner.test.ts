import { describe, expect, it } from 'vitest';
import { sigmoid } from '../linear.ts';
import { mulberry32 } from '../random.ts';
import { type Prediction, type Prior, TableLearner } from './table-learner.ts';

interface Row {
  readonly cells: readonly string[];
  readonly label: number;
}

/** Positive where source and size go together, which neither tells alone. */
function tableOf(rows: number, seed: number): Row[] {
  const random = mulberry32(seed);
  return Array.from({ length: rows }, () => {
    const [ad, size] = [random() < 0.5, Math.round(random() * 1000)];
    const likely = ad === size > 500 ? 0.9 : 0.1;
    return { cells: [ad ? 'ad' : 'web', String(size), random() < 0.2 ? '' : 'x'], label: random() < likely ? 1 : 0 };
  });
}

const columns = ['source', 'size', 'noise'];

/** Each row's label is told so many rows `late`. */
function run(rows: readonly Row[], prior?: Prior, late = 0): { learner: TableLearner; scores: number[] } {
  const learner = new TableLearner(columns, prior);
  const predictions: Prediction[] = [];
  rows.forEach(({ cells }, at) => {
    predictions.push(learner.predict(cells));
    const known = at - late;
    if (known >= 0) learner.learn(predictions[known] as Prediction, rows[known]?.label as number);
  });
  return { learner, scores: predictions.map(({ log_odds }) => log_odds) };
}

/** Misled in every row. */
const wrong: Prior = ({ cells }) => [
  { column: 1, log_odds: (cells[0]?.text === 'ad') === (cells[1]?.number ?? 0) > 500 ? -2 : 2 },
];

const rightOf = (rows: readonly Row[], scores: readonly number[]): number =>
  rows.filter(({ label }, at) => (scores[at] ?? 0) > 0 === (label === 1)).length / rows.length;

describe('TableLearner', () => {
  it('learns what two columns say only together', () => {
    const rows = tableOf(1500, 1);
    const { scores } = run(rows);
    expect(rightOf(rows.slice(1000), scores.slice(1000))).toBeGreaterThan(0.85);
  });

  it('scores a row the same whatever comes after it', () => {
    const rows = tableOf(300, 2);
    const others = [...rows.slice(0, 200), ...tableOf(100, 3).map(row => ({ ...row, label: 1 - row.label }))];
    expect(run(others).scores.slice(0, 201)).not.toEqual([]);
    expect(run(others).scores.slice(0, 200)).toEqual(run(rows).scores.slice(0, 200));
  });

  it('says why in shares that add up to the score', () => {
    const prior: Prior = ({ cells }) => (cells[0]?.text === 'ad' ? [{ column: 0, log_odds: 0.7 }] : []);
    const { learner } = run(tableOf(400, 4), prior);
    for (const cells of [
      ['ad', '900', ''],
      ['web', '12', 'x'],
      ['unseen', 'no number', 'x'],
    ]) {
      const prediction = learner.predict(cells);
      const sum = [...learner.explain(prediction).values()].reduce((total, share) => total + share, 0);
      expect(sum).toBeCloseTo(prediction.log_odds, 9);
    }
  });

  it('is the prior before it has learned, and gives a wrong one up', () => {
    const learner = new TableLearner(columns, wrong);
    expect(sigmoid(learner.predict(['ad', '100', 'x']).log_odds)).toBeCloseTo(sigmoid(-1 + 2), 6);
    const rows = tableOf(1500, 5);
    expect(rightOf(rows.slice(1000), run(rows, wrong).scores.slice(1000))).toBeGreaterThan(0.8);
  });

  it('is not held back by what it said of rows before their labels came', () => {
    const rows = tableOf(700, 5);
    expect(rightOf(rows.slice(400), run(rows, wrong, 300).scores.slice(400))).toBeGreaterThan(0.8);
  });

  it('survives hostile cells', () => {
    const rows = ['', '1e308', '-1e308', 'NaN', 'Infinity', '0x10', '\u0000', 'x'.repeat(100_000), '__proto__'];
    const { scores } = run(rows.map((text, at) => ({ cells: [text, text, text], label: at % 2 })));
    expect(scores.every(Number.isFinite)).toBe(true);
  });
});
