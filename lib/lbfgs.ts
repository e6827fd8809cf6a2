/** Limited-memory BFGS (Nocedal 1980; Nocedal & Wright, Numerical Optimization, algorithm 7.4) with a backtracking line search. */

export interface Minimisation {
  /** Of the function, at `x`; writes the gradient. */
  readonly valueAt: (x: Float64Array, gradient: Float64Array) => number;
  readonly iterations_max: number;
  /** Ends when an iteration lowers the value by less than this share of it. Default 1e-5. */
  readonly tolerance?: number;
  readonly told?: (iteration: number, value: number) => void;
}

const pairs_max = 6;
const halvings_max = 20;
/** Of the decrease that the slope promises (Armijo). */
const decrease_min = 1e-4;

/** Changes `x` to where the function is least; returns the value there. Deterministic. */
export function minimise(x: Float64Array, { valueAt, iterations_max, tolerance = 1e-5, told }: Minimisation): number {
  const history = new History(x.length);
  let gradient = new Float64Array(x.length);
  let next = new Float64Array(x.length);
  const at = new Float64Array(x.length);
  let value = valueAt(x, gradient);
  for (let iteration = 0; iteration < iterations_max; iteration++) {
    const direction = history.direction(gradient);
    const slope = dot(direction, gradient);
    if (slope >= 0) break;
    let step = iteration === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
    let lower = Number.POSITIVE_INFINITY;
    for (let tried = 0; tried < halvings_max; tried++, step /= 2) {
      for (let i = 0; i < x.length; i++) at[i] = x[i]! + step * direction[i]!;
      lower = valueAt(at, next);
      if (lower <= value + decrease_min * step * slope) break;
    }
    if (!(lower < value)) break;
    history.add(at, x, next, gradient);
    x.set(at);
    [gradient, next] = [next, gradient];
    told?.(iteration + 1, lower);
    const gain = value - lower;
    value = lower;
    if (gain < tolerance * Math.abs(value)) break;
  }
  return value;
}

/** The last steps and how the gradient changed along them, from which the curvature is known. */
class History {
  private readonly steps: Float64Array[] = [];
  private readonly changes: Float64Array[] = [];
  private readonly inverses: number[] = [];
  private readonly result: Float64Array;

  constructor(length: number) {
    this.result = new Float64Array(length);
  }

  add(to: Float64Array, from: Float64Array, gradient_to: Float64Array, gradient_from: Float64Array): void {
    const full = this.steps.length === pairs_max;
    const step = (full && this.steps.shift()) || new Float64Array(to.length);
    const change = (full && this.changes.shift()) || new Float64Array(to.length);
    if (full) this.inverses.shift();
    for (let i = 0; i < to.length; i++) {
      step[i] = to[i]! - from[i]!;
      change[i] = gradient_to[i]! - gradient_from[i]!;
    }
    const curvature = dot(step, change);
    if (curvature <= 1e-12) return;
    this.steps.push(step);
    this.changes.push(change);
    this.inverses.push(1 / curvature);
  }

  direction(gradient: Float64Array): Float64Array {
    const { result, steps, changes, inverses } = this;
    for (let i = 0; i < result.length; i++) result[i] = -gradient[i]!;
    const alphas: number[] = [];
    for (let k = steps.length - 1; k >= 0; k--) {
      alphas[k] = inverses[k]! * dot(steps[k]!, result);
      addScaled(result, changes[k]!, -alphas[k]!);
    }
    const last = steps.length - 1;
    if (last >= 0) {
      const scale = 1 / (inverses[last]! * dot(changes[last]!, changes[last]!));
      for (let i = 0; i < result.length; i++) result[i]! *= scale;
    }
    for (let k = 0; k < steps.length; k++) {
      addScaled(result, steps[k]!, alphas[k]! - inverses[k]! * dot(changes[k]!, result));
    }
    return result;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function addScaled(to: Float64Array, from: Float64Array, factor: number): void {
  for (let i = 0; i < to.length; i++) to[i]! += factor * from[i]!;
}
