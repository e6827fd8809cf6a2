import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { MillraceError } from '../../lib/errors.ts';
import { checkModels, copyModels } from '../../lib/model-file.ts';
import { sample_domain } from '../../schemas/sample.ts';
import { withInstance } from '../instance.ts';
import type { Shadow } from '../shadow.ts';
import { print, printJson, say } from '../terminal.ts';
import { instanceCommand, positiveInteger, withHelp } from './common.ts';

export function shadow(program: Command): void {
  const command = instanceCommand(
    program,
    'shadow',
    'read history by candidate models, next to what was said of it live',
  )
    .option('--models <dir>', 'candidates, as `millrace train --out` writes them')
    .option('--config <file>', 'a configuration whose categories are tried; it also says which addresses are ours')
    .option('--days <n>', 'how far back', positiveInteger, 90)
    .option('--limit <n>', 'at most so many mails, the newest', positiveInteger, 100_000)
    .option('--examples <n>', 'how many of the mails that differ most are shown', positiveInteger, 20)
    .option('--publish', 'use the candidates from now on, once the differences were printed')
    .action(async options => {
      const folder = options.models === undefined ? null : resolve(options.models);
      if (folder === null && (options.config === undefined || options.publish)) {
        throw new MillraceError('usage', 'name the candidates: --models DIR, or --config FILE for categories alone');
      }
      if (folder !== null) {
        checkModels(folder);
        const { useModels } = await import('../../processors/models.ts');
        useModels(folder);
      }
      const { shadow: run } = await import('../shadow.ts');
      const { loadReading } = await import('../../config.ts');
      const { OwnCategories } = await import('../../processors/mail/own-categories.ts');
      const { organization, categories } = loadReading({
        ...(options.config && { file: options.config }),
        env: process.env,
      });
      const { addresses } = organization;
      // As `process` has them.
      const domains = [...organization.domains, sample_domain];
      const ours = { domains, addresses, ...(categories.length > 0 && { categories: new OwnCategories(categories) }) };
      const { days, limit, examples } = options;
      const progress = (read: number): void => say(`${read} mails read`);
      const found = await withInstance(options, client => run(client, { days, limit, examples, ours, progress }));
      if (options.json) printJson(found);
      else for (const line of report(found)) print(line);
      if (!options.publish || folder === null) return;
      const published = join(resolve(options.dataDir), 'models');
      const names = copyModels(folder, published);
      say(`published ${names.join(', ')} in ${published}; what processes from its next start on uses them`);
    });
  withHelp(command, {
    examples: ['millrace shadow --models ~/candidates', 'millrace shadow --config new-categories.yaml --days 30'],
  });
}

function* report(found: Shadow): Generator<string> {
  const share = (count: number): string => `${count} (${((100 * count) / Math.max(1, found.read)).toFixed(1)} %)`;
  yield `${found.read} mails`;
  for (const [model, version] of Object.entries(found.candidate_models)) {
    yield `  ${model}: ${found.live_models[model]?.join(', ') ?? 'none'} → ${version}`;
  }
  for (const name of ['sentiment', 'category'] as const) {
    yield `${name} differs in ${share(found.changed[name])}`;
    for (const [pair, count] of Object.entries(found[name])) yield `  ${String(count).padStart(7)}  ${pair}`;
  }
  const { mean_change, moved } = found.importance;
  yield `importance moves by ${mean_change.toFixed(1)} points on average, by 10 or more in ${share(moved)}`;
  if (found.examples.length > 0) yield 'the mails that differ most:';
  for (const { email_id, subject, changes } of found.examples) {
    const said = Object.entries(changes).map(([name, change]) => `${name} ${change}`);
    yield `  ${email_id}  ${subject.slice(0, 60)}  ${said.join(', ')}`;
  }
}
