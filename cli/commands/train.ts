import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { MillraceError } from '../../lib/errors.ts';
import { print, say } from '../terminal.ts';
import { withHelp } from './common.ts';

export function train(program: Command): void {
  const command = program
    .command('train <model>')
    .description('train a model that ships on labelled data, and print how well it does by cross-validation')
    .requiredOption('--data <dir>', 'the folder; eval/README.md says what it holds')
    .option('--out <dir>', 'where the model and its line of the manifest go; else where the shipped ones are')
    .option('--vectors <file>', 'vectors of words, for the models that can use them; docs/models says which')
    .option('--quick', 'no cross-validation: no figures, and a model that is not to be shipped')
    .action(async (name: string, { data, out, vectors, quick }) => {
      if (!statSync(data, { throwIfNoEntry: false })?.isDirectory()) {
        throw new MillraceError('usage', `${data}: no such folder`);
      }
      const { train: run } = await import('../../eval/train.ts');
      const { rowOf } = await import('../../eval/figure.ts');
      const { version, figures } = await run(name, { data, vectors, quick, say }, out);
      for (const figure of figures) print(rowOf(figure));
      print(`${name} ${version}`);
    });
  withHelp(command, { examples: ['millrace train sentiment --data ~/labelled --out ~/models'] });
}
