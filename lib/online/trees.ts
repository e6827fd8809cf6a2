/**
 * Small boosted regression trees for log-odds (Friedman 2001, second-order steps as in XGBoost, Chen and Guestrin 2016), over binned columns, with rows and
 * columns drawn anew for each tree (Friedman 2002). A prediction is exactly the base plus a share for each column: every split on a row's way
 * moves the expected value from the parent's to the child's, and the difference is the split column's.
 */
import { sigmoid } from '../linear.ts';
import { mulberry32 } from '../random.ts';
import type { Cell } from './table-features.ts';

const trees = 150;
const depth_max = 4;
const rate = 0.04;
const rows_drawn = 0.7;
const columns_drawn = 0.35;
const leaf_rows_min = 10;
const l2 = 3;
/** More for a split by category: it is the best of very many. */
const category_l2 = 8;
const bins_max = 64;
const category_rows_min = 3;

/** How a column's cells fall into bins 0 to `count` − 1; bin 0 is everything else. */
interface Bins {
  readonly count: number;
  readonly ordered: boolean;
  of(cell: Cell): number;
}

interface Node {
  /** Its whole value, in log-odds: what a tree that ended here would say. */
  readonly value: number;
  readonly split: Split | null;
}

interface Split {
  readonly column: number;
  /** Whether a bin goes to the left. */
  readonly left_bins: Uint8Array;
  readonly left: Node;
  readonly right: Node;
}

/** `labels` are 0 or 1, one a row. */
export function fitTrees(rows: readonly (readonly Cell[])[], labels: readonly number[], seed: number): Trees {
  const bins = (rows[0] ?? []).map((_, column) => binsOf(rows.map(row => row[column] as Cell)));
  const binned = bins.map((each, column) => Uint8Array.from(rows, row => each.of(row[column] as Cell)));
  const positive = labels.reduce((sum, label) => sum + label, 0);
  const base = Math.log((positive + 1) / (labels.length - positive + 1));
  const scores = new Float64Array(rows.length).fill(base);
  const random = mulberry32(seed);
  const roots = Array.from({ length: trees }, () => {
    const root = new Growth(bins, binned, scores, labels, random).grow();
    for (let at = 0; at < scores.length; at++) scores[at] = (scores[at] as number) + leafOf(root, binned, at).value;
    return root;
  });
  return new Trees(base, bins, roots);
}

/** Is told what a column adds, in log-odds. */
export type ColumnShare = (column: number, log_odds: number) => void;

export class Trees {
  readonly #base: number;
  readonly #bins: readonly Bins[];
  readonly #roots: readonly Node[];

  constructor(base: number, bins: readonly Bins[], roots: readonly Node[]) {
    this.#base = base;
    this.#bins = bins;
    this.#roots = roots;
  }

  /** In log-odds. `share` is told what each column adds on the way; what is left of the score is nobody's. */
  score(cells: readonly Cell[], share?: ColumnShare): number {
    const found = this.#bins.map((bins, column) => Uint8Array.of(bins.of(cells[column] as Cell)));
    let score = this.#base;
    for (const root of this.#roots) score += leafOf(root, found, 0, share).value;
    return score;
  }
}

function leafOf(root: Node, binned: readonly Uint8Array[], row: number, share?: ColumnShare): Node {
  let node = root;
  while (node.split) {
    const { column, left_bins, left, right } = node.split;
    const next = left_bins[(binned[column] as Uint8Array)[row] as number] === 1 ? left : right;
    share?.(column, next.value - node.value);
    node = next;
  }
  return node;
}

function binsOf(cells: readonly Cell[]): Bins {
  const numbers = cells.map(({ number }) => number).filter(number => !Number.isNaN(number));
  const filled = cells.filter(({ text }) => text !== '').length;
  return numbers.length > 0 && numbers.length >= 0.7 * filled ? rankBins(numbers) : categoryBins(cells);
}

function rankBins(numbers: number[]): Bins {
  numbers.sort((a, b) => a - b);
  const quantile = (at: number): number => numbers[Math.floor((at * numbers.length) / (bins_max - 1))] as number;
  const borders = [...new Set(Array.from({ length: bins_max - 2 }, (_, at) => quantile(at + 1)))];
  const of = ({ number }: Cell): number => {
    if (Number.isNaN(number)) return 0;
    let low = 0;
    for (let high = borders.length; low < high; ) {
      const middle = (low + high) >> 1;
      if ((borders[middle] as number) < number) low = middle + 1;
      else high = middle;
    }
    return 1 + low;
  };
  return { count: borders.length + 2, ordered: true, of };
}

function categoryBins(cells: readonly Cell[]): Bins {
  const counts = new Map<string, number>();
  for (const { text } of cells) counts.set(text, (counts.get(text) ?? 0) + 1);
  const common = [...counts].filter(([, count]) => count >= category_rows_min).sort((a, b) => b[1] - a[1]);
  const bins = new Map(common.slice(0, bins_max - 1).map(([text], at) => [text, at + 1]));
  return { count: bins.size + 1, ordered: false, of: ({ text }) => bins.get(text) ?? 0 };
}

/** One tree's growth along the gradient of the log loss. */
class Growth {
  readonly #bins: readonly Bins[];
  readonly #binned: readonly Uint8Array[];
  readonly #gradients: Float64Array;
  readonly #curvatures: Float64Array;
  readonly #columns: readonly number[];
  readonly #bin_gradients = new Float64Array(bins_max + 1);
  readonly #bin_curvatures = new Float64Array(bins_max + 1);
  readonly #bin_rows = new Int32Array(bins_max + 1);
  readonly #rows: Int32Array;

