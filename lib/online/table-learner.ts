/**
 * Learns which rows of a table come to be positive, one at a time, and says why. Several learners are mixed in log-odds, so what a column adds is a
 * sum of what it adds in each: three linear ones (`ftrl.ts`) that differ in how much they trust pairs of columns, and trees (`trees.ts`)
 * that are grown anew as rows come in. Nothing that comes later than a row has a part in its prediction.
 */

import { mulberry32 } from '../random.ts';
import { Ftrl, type SparseRow } from './ftrl.ts';
import { features_max } from './hash.ts';
import { Calibration, Mixing } from './mixture.ts';
import { type Kind, kinds, TableFeatures, type TableRow } from './table-features.ts';
import { fitTrees, type Trees } from './trees.ts';

interface LinearOptions {
  readonly alpha: number;
  /** Past rows learned once more with each new one: experience replay (Lin 1992). */
  readonly replayed: number;
  /** What each kind of features may weigh: the prior variance that all of a kind add to a score. */
  readonly shares: Readonly<Partial<Record<Kind, number>>>;
}

const linear_options: readonly LinearOptions[] = [
  { alpha: 0.05, replayed: 3, shares: { category: 8, bucket: 3, exact: 1, step: 4, slope: 4 } },
  {
    alpha: 0.06,
    replayed: 2,
    shares: { category: 8, bucket: 3, step: 4, slope: 4, pair: 12, profile: 2 },
  },
  {
    alpha: 0.05,
    replayed: 1,
    shares: { category: 4, bucket: 2, exact: 1, step: 2, slope: 2, pair: 10, pair_fine: 10, profile: 4 },
  },
];

/** The newest labelled rows, which are replayed and grow trees: so many, and fewer of a wide table, whose rows are large. */
const remembered_max = 20_000;
const remembered_min = 200;
const remembered_features_max = 10_000_000;
const first_trees_rows = 50;
/** Trees are grown anew when so many more rows are labelled. */
const trees_growth = 0.2;

/** What is believed of a row before anything was learned: what a column adds, in log-odds. */
export type Prior = (row: TableRow) => readonly { readonly column: number; readonly log_odds: number }[];

export interface Prediction {
  readonly row: TableRow;
  readonly prior: ReturnType<Prior>;
  /** Of each member, in log-odds, when so many labels were known. */
  readonly scores: readonly number[];
  readonly labels: number;
  readonly recent: readonly number[];
  readonly log_odds: number;
}

const prior_feature = features_max;
const start_feature = features_max + 1;
/** Of a row of which nothing is known: about a quarter come to be positive. */
const start_log_odds = -1;

/** The part of a score that belongs to no column: where it began, and how the newest labels differ from all. */
export const common_term = -1;

export class TableLearner {
  readonly #features: TableFeatures;
  readonly #prior: Prior;
  readonly #linear = linear_options.map(options => new LinearMember(options));
  readonly #mixing = new Mixing(linear_options.length + 1);
  readonly #calibration = new Calibration();
  readonly #remembered: Remembered[] = [];
  readonly #random = mulberry32(1);
  #trees: Trees | null = null;
  #room: number | null = null;
  #labels = 0;
  #next_trees = first_trees_rows;

  constructor(columns: readonly string[], prior: Prior = () => []) {
    this.#features = new TableFeatures(columns);
    this.#prior = prior;
  }

