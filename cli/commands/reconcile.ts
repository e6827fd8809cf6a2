import type { Command } from 'commander';
import { withInstance } from '../instance.ts';
import { report } from '../report.ts';
import { waitUntilSettled } from '../settle.ts';
import { instanceCommand, seconds, withHelp } from './common.ts';

export function reconcile(program: Command): void {
  const command = instanceCommand(
    program,
    'reconcile',
    'show how what each source read has ended; exit 1 where it does not add up',
  )
    .option('--wait <seconds>', 'how long records in flight may take to settle', seconds, 60)
    .action(async options => {
      const settled = await withInstance(options, client => waitUntilSettled(client, options.wait * 1000));
      report(settled, options.json);
    });
  withHelp(command, {
    examples: ['millrace reconcile', 'millrace reconcile --json --wait 0'],
    failure: 'it failed or does not add up',
  });
}