  constructor(
    bins: readonly Bins[],
    binned: readonly Uint8Array[],
    scores: Float64Array,
    labels: readonly number[],
    random: () => number,
  ) {
    this.#bins = bins;
    this.#binned = binned;
    const expected = scores.map(sigmoid);
    this.#gradients = expected.map((share, at) => (labels[at] as number) - share);
    this.#curvatures = expected.map(share => share * (1 - share));
    this.#rows = Int32Array.from(labels.keys()).filter(() => random() < rows_drawn);
    const drawn = bins.flatMap((_, column) => (random() < columns_drawn ? [column] : []));
    this.#columns = drawn.length > 0 ? drawn : [Math.floor(random() * bins.length)];
  }

  grow(rows = this.#rows, depth = 0): Node {
    const sum = { gradient: 0, curvature: 0 };
    for (let at = 0; at < rows.length; at++) {
      sum.gradient += this.#gradients[rows[at] as number] as number;
      sum.curvature += this.#curvatures[rows[at] as number] as number;
    }
    const value = (rate * sum.gradient) / (sum.curvature + l2);
    const best = depth < depth_max && rows.length >= 2 * leaf_rows_min ? this.#bestSplit(rows, sum) : null;
    if (best === null) return { value, split: null };
    const bins = this.#binned[best.column] as Uint8Array;
    const left = side(rows, bins, best.left_bins, 1);
    const right = side(rows, bins, best.left_bins, 0);
    return { value, split: { ...best, left: this.grow(left, depth + 1), right: this.grow(right, depth + 1) } };
  }

  #bestSplit(
    rows: Int32Array,
    sum: { gradient: number; curvature: number },
  ): Pick<Split, 'column' | 'left_bins'> | null {
    const whole = sum.gradient ** 2 / (sum.curvature + l2);
    let best = { gain: 0, column: -1, left: new Uint8Array() };
    for (const column of this.#columns) {
      this.#count(rows, column);
      const { ordered } = this.#bins[column] as Bins;
      const order = this.#order(column);
      const damping = ordered ? l2 : category_l2;
      let [gradient, curvature, count] = [0, 0, 0];
      for (let at = 0; at < order.length - 1; at++) {
        const bin = order[at] as number;
        gradient += this.#bin_gradients[bin] as number;
        curvature += this.#bin_curvatures[bin] as number;
        count += this.#bin_rows[bin] as number;
        if (count < leaf_rows_min || rows.length - count < leaf_rows_min) continue;
        const other = (sum.gradient - gradient) ** 2 / (sum.curvature - curvature + damping);
        const gain = gradient ** 2 / (curvature + damping) + other - whole;
        if (gain > best.gain) best = { gain, column, left: order.slice(0, at + 1) };
      }
    }
    if (best.column < 0) return null;
    const left_bins = new Uint8Array(bins_max + 1);
    for (const bin of best.left) left_bins[bin] = 1;
    return { column: best.column, left_bins };
  }

  /** The bins that occur: by value, or categories by their mean. Of all ways to part those in two, the best lies along that order (Fisher 1958). */
  #order(column: number): Uint8Array {
    const { count, ordered } = this.#bins[column] as Bins;
    const order = new Uint8Array(count);
    let size = 0;
    for (let bin = 0; bin < count; bin++) if (this.#bin_rows[bin]) order[size++] = bin;
    const mean = (bin: number): number =>
      (this.#bin_gradients[bin] as number) / ((this.#bin_curvatures[bin] as number) + category_l2);
    const found = order.subarray(0, size);
    return ordered ? found : found.sort((a, b) => mean(a) - mean(b));
  }

  #count(rows: Int32Array, column: number): void {
    this.#bin_gradients.fill(0);
    this.#bin_curvatures.fill(0);
    this.#bin_rows.fill(0);
    const bins = this.#binned[column] as Uint8Array;
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at] as number;
      const bin = bins[row] as number;
      this.#bin_gradients[bin] = (this.#bin_gradients[bin] as number) + (this.#gradients[row] as number);
      this.#bin_curvatures[bin] = (this.#bin_curvatures[bin] as number) + (this.#curvatures[row] as number);
      this.#bin_rows[bin] = (this.#bin_rows[bin] as number) + 1;
    }
  }
}

/** The rows on one side of a split, in their order. */
function side(rows: Int32Array, bins: Uint8Array, left_bins: Uint8Array, left: number): Int32Array {
  const found = new Int32Array(rows.length);
  let size = 0;
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at] as number;
    if (left_bins[bins[row] as number] === left) found[size++] = row;
  }
  return found.subarray(0, size);
}
