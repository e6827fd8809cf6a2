import { mulberry32 } from '../random.ts';

const sample_max = 1024;

/** Where a value stands among those before it, from an even sample of them (Vitter's algorithm R, 1985): bounded, and good to about 0.02. */
export class RankSample {
  readonly #values: number[] = [];
  readonly #random: () => number;
  #seen = 0;

  constructor(seed: number) {
    this.#random = mulberry32(seed);
  }

  get seen(): number {
    return this.#seen;
  }

  /** The share of values below, those equal counting half: 0 to 1; 0.5 before the first. */
  rank(value: number): number {
    const values = this.#values;
    return values.length === 0
      ? 0.5
      : (firstAt(values, value, false) + firstAt(values, value, true)) / 2 / values.length;
  }

  add(value: number): void {
    this.#seen++;
    const values = this.#values;
    if (values.length >= sample_max) {
      if (this.#random() * this.#seen >= sample_max) return;
      values.splice(Math.floor(this.#random() * values.length), 1);
    }
    values.splice(firstAt(values, value, false), 0, value);
  }
}

/** The first place with a value that is not below, or `above`, the one asked for. */
function firstAt(sorted: readonly number[], value: number, above: boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const each = sorted[middle] as number;
    if (each < value || (above && each === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}
