/** Which columns a learner's scores were made of, over many rows. */
import type { TableRow } from '../../lib/online/table-features.ts';

export interface ColumnReason {
  /** A column, or two of them that say more together. */
  readonly feature: string;
  /** Mean distance, in log-odds, from what the feature adds on average. */
  readonly mean_log_odds: number;
  /** 1: more of it, or the value named, raises the score; −1: lowers it; 0: depends. */
  readonly sign: number;
  /** Of a column of texts, the value that moved the scores most; of numbers, null. */
  readonly value: string | null;
}

interface Term {
  rows: number;
  sum: number;
  distance: number;
  /** How what it adds goes with the number's rank. */
  ordered: number;
  readonly values: Map<string, number>;
}

const values_max = 64;
/** Before there is a mean to be distant from, everything would look like a reason. */
const settling_rows = 20;

export class ReasonTally {
  readonly #columns: readonly string[];
  readonly #terms = new Map<number, Term>();

  constructor(columns: readonly string[]) {
    this.#columns = columns;
  }

  /** `shares` by term, as a `TableLearner` explains a row. */
  add({ cells }: TableRow, shares: ReadonlyMap<number, number>): void {
    for (const [at, log_odds] of shares) {
      if (at < 0) continue;
      const term = this.#terms.get(at) ?? { rows: 0, sum: 0, distance: 0, ordered: 0, values: new Map() };
      this.#terms.set(at, term);
      term.rows++;
      term.sum += log_odds;
      const moved = term.rows < settling_rows ? 0 : log_odds - term.sum / term.rows;
      term.distance += Math.abs(moved);
      const cell = cells[at];
      if (cell && !Number.isNaN(cell.number)) term.ordered += moved * (cell.rank - 0.5);
      else if (cell) tally(term, cell.text, moved);
    }
  }

  /** The strongest first; none of what never moved a score, nor of a table with too few rows to tell. */
  top(count: number): ColumnReason[] {
    const reasons = [...this.#terms].map(([at, term]) => this.#reason(at, term));
    return reasons
      .filter(({ mean_log_odds }) => mean_log_odds > 0)
      .sort((a, b) => b.mean_log_odds - a.mean_log_odds)
      .slice(0, count);
  }

  #reason(at: number, term: Term): ColumnReason {
    const width = this.#columns.length;
    const mean_log_odds = term.distance / Math.max(1, term.rows - settling_rows + 1);
    const name = (column: number): string => this.#columns[column] ?? '';
    if (at >= width) {
      return {
        feature: `${name(Math.floor(at / width) - 1)} × ${name(at % width)}`,
        mean_log_odds,
        sign: 0,
        value: null,
      };
    }
    const [value, most] = [...term.values].reduce<[string | null, number]>(
      (best, [text, sum]) => (Math.abs(sum) > Math.abs(best[1]) ? [text, sum] : best),
      [null, 0],
    );
    const told =
      Math.abs(most) > Math.abs(term.ordered)
        ? { sign: Math.sign(most), value }
        : { sign: Math.sign(term.ordered), value: null };
    return { feature: name(at), mean_log_odds, ...told };
  }
}

function tally({ values }: Term, text: string, moved: number): void {
  const sum = values.get(text);
  if (sum !== undefined || values.size < values_max) values.set(text, (sum ?? 0) + moved);
}
