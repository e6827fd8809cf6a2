import { describe, expect, it } from 'vitest';
import { sigmoid } from '../lib/linear.ts';
import { type Contribution, explain } from './explain.ts';

const because = (feature: string, log_odds: number): Contribution => ({
  feature,
  value: '',
  log_odds,
  evidence_id: '',
});

describe('explain', () => {
  it('adds the bias and the reasons up to the log-odds, exactly', () => {
    const { bias, log_odds, reasons } = explain(-1.3, [because('a', 0.1), because('b', 0.2), because('c', -1 / 3)]);
    expect(reasons.reduce((sum, each) => sum + each.log_odds, bias)).toBe(log_odds);
  });

  it.each([[[2.5, -0.4, 0.3]], [[-3, 1]], [[1, -1]], [[]]])('shares out all points: %j', shares => {
    const { score, log_odds, reasons } = explain(
      -1,
      shares.map((share, at) => because(`f${at}`, share)),
    );
    const points = reasons.reduce((sum, each) => sum + each.points, 100 * sigmoid(-1));
    expect(points).toBeCloseTo(100 * sigmoid(log_odds), 9);
    expect(Math.abs(points - score)).toBeLessThanOrEqual(0.5);
  });

  it('gives points the sign of their log-odds, however low the score', () => {
    const { reasons } = explain(-2, [because('for', 0.5), because('against', -3)]);
    expect(reasons.map(({ feature, points }) => [feature, Math.sign(points)])).toEqual([
      ['against', -1],
      ['for', 1],
    ]);
  });

  it('leaves out what would print as zero', () => {
    expect(explain(0, [because('nothing', 0.0001)]).reasons).toEqual([]);
  });
});
