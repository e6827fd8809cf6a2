/** Quality against the number of examples that were taught: whether more of them would help. */
import { type Spread, spreadOf } from '../draws.ts';
import type { Figure } from '../figure.ts';

export interface CurvePoint extends Spread {
  /** Training examples. */
  readonly taught: number;
}

export interface Curve extends Pick<Figure, 'what' | 'data' | 'measure'> {
  readonly points: readonly CurvePoint[];
}

/** Of the examples there are; the last fifth is measured on. */
export const taught_shares = [0.1, 0.2, 0.4, 0.6, 0.8];
export const measured_share = 0.2;

/** One value a draw. */
export function pointOf(taught: number, values: readonly number[]): CurvePoint {
  return { taught, ...spreadOf(values) };
}

/** As a line of a Markdown table: each point as `taught: mean ± standard error`. */
export function curveRowOf({ what, data, measure, points }: Curve): string {
  const cells = points.map(({ taught, mean, error }) => `${taught}: ${mean.toFixed(3)} ± ${error.toFixed(3)}`);
  return `| ${[what, data, measure, ...cells].join(' | ')} |`;
}
