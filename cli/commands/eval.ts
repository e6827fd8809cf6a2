import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { MillraceError } from '../../lib/errors.ts';
import { print } from '../terminal.ts';
import { withHelp } from './common.ts';

export function evaluate(program: Command): void {
  const command = program
    .command('eval')
    .description('measure the mail models on labelled data; eval/README.md says what the folder holds')
    .requiredOption('--data <dir>', 'the folder')
    .option('--json', 'a JSON value a line')
    .action(async ({ data, json }) => {
      if (!statSync(data, { throwIfNoEntry: false })?.isDirectory()) {
        throw new MillraceError('usage', `${data}: no such folder`);
      }
      const { measure } = await import('../../eval/run.ts');
      const { rowOf } = await import('../../eval/figure.ts');
      for await (const figure of measure(data)) {
        print(json ? JSON.stringify(figure) : rowOf(figure));
      }
    });
  withHelp(command, { examples: ['millrace eval --data ~/labelled'] });
}
