/** Lead outcomes by rows taught: what a learner makes of so many at once, and of each thousand as they come. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Prediction, TableLearner } from '../../lib/online/table-learner.ts';
import { tableRules } from '../../processors/customer/table-rules.ts';
import { bootstrap, shuffled } from '../draws.ts';
import { lead_tables } from '../leads/figures.ts';
import { positiveOf } from '../leads/label.ts';
import { openTable, placesOf } from '../leads/table.ts';
import { aucOf, type Scored } from '../measures.ts';
import { type Curve, measured_share, pointOf, taught_shares } from './curve.ts';
import type { CurveRun } from './run.ts';

const draws = 3;
const block_rows = 1_000;
const delays = [0, 500];

interface Row {
  readonly cells: readonly string[];
  readonly positive: boolean;
}

interface LeadRows {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

export async function* leadCurves({ data, say }: CurveRun): AsyncGenerator<Curve> {
  for (const spec of lead_tables) {
    const path = join(data, 'leads', spec.file);
    if (!existsSync(path)) continue;
    say(`lead outcomes of ${spec.file}`);
    const table = await read(path, spec);
    yield { what: 'lead outcome, rows at once', data: spec.file, measure: 'AUC', points: atOnce(table) };
    for (const delay of delays) {
      const what = `lead outcome, each thousand as it comes${delay === 0 ? '' : `, known ${delay} rows late`}`;
      yield { what, data: spec.file, measure: 'AUC', points: inOrder(table, delay) };
    }
  }
}

async function read(path: string, { label, drop }: (typeof lead_tables)[number]): Promise<LeadRows> {
  const table = await openTable(path);
  const [outcome] = placesOf([label], table) as [number];
  const positive = await positiveOf(table, outcome, undefined);
  const dropped = new Set([outcome, ...placesOf(drop, table)]);
  const places = table.columns.flatMap((_, at) => (dropped.has(at) ? [] : [at]));
  const rows: Row[] = [];
  for await (const { cells } of table.rows()) {
    if (!cells) continue;
    rows.push({ cells: places.map(at => cells[at]!), positive: cells[outcome]!.trim() === positive });
  }
  return { columns: places.map(at => table.columns[at]!), rows };
}

function learnerOf(columns: readonly string[]): TableLearner {
  const rules = tableRules(columns);
  return new TableLearner(columns, row => rules(row.cells));
}

/** Of a shuffled table a part is taught; the last fifth is foretold by what was learnt, and not learnt from. */
function atOnce({ columns, rows }: LeadRows): Curve['points'] {
  const aucs = Array.from({ length: draws }, (_, draw) => {
    const order = shuffled(rows, draw + 1);
    const measured = order.slice(Math.ceil(rows.length * (1 - measured_share)));
    return taught_shares.map(share => {
      const learner = learnerOf(columns);
      for (const { cells, positive } of order.slice(0, Math.floor(rows.length * share))) {
        learner.learn(learner.predict(cells), positive ? 1 : 0);
      }
      return aucOf(measured.map(({ cells, positive }) => [positive, learner.predict(cells).log_odds]));
    });
  });
  return taught_shares.map((share, at) =>
    pointOf(
      Math.floor(rows.length * share),
      aucs.map(each => each[at]!),
    ),
  );
}

/** In the table's order, each row foretold before it is learnt from; the error is of the rows measured. */
function inOrder({ columns, rows }: LeadRows, delay: number): Curve['points'] {
  const learner = learnerOf(columns);
  const predictions: Prediction[] = [];
  rows.forEach(({ cells }, at) => {
    predictions.push(learner.predict(cells));
    const known = at - delay;
    if (known >= 0) learner.learn(predictions[known]!, rows[known]!.positive ? 1 : 0);
  });
  const scored = rows.map(({ positive }, at): Scored => [positive, predictions[at]!.log_odds]);
  return Array.from({ length: Math.floor(rows.length / block_rows) }, (_, block) => {
    const part = scored.slice(block * block_rows, (block + 1) * block_rows);
    const taught = Math.max(0, block * block_rows - delay);
    return { taught, mean: aucOf(part), error: bootstrap(part, aucOf).error };
  });
}