  /** Cells in the order of the columns. Counts as having seen the row, so that it is to be called once a row, in their order. */
  predict(cells: readonly string[]): Prediction {
    const row = this.#features.encode(cells);
    this.#features.observe(row);
    const prior = this.#prior(row);
    const scores = this.#scores(row, sumOf(prior));
    const recent = this.#calibration.recent();
    const log_odds = this.#calibration.apply(this.#mixing.mix(scores), recent);
    return { row, prior, scores, labels: this.#labels, recent, log_odds };
  }

  /**
   * `label` is 0 or 1, of a row that was predicted earlier; any number of other rows may have been predicted since. The members are asked
   * again: what they said of a row whose label comes late, when they knew less, says nothing of how far to trust them now.
   */
  learn({ row, prior, scores: said, labels, recent }: Prediction, label: number): void {
    const before = sumOf(prior);
    const scores = labels === this.#labels ? said : this.#scores(row, before);
    const mixed = this.#mixing.mix(scores);
    this.#mixing.learn(scores, mixed, label);
    this.#calibration.learn(mixed, recent, label);
    this.#remember({ row, prior: before, label });
    for (const member of this.#linear) {
      member.learn(row, before, label);
      for (let at = 0; at < member.options.replayed; at++) {
        // From the oldest on. The square root: the newest is replayed about twice as often as one in the middle, since the world moves on.
        const place = Math.floor(Math.sqrt(this.#random()) * this.#remembered.length);
        const past = this.#remembered[(this.#labels + place) % this.#remembered.length];
        if (past) member.learn(past.row, past.prior, past.label);
      }
    }
    if (this.#labels >= this.#next_trees) this.#growTrees();
  }

  /** What each term of the row adds (`TableRow.terms`), by the present weights: they sum to the score, `common_term` with them. */
  explain({ row, prior, recent }: Prediction): Map<number, number> {
    const terms = new Map<number, number>();
    const add = (term: number, log_odds: number): void => void terms.set(term, (terms.get(term) ?? 0) + log_odds);
    const shares = this.#mixing.shares(this.#linear.length + (this.#trees ? 1 : 0));
    const scale = this.#calibration.scale;
    this.#linear.forEach((member, at) => {
      member.explain(row, prior, (term, log_odds) => add(term, scale * (shares[at] as number) * log_odds));
    });
    if (this.#trees) {
      const share = scale * (shares.at(-1) as number);
      let told = 0;
      const score = this.#trees.score(row.cells, (column, log_odds) => {
        told += log_odds;
        add(column, share * log_odds);
      });
      add(common_term, share * (score - told));
    }
    add(common_term, this.#calibration.apply(0, recent));
    return terms;
  }

  /** Of each member, in log-odds. */
  #scores(row: TableRow, prior: number): number[] {
    const linear = this.#linear.map(member => member.score(row, prior));
    return this.#trees ? [...linear, this.#trees.score(row.cells)] : linear;
  }

  #remember(example: Remembered): void {
    const room = Math.floor(remembered_features_max / Math.max(1, example.row.ids.length));
    this.#room ??= Math.max(remembered_min, Math.min(remembered_max, room));
    this.#remembered[this.#labels % this.#room] = example;
    this.#labels++;
  }

  #growTrees(): void {
    const rows = this.#remembered.map(({ row }) => row.cells);
    this.#trees = fitTrees(
      rows,
      this.#remembered.map(({ label }) => label),
      this.#labels,
    );
    this.#next_trees = this.#labels + Math.max(25, Math.floor(this.#remembered.length * trees_growth));
  }
}

interface Remembered {
  readonly row: TableRow;
  readonly prior: number;
  readonly label: number;
}

const sumOf = (prior: ReturnType<Prior>): number => prior.reduce((sum, { log_odds }) => sum + log_odds, 0);

/** A linear learner that begins with the prior as it is, and learns how far to trust it. */
class LinearMember {
  readonly options: LinearOptions;
  readonly #ftrl: Ftrl;
  readonly #scales: readonly number[];

  constructor(options: LinearOptions) {
    this.options = options;
    this.#ftrl = new Ftrl(features_max + 2, { alpha: options.alpha, beta: 1, l2: 1 });
    this.#ftrl.start(prior_feature, 1);
    this.#ftrl.start(start_feature, start_log_odds);
    this.#scales = kinds.map(kind => Math.sqrt(options.shares[kind] ?? 0));
  }

  score(row: TableRow, prior: number): number {
    return this.#ftrl.score(this.#scaled(row, prior));
  }

  learn(row: TableRow, prior: number, label: number): void {
    this.#ftrl.learn(this.#scaled(row, prior), label);
  }

  explain(row: TableRow, prior: ReturnType<Prior>, share: (term: number, log_odds: number) => void): void {
    share(common_term, this.#ftrl.weight(start_feature));
    for (const { column, log_odds } of prior) share(column, log_odds * this.#ftrl.weight(prior_feature));
    let from = 0;
    row.ends.forEach((end, kind) => {
      const scale = this.#scales[kind] as number;
      for (let at = from; at < end; at++) {
        const log_odds = this.#ftrl.weight(row.ids[at] as number) * (row.values[at] as number) * scale;
        if (log_odds !== 0) share(row.terms[at] as number, log_odds);
      }
      from = end;
    });
  }

  /** The features of the kinds that this member knows, at its scales. */
  #scaled({ ids, values, ends }: TableRow, prior: number): SparseRow {
    const size = ends.reduce((sum, end, kind) => sum + (this.#scales[kind] ? end - (ends[kind - 1] ?? 0) : 0), 0);
    const scaled = { ids: new Int32Array(size + 2), values: new Float64Array(size + 2) };
    scaled.ids.set([prior_feature, start_feature]);
    scaled.values.set([prior, 1]);
    let to = 2;
    let from = 0;
    ends.forEach((end, kind) => {
      const scale = this.#scales[kind] as number;
      for (let at = from; scale > 0 && at < end; at++, to++) {
        scaled.ids[to] = ids[at] as number;
        scaled.values[to] = (values[at] as number) * scale;
      }
      from = end;
    });
    return scaled;
  }
}
