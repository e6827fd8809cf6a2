/** How scores of several learners become one, in log-odds, and a calibrated one. */
import { sigmoid } from '../linear.ts';

/** The step of the members' shares: exponentiated gradient (Kivinen and Warmuth 1997). */
const mixing_rate = 0.05;
const calibration_rate = 0.02;
/** Of how many labels the recent shares of positives are the mean, about. */
const recent_labels = [20, 200];
const log_odds_max = 12;

/** Shares of the members, which sum to 1. Trees are the last member and have no say before they have grown. */
export class Mixing {
  #shares: number[];

  constructor(members: number) {
    this.#shares = Array.from({ length: members }, () => 1 / members);
  }

  shares(members: number): number[] {
    const present = this.#shares.slice(0, members);
    const sum = present.reduce((total, share) => total + share, 0);
    return present.map(share => share / sum);
  }

  mix(scores: readonly number[]): number {
    const shares = this.shares(scores.length);
    return scores.reduce((sum, score, at) => sum + score * (shares[at] as number), 0);
  }

  learn(scores: readonly number[], mixed: number, label: number): void {
    const error = sigmoid(mixed) - label;
    const present = this.#shares.slice(0, scores.length).reduce((sum, share) => sum + share, 0);
    const moved = this.shares(scores.length).map(
      (share, at) => share * Math.exp(-mixing_rate * error * clamp(scores[at] as number)),
    );
    const sum = moved.reduce((total, share) => total + share, 0);
    this.#shares = [...moved.map(share => (share / sum) * present), ...this.#shares.slice(scores.length)];
  }
}

/** The mixture's offset and slope, and what the newest labels say of the next: outcomes often come in runs. AdaGrad (Duchi et al. 2011). */
export class Calibration {
  readonly #weights = [0, 1, ...recent_labels.map(() => 0)];
  readonly #squares = this.#weights.map(() => 1);
  readonly #rates = recent_labels.map(() => 0.5);
  #positive = 0;
  #count = 0;

  get scale(): number {
    return this.#weights[1] as number;
  }

  /** How much likelier than over all, in log-odds, a positive was of late. */
  recent(): number[] {
    const all = logit((this.#positive + 1) / (this.#count + 2));
    return this.#rates.map((rate, at) =>
      this.#count < (recent_labels[at] as number) ? 0 : logit(0.02 + 0.96 * rate) - all,
    );
  }

  apply(mixed: number, recent: readonly number[]): number {
    return this.#inputs(mixed, recent).reduce((sum, input, at) => sum + input * (this.#weights[at] as number), 0);
  }

  learn(mixed: number, recent: readonly number[], label: number): void {
    const error = sigmoid(clamp(this.apply(mixed, recent))) - label;
    this.#inputs(clamp(mixed), recent).forEach((input, at) => {
      const gradient = error * input;
      this.#squares[at] = (this.#squares[at] as number) + gradient * gradient;
      const step = (calibration_rate * gradient) / Math.sqrt((this.#squares[at] as number) / 10);
      this.#weights[at] = (this.#weights[at] as number) - step;
    });
    this.#positive += label;
    this.#count++;
    recent_labels.forEach((labels, at) => {
      const rate = this.#rates[at] as number;
      this.#rates[at] = rate + (label - rate) / Math.min(this.#count, labels);
    });
  }

  #inputs = (mixed: number, recent: readonly number[]): number[] => [1, mixed, ...recent];
}

const clamp = (log_odds: number): number => Math.max(-log_odds_max, Math.min(log_odds_max, log_odds));
const logit = (share: number): number => Math.log(share / (1 - share));
