/** Draws that repeat with their seed, and what they say of a figure's uncertainty. */
import { mulberry32 } from '../lib/random.ts';

/** In an order that the seed decides (Fisher and Yates's); the items themselves stay. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = mulberry32(seed);
  const order = [...items];
  for (let at = order.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  return order;
}

export interface Spread {
  readonly mean: number;
  /** Standard error of the mean; 0 of a single value. */
  readonly error: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
  const squares = values.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  return { mean, error: values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1) / values.length) };
}

export interface Interval {
  readonly low: number;
  readonly high: number;
  /** Standard error. */
  readonly error: number;
}

const bootstrap_draws = 1_000;

/**
 * The 95 % percentile interval of a figure: what it comes to on samples of the examples, drawn with replacement (Efron 1979). It says how far
 * another sample of that size would lie, not what other training examples would have changed.
 */
export function bootstrap<T>(examples: readonly T[], figure: (sample: readonly T[]) => number): Interval {
  const random = mulberry32(1);
  const draw = (): T => examples[Math.floor(random() * examples.length)]!;
  const values = Array.from({ length: bootstrap_draws }, () => figure(examples.map(draw)))
    .filter(value => !Number.isNaN(value))
    .sort((a, b) => a - b);
  const { mean } = spreadOf(values);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const at = (share: number): number => values[Math.round(share * (values.length - 1))]!;
  return { low: at(0.025), high: at(0.975), error: Math.sqrt(variance) };
}
