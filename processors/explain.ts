import { sigmoid } from '../lib/linear.ts';
import type { Reason } from '../schemas/generated.ts';

/** One feature's share of a logistic score, before it is turned into points. */
export interface Contribution {
  readonly feature: string;
  /** What was seen, for a reader. */
  readonly value: string;
  readonly log_odds: number;
  /** The mail or interaction behind it; empty for a standing property. */
  readonly evidence_id: string;
}

/** A logistic score with its reasons. `log_odds` is exactly `bias` plus the reasons' `log_odds`, added in their order. */
export interface Explained {
  /** 0 to 100, the probability in percent, rounded. */
  readonly score: number;
  readonly log_odds: number;
  readonly bias: number;
  /** Strongest first. */
  readonly reasons: Reason[];
}

/** Shares smaller than this would print as zero beside the others, so they are left out of the score too. */
const log_odds_min = 0.001;

/**
 * Adds contributions up to a score and shares its points out.
 *
 * The rule from log-odds to points: the bias alone is worth 100·σ(bias) points, and what the reasons add to that,
 * 100·σ(log_odds) − 100·σ(bias), is shared among them in proportion to their log-odds. This is the integrated gradient
 * of the score along the straight line from the bias (Sundararajan et al. 2017), so a reason's points always have the sign of
 * its log-odds. The bias's points plus the reasons' points are the unrounded score; whoever shows whole numbers takes
 * `score − Σ points` for the bias, which differs from 100·σ(bias) by less than 0.5.
 */
export function explain(bias: number, contributions: readonly Contribution[]): Explained {
  const kept = contributions
    .map(each => ({ ...each, log_odds: roundLogOdds(each.log_odds) }))
    .filter(each => Math.abs(each.log_odds) >= log_odds_min)
    .sort((a, b) => Math.abs(b.log_odds) - Math.abs(a.log_odds) || compare(a.feature, b.feature));
  const log_odds = kept.reduce((sum, each) => sum + each.log_odds, bias);
  const points = pointsPerLogOdds(bias, log_odds);
  return {
    score: Math.round(100 * sigmoid(log_odds)),
    log_odds,
    bias,
    reasons: kept.map(each => ({
      feature: each.feature,
      value: each.value,
      log_odds: each.log_odds,
      points: each.log_odds * points,
      evidence_id: each.evidence_id,
    })),
  };
}

/** The slope of the chord from the bias to the sum; where they meet, of the tangent. */
function pointsPerLogOdds(bias: number, log_odds: number): number {
  const base = sigmoid(bias);
  const moved = log_odds - bias;
  return Math.abs(moved) < 1e-9 ? 100 * base * (1 - base) : (100 * (sigmoid(log_odds) - base)) / moved;
}

/** Four decimals, so that the numbers a reader sees are the numbers that were added. */
export function roundLogOdds(log_odds: number): number {
  return Math.round(log_odds * 10_000) / 10_000;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
