import { sigmoid } from '../../lib/linear.ts';

export interface CalibrationPart {
  readonly rows: number;
  /** Mean predicted and actual share of positives, 0 to 1. */
  readonly predicted: number;
  readonly actual: number;
}

export interface Accuracy {
  readonly rows: number;
  readonly positives: number;
  /** Null where all rows are of one kind. */
  readonly auc: number | null;
  /** Mean, in nats. */
  readonly log_loss: number;
  readonly brier: number;
  /** Expected calibration error: the mean distance of predicted and actual over the tenths, weighed by their rows. */
  readonly ece: number;
  /** Ten parts of about equally many rows, from the least likely to the likeliest. */
  readonly calibration: readonly CalibrationPart[];
}

/** Log-odds are told apart to 1/1024 between −16 and 16; what is nearer counts as a tie. */
const bins = 2 ** 15;
const log_odds_max = 16;
const probability_min = 1e-6;
const parts = 10;

/** Measures predictions of any number in the memory of a few. */
export class AccuracyTally {
  readonly #positive = new Float64Array(bins);
  readonly #negative = new Float64Array(bins);
  readonly #predicted = new Float64Array(bins);
  #log_loss = 0;
  #brier = 0;

  /** `label` is 0 or 1. */
  add(log_odds: number, label: number): void {
    const place = (Math.max(-log_odds_max, Math.min(log_odds_max, log_odds)) / log_odds_max + 1) / 2;
    const bin = Math.min(bins - 1, Math.floor(place * bins));
    const probability = Math.max(probability_min, Math.min(1 - probability_min, sigmoid(log_odds)));
    const counts = label === 1 ? this.#positive : this.#negative;
    counts[bin] = (counts[bin] as number) + 1;
    this.#predicted[bin] = (this.#predicted[bin] as number) + probability;
    this.#log_loss -= Math.log(label === 1 ? probability : 1 - probability);
    this.#brier += (probability - label) ** 2;
  }

  result(): Accuracy {
    const positives = sumOf(this.#positive);
    const rows = positives + sumOf(this.#negative);
    const calibration = this.#calibration(rows);
    const distance = calibration.reduce((sum, part) => sum + part.rows * Math.abs(part.predicted - part.actual), 0);
    const pairs = positives * (rows - positives);
    return {
      rows,
      positives,
      auc: pairs === 0 ? null : this.#pairsInOrder() / pairs,
      log_loss: this.#log_loss / rows,
      brier: this.#brier / rows,
      ece: distance / rows,
      calibration,
    };
  }

  #pairsInOrder(): number {
    let below = 0;
    let pairs = 0;
    for (let bin = 0; bin < bins; bin++) {
      const negative = this.#negative[bin] as number;
      pairs += (this.#positive[bin] as number) * (below + negative / 2);
      below += negative;
    }
    return pairs;
  }

  /** A bin is in the part that its last row is in. */
  #calibration(rows: number): CalibrationPart[] {
    const sums = Array.from({ length: parts }, () => ({ rows: 0, predicted: 0, positive: 0 }));
    let before = 0;
    for (let bin = 0; bin < bins; bin++) {
      const here = (this.#positive[bin] as number) + (this.#negative[bin] as number);
      const part = sums[Math.min(parts - 1, Math.floor((parts * (before + here / 2)) / rows))];
      if (here === 0 || !part) continue;
      part.rows += here;
      part.predicted += this.#predicted[bin] as number;
      part.positive += this.#positive[bin] as number;
      before += here;
    }
    const filled = sums.filter(part => part.rows > 0);
    return filled.map(part => ({
      rows: part.rows,
      predicted: part.predicted / part.rows,
      actual: part.positive / part.rows,
    }));
  }
}

const sumOf = (counts: Float64Array): number => counts.reduce((sum, count) => sum + count, 0);
