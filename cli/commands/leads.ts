import { type Command, InvalidArgumentError } from 'commander';
import type { Backtest } from '../../eval/leads/backtest.ts';
import { createProgress } from '../progress.ts';
import { count, print, printable, printJson, table } from '../terminal.ts';
import { withHelp } from './common.ts';

const notes = `
Rows are taken in the file's order, oldest first. Each is scored before it is learned from, and no later row has a part in its score.
Drop what names a row (an id) and what became known only after the outcome: with such columns any figure looks well.

Output:
  AUC          the probability that a row that came true was scored above one that did not
  log loss     mean, in nats; Brier: mean squared error of the probability
  calibration  by tenths of the rows: what was predicted, what came true; ECE is their mean distance
  reasons      columns, or two together (a × b), by how far they moved scores on average, in log-odds`;

/** `millrace leads backtest`: how well scores would have been learned from a table of leads. Needs no server. */
export function leads(program: Command): void {
  const group = program.command('leads').description('lead scores over tables of leads');
  const command = group
    .command('backtest')
    .description('say how well outcomes in a CSV file could have been foretold row by row; needs no server')
    .requiredOption('--data <file>', 'a CSV file with a header')
    .requiredOption('--label <column>', 'the column that holds the outcome')
    .option('--drop <columns>', 'columns to leave out, with commas between them', columnNames, [])
    .option('--positive <value>', 'the outcome to foretell, where the column does not say it by itself (yes, 1, won …)')
    .option('--delay <rows>', 'how many rows later an outcome becomes known', rowCount, 0)
    .option('--json', 'machine-readable output')
    .action(async ({ data, json, ...options }) => {
      const { backtest } = await import('../../eval/leads/backtest.ts');
      const progress = createProgress({ stream: process.stderr, env: process.env, now_ms: Date.now });
      try {
        const found = await backtest(data, {
          ...options,
          progress: (rows, fraction) => progress.update({ text: `${count(rows)} rows`, fraction }),
        });
        progress.end();
        if (json) printJson(found);
        else print(textOf(found));
      } finally {
        progress.end();
      }
    });
  command.addHelpText('after', notes);
  withHelp(command, {
    examples: [
      'millrace leads backtest --data leads.csv --label Converted --drop "Lead Number,Tags"',
      'millrace leads backtest --data customers.csv --label Churn --positive Yes --delay 500 --json',
    ],
  });
}

/** A name with a comma in it is quoted as in CSV: `a,"b, c"`. */
function columnNames(value: string): string[] {
  const names = [...value.matchAll(/"([^"]*)"|([^,]+)/g)].map(([, quoted, plain]) => (quoted ?? plain ?? '').trim());
  return names.filter(name => name !== '');
}

/** Rows that wait for their outcome are kept in memory. */
const delay_max = 20_000;

function rowCount(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isInteger(number) || number < 0 || number > delay_max) {
    throw new InvalidArgumentError(`a whole number from 0 to ${delay_max}`);
  }
  return number;
}

function textOf(found: Backtest): string {
  const { rows, positives, left_out, auc, auc_once_learning, delay } = found;
  const figure = (value: number | null): string => (value === null ? 'none' : value.toFixed(4));
  const late = delay === 0 ? '' : ` (${figure(auc_once_learning)} once the first outcome was known)`;
  const out = left_out === 0 ? '' : `, ${count(left_out)} rows left out`;
  return [
    printable(`${count(rows)} rows, ${count(positives)} with ${found.label} = ${found.positive}${out}`),
    `AUC ${figure(auc)}${late}  log loss ${figure(found.log_loss)}  Brier ${figure(found.brier)}  ECE ${figure(found.ece)}`,
    '',
    table(
      ['tenth', 'rows', 'predicted', 'came true'],
      found.calibration.map((part, at) => [
        String(at + 1),
        count(part.rows),
        percent(part.predicted),
        percent(part.actual),
      ]),
    ),
    '',
    found.reasons.length === 0
      ? 'no reasons: too few rows, or no column moved a score'
      : table(
          ['reason', 'log-odds', 'direction'],
          found.reasons.map(reason => [reason.feature, reason.mean_log_odds.toFixed(3), directionOf(reason)]),
        ),
  ].join('\n');
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function directionOf({ sign, value }: Backtest['reasons'][number]): string {
  if (sign === 0) return 'depends';
  const direction = sign > 0 ? 'raises' : 'lowers';
  return value === null ? `more of it ${direction}` : `${value === '' ? '(empty)' : value} ${direction}`;
}
