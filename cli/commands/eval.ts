import { statSync } from 'node:fs';
import type { Command } from 'commander';
import type { CurveRun } from '../../eval/curves/run.ts';
import { MillraceError } from '../../lib/errors.ts';
import { print, say } from '../terminal.ts';
import { withHelp } from './common.ts';

export function evaluate(program: Command): void {
  const command = program
    .command('eval')
    .description('measure the mail models on labelled data; eval/README.md says what the folder holds')
    .requiredOption('--data <dir>', 'the folder')
    .option(
      '--curves',
      'quality by the number of training examples instead: whether more of them would help (about a quarter of an hour)',
    )
    .option('--vectors <file>', 'with --curves, vectors of words for the sentiment model, as millrace train takes them')
    .option('--json', 'a JSON value a line')
    .action(async ({ data, curves, vectors, json }) => {
      if (!statSync(data, { throwIfNoEntry: false })?.isDirectory()) {
        throw new MillraceError('usage', `${data}: no such folder`);
      }
      if (curves) return printCurves({ data, vectors, say }, json);
      const { measure } = await import('../../eval/run.ts');
      const { rowOf } = await import('../../eval/figure.ts');
      for await (const figure of measure(data)) {
        print(json ? JSON.stringify(figure) : rowOf(figure));
      }
    });
  withHelp(command, { examples: ['millrace eval --data ~/labelled', 'millrace eval --data ~/labelled --curves'] });
}

async function printCurves(run: CurveRun, json: boolean): Promise<void> {
  const { curves } = await import('../../eval/curves/run.ts');
  const { curveRowOf } = await import('../../eval/curves/curve.ts');
  for await (const curve of curves(run)) print(json ? JSON.stringify(curve) : curveRowOf(curve));
}
