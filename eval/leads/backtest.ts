/** How well lead scores would have been learned from a table: each row in its order is predicted, and later learned from. */
import { MillraceError } from '../../lib/errors.ts';
import { type Prediction, TableLearner } from '../../lib/online/table-learner.ts';
import { tableRules } from '../../processors/customer/table-rules.ts';
import { type Accuracy, AccuracyTally } from './accuracy.ts';
import { positiveOf } from './label.ts';
import { type ColumnReason, ReasonTally } from './reasons.ts';
import { openTable, placesOf } from './table.ts';

export interface BacktestOptions {
  readonly label: string;
  /** Columns that must have no part: names of rows, and what became known only after the outcome. */
  readonly drop?: readonly string[];
  /** The label's value to predict, where the label does not say it by itself. */
  readonly positive?: string;
  /** So many rows after its own, a row's label becomes known. */
  readonly delay?: number;
  readonly progress?: (rows: number, fraction: number) => void;
}

export interface Backtest extends Accuracy {
  readonly label: string;
  readonly positive: string;
  readonly delay: number;
  /** Rows left out: without a label, or not as wide as the header. */
  readonly left_out: number;
  /** Over the rows that were predicted when at least one label was known; `auc` is over all. */
  readonly auc_once_learning: number | null;
  readonly reasons: readonly ColumnReason[];
}

/** Of rows that wait for their outcome: each is kept with its features, about 400 bytes a cell. */
const waiting_cells_max = 4_000_000;
const reasons_max = 15;
/** Reasons are collected from every so many rows: to say why takes longer than to score. */
const rows_a_reason = 5;

/** Throws MillraceError `usage` for a file, a column or a label that will not do. */
export async function backtest(file: string, options: BacktestOptions): Promise<Backtest> {
  const table = await openTable(file);
  const [label] = placesOf([options.label], table) as [number];
  const dropped = new Set([label, ...placesOf(options.drop ?? [], table)]);
  const positive = await positiveOf(table, label, options.positive);
  const places = table.columns.flatMap((_, at) => (dropped.has(at) ? [] : [at]));
  if (places.length === 0) throw new MillraceError('usage', 'no column is left to learn from');
  const columns = places.map(at => table.columns[at] as string);
  const rules = tableRules(columns);
  const learner = new TableLearner(columns, row => rules(row.cells));
  const [all, learning, reasons] = [new AccuracyTally(), new AccuracyTally(), new ReasonTally(columns)];
  const delay = options.delay ?? 0;
  const delay_max = Math.floor(waiting_cells_max / columns.length);
  if (delay > delay_max) {
    throw new MillraceError('usage', `${delay} rows of ${columns.length} columns are too many to keep`, {
      remedy: `a delay of at most ${delay_max} rows, or drop columns`,
    });
  }
  const waiting: { prediction: Prediction; outcome: number }[] = [];
  let [rows, left_out] = [0, 0];
  for await (const { cells, fraction } of table.rows()) {
    const stated = cells?.[label]?.trim() ?? '';
    if (cells === null || stated === '') {
      left_out++;
      continue;
    }
    const prediction = learner.predict(places.map(at => cells[at] as string));
    const outcome = stated === positive ? 1 : 0;
    all.add(prediction.log_odds, outcome);
    if (rows > delay) learning.add(prediction.log_odds, outcome);
    if (rows > delay && rows % rows_a_reason === 0) reasons.add(prediction.row, learner.explain(prediction));
    const at = rows % (delay + 1);
    const known = delay === 0 ? { prediction, outcome } : waiting[(rows + 1) % (delay + 1)];
    waiting[at] = { prediction, outcome };
    if (known) learner.learn(known.prediction, known.outcome);
    rows++;
    options.progress?.(rows, fraction);
  }
  return {
    label: options.label,
    positive,
    delay,
    left_out,
    ...all.result(),
    auc_once_learning: learning.result().auc,
    reasons: reasons.top(reasons_max),
  };
}
