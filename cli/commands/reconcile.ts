import type { Command } from 'commander';
import type { TopicRow } from '../client.ts';
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
    .option('--topics', 'read every topic too, and hold its records against the rows of its table')
    .option('--wait <seconds>', 'how long records in flight may take to settle', seconds, 60)
    .action(async options => {
      await withInstance(options, async client => {
        const settled = await waitUntilSettled(client, options.wait * 1000);
        const path = '/api/reconciliation/topics';
        const { topics } = options.topics ? await client.get<{ topics: TopicRow[] }>(path) : { topics: [] };
        report(settled, options.json, topics);
      });
    });
  withHelp(command, {
    examples: ['millrace reconcile', 'millrace reconcile --topics', 'millrace reconcile --json --wait 0'],
    failure: 'it failed or does not add up',
  });
}
